"""The card reader on photos of made cards: `python -m benchmarks.cards_photos [--quick]`.

Level `photo` is an ordinary telephone photo; `hard` adds tilt, shadow, blur and noise up to what
a person would take again. Each photo is drawn and read for real, which takes a second or two.
"""

import io
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

from benchmarks.cards_made import Outcome, calibration, layout_of, outcome, read_all, share, tables
from benchmarks.harness import Goal, Report, Table, main, versions
from examples.cardmaker import generate
from forthwith.integrations.ocr.reader import read_page

PHOTOS: Final = (2, 40)  # per language and level: quick, full
FIRST_SEED: Final = {"photo": 200_000, "hard": 300_000}
MINUTES: Final = 15.0  # for each level


def read_photo(level: str, language: str, seed: int) -> Outcome:
    """Draw a photo of a card and read it."""
    layout = layout_of(language, seed)
    picture, label = generate(seed, language, layout, level)
    photo = io.BytesIO()
    picture.save(photo, "JPEG", quality=90)
    return outcome(language, layout, label, read_page(photo.getvalue()))


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read all photos and put the tables together."""
    report = Report(
        name="The card reader on photos of made cards",
        arrival="one photo after another in each of two processes",
        versions=versions("rapidocr", "onnxruntime", "phonenumbers"),
    )
    for level, first in FIRST_SEED.items():
        photos = read_all(partial(read_photo, level), first, PHOTOS[not quick], MINUTES)
        source = f"photos, level `{level}`"
        report.tables += [*tables(source, photos), calibration(source, photos)]
        report.tables.append(_advice(level, photos))
        split = share(photos, lambda each: each.cards > 1)
        report.goals.append(Goal(f"cards taken for several, `{level}`", split, 1.0, "%"))
    report.notes.append("Cells: recall/precision in percent.")
    return report


def _advice(level: str, outcomes: Sequence[Outcome]) -> Table:
    """How many photos are advised to be taken again, and whether they had been read."""
    advised = [each for each in outcomes if each.advice]
    codes = sorted({code for each in advised for code in each.advice})
    rows = [_advised("any", advised, outcomes)]
    rows += [_advised(code, [o for o in advised if code in o.advice], outcomes) for code in codes]
    columns = ("advice", "photos", "% of all", "of these read whole")
    return Table(f"Advice to take again, level `{level}`", columns, rows)


def _advised(name: str, advised: Sequence[Outcome], of: Sequence[Outcome]) -> list[str]:
    whole = sum(each.whole for each in advised)
    return [name, str(len(advised)), f"{100 * len(advised) / len(of):.1f}", str(whole)]


if __name__ == "__main__":
    sys.exit(main(measure))
