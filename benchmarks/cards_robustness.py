"""The card reader on thousands of made cards: `python -m benchmarks.cards_robustness`.

The extractor is given what a text reader would make of flat cards, with its mistakes; no picture
is read. 2,000 cards per language, 25 with `--quick`; photos are in `benchmarks.cards_photos`.
"""

import sys
from random import Random
from typing import Final

from benchmarks.cards_made import (
    SURE,
    Outcome,
    calibration,
    layout_of,
    least_right_when_sure,
    outcome,
    read_all,
    share,
    tables,
)
from benchmarks.harness import Goal, Report, main, versions
from benchmarks.printed_pages import page_of
from examples.cardmaker import compose

CARDS: Final = (25, 2000)  # per language: quick, full
FIRST_SEED: Final = 120_000  # cards at which nobody looked
MINUTES: Final = 30.0
SOURCE: Final = "strings with a reader's mistakes"


def read_printed(language: str, seed: int) -> Outcome:
    """Read a card from its strings."""
    layout = layout_of(language, seed)
    sheet, label = compose(seed, language, layout)
    page = page_of(sheet, Random(seed))  # noqa: S311 - repeatable
    return outcome(language, layout, label, page)


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read all cards and put the tables together."""
    printed = read_all(read_printed, FIRST_SEED, CARDS[not quick], MINUTES)
    report = Report(
        name="The card reader on made cards",
        arrival="one card after another in each of two processes",
        versions=versions("phonenumbers", "rapidfuzz"),
    )
    report.tables += [*tables(SOURCE, printed), calibration(SOURCE, printed)]
    split = share(printed, lambda each: each.cards > 1)
    report.goals.append(Goal("cards taken for several", split, 1.0, "%"))
    sure = least_right_when_sure(printed)
    report.goals.append(Goal(f"right of confidence >= {SURE}, weakest field", sure, 90, "%", False))
    last = FIRST_SEED + CARDS[not quick] - 1
    report.notes.append(f"Cells: recall/precision in percent; seeds {FIRST_SEED} to {last}.")
    report.notes.append("Whole: name, company, every e-mail and every number right, in percent.")
    return report


if __name__ == "__main__":
    sys.exit(main(measure))
