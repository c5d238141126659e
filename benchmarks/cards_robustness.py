"""How the card reader does on thousands of made cards: `python -m benchmarks.cards_robustness`.

Part one gives the extractor what a text reader would make of flat cards, with its mistakes; part
two draws photos and reads them for real. `--quick` takes 25 and 4 cards per language.
"""

import io
import itertools
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final, NamedTuple

from benchmarks.harness import Goal, Report, Table, main, versions
from benchmarks.printed_pages import page_of
from examples.cardmaker import compose, generate, languages, layouts
from forthwith.apps.cards.evaluation.measure import Answer, answers_of_card
from forthwith.apps.cards.reading import extract
from forthwith.apps.cards.reading.advice import advise
from forthwith.apps.cards.reading.scoring import Tally, score, total
from forthwith.apps.cards.reading.several import read_each
from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.reader import read_page

PRINTED: Final = (25, 2000)  # cards per language: quick, full
PHOTOS: Final = (4, 40)  # photos per language and level
LEVELS: Final = ("photo", "hard")
FIRST_SEED: Final = {"printed": 100_000, "photo": 200_000, "hard": 300_000}
FIELDS: Final = ("name", "company", "title", "email", "website", "numbers", "address")
EDGES: Final = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
PROCESSES: Final = 2


class Outcome(NamedTuple):
    """One card: what it was, how it was read."""

    language: str
    layout: str
    tallies: Mapping[str, Tally]
    whole: bool
    cards: int
    answers: Sequence[Answer]
    advice: Sequence[str] = ()


@dataclass
class Group:
    """Outcomes counted together, such as those of one language."""

    outcomes: list[Outcome] = field(default_factory=list)

    def row(self, name: str) -> list[str]:
        """Name, cards, whole cards, then recall and precision of each field in percent."""
        tallies = _sum(self.outcomes)
        cells = [_percents(tallies[each]) for each in FIELDS]
        return [name, str(len(self.outcomes)), f"{self.whole:.1f}", *cells]

    @property
    def whole(self) -> float:
        """Percent of cards of which name, company, mail and numbers are right."""
        return 100 * statistics.fmean(each.whole for each in self.outcomes)

    @property
    def weakest_fields(self) -> str:
        """The two fields that are found least."""
        tallies = _sum(self.outcomes)
        weakest = sorted(FIELDS, key=lambda name: tallies[name].recall)[:2]
        return ", ".join(f"{name} {100 * tallies[name].recall:.0f}" for name in weakest)


COLUMNS: Final = ("", "cards", "whole", *FIELDS)


def _sum(outcomes: Iterable[Outcome]) -> defaultdict[str, Tally]:
    sums: defaultdict[str, Tally] = defaultdict(Tally)
    for outcome in outcomes:
        for name, tally in outcome.tallies.items():
            sums[name].add(tally)
    return sums


def _percents(tally: Tally) -> str:
    return f"{100 * tally.recall:.1f}/{100 * tally.precision:.1f}"


def read_printed(language: str, seed: int) -> Outcome:
    """Read a card from its strings."""
    layout = _layout(language, seed)
    sheet, label = compose(seed, language, layout)
    return _outcome(language, layout, label, page_of(sheet, Random(seed)))  # noqa: S311 - repeatable


def read_photo(level: str, language: str, seed: int) -> Outcome:
    """Draw a photo of a card and read it."""
    layout = _layout(language, seed)
    picture, label = generate(seed, language, layout, level)
    photo = io.BytesIO()
    picture.save(photo, "JPEG", quality=90)
    return _outcome(language, layout, label, read_page(photo.getvalue()))


def _layout(language: str, seed: int) -> str:
    suiting = layouts(language)
    return suiting[seed % len(suiting)]


def _outcome(language: str, layout: str, label: Mapping[str, Any], page: Page) -> Outcome:
    cards = read_each(page, extract)
    tallies, whole = total([score(cards, label["fields"])])
    answers = answers_of_card(cards[0], label["fields"]) if cards else []
    codes = [each.code for each in advise(page)]
    return Outcome(language, layout, tallies, bool(whole), len(cards), answers, codes)


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read all cards and put the tables together."""
    index = 0 if quick else 1
    report = Report(
        name="The card reader on made cards",
        arrival="one card after another in each of two processes",
        versions=versions("rapidocr", "onnxruntime", "phonenumbers"),
    )
    printed = _read_all(read_printed, FIRST_SEED["printed"], PRINTED[index])
    report.tables += _tables("strings with a reader's mistakes", printed)
    report.tables.append(_calibration(printed))
    split = _share(printed, lambda outcome: outcome.cards > 1)
    report.goals.append(Goal("cards taken for several, strings", split, 1.0, "%"))
    for level in LEVELS:
        photos = _read_all(partial(read_photo, level), FIRST_SEED[level], PHOTOS[index])
        report.tables += _tables(f"photos, level `{level}`", photos)
        report.tables.append(_advice(level, photos))
        split = _share(photos, lambda outcome: outcome.cards > 1)
        report.goals.append(Goal(f"cards taken for several, `{level}`", split, 1.0, "%"))
    report.notes.append("Fields: recall/precision in percent by the lenient rule of the cards app.")
    report.notes.append("Whole: name, company, every e-mail and every number right, in percent.")
    return report


def _read_all(read: Callable[[str, int], Outcome], first: int, count: int) -> list[Outcome]:
    seeds = range(first, first + count)
    wanted = [(language, seed) for language in languages() for seed in seeds]
    found = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        chunk = max(1, min(50, len(wanted) // (4 * PROCESSES)))
        for outcome in pool.map(read, *zip(*wanted, strict=True), chunksize=chunk):
            found.append(outcome)
            _tell(len(found), len(wanted))
    return found


def _tell(done: int, wanted: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {wanted}" + ("\n" if done == wanted else ""))


def _tables(source: str, outcomes: Sequence[Outcome]) -> list[Table]:
    languages_, layouts_ = _grouped(outcomes, "language"), _grouped(outcomes, "layout")
    everything = Group(list(outcomes)).row("all")
    by_language = [*(group.row(name) for name, group in languages_), everything]
    weakest_first = sorted(layouts_, key=lambda pair: pair[1].whole)
    by_layout = [group.row(name) for name, group in weakest_first]
    pairs = _weakest_pairs(outcomes)
    return [
        Table(f"By language: {source}", COLUMNS, by_language),
        Table(f"By layout, weakest first: {source}", COLUMNS, by_layout),
        Table(f"Weakest pairs: {source}", ("", "cards", "whole", "least found, %"), pairs),
    ]


def _grouped(outcomes: Iterable[Outcome], by: str) -> list[tuple[str, Group]]:
    groups: defaultdict[str, Group] = defaultdict(Group)
    for outcome in outcomes:
        groups[getattr(outcome, by)].outcomes.append(outcome)
    return list(groups.items())


def _weakest_pairs(outcomes: Sequence[Outcome], count: int = 8) -> list[list[str]]:
    groups: defaultdict[str, Group] = defaultdict(Group)
    for outcome in outcomes:
        groups[f"{outcome.language}, {outcome.layout}"].outcomes.append(outcome)
    weakest = sorted(groups.items(), key=lambda pair: pair[1].whole)[:count]
    return [
        [name, str(len(group.outcomes)), f"{group.whole:.1f}", group.weakest_fields]
        for name, group in weakest
    ]


def _calibration(outcomes: Sequence[Outcome]) -> Table:
    """What answers of each confidence were worth, per field."""
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    rows = []
    for low, high in itertools.pairwise(EDGES):
        inside = [
            each
            for each in answers
            if low <= each.confidence < high or high == 1.0 <= each.confidence
        ]
        if inside:
            rows.append([f"{low:.2f}-{high:.2f}", *_worth(inside)])
    columns = ("confidence", "answers", "right", *FIELDS)
    return Table("Confidence against correctness: right, % (answers)", columns, rows)


def _worth(answers: Sequence[Answer]) -> list[str]:
    cells = [str(len(answers)), f"{100 * statistics.fmean(each.right for each in answers):.1f}"]
    for name in FIELDS:
        right = [each.right for each in answers if each.field == name]
        cells.append(f"{100 * statistics.fmean(right):.1f} ({len(right)})" if right else "-")
    return cells


def _advice(level: str, outcomes: Sequence[Outcome]) -> Table:
    """How many photos are advised to be taken again, and whether they had been read."""
    advised = [outcome for outcome in outcomes if outcome.advice]
    codes = sorted({code for outcome in advised for code in outcome.advice})
    rows = [_advised("any", advised, outcomes)]
    rows += [_advised(code, [o for o in advised if code in o.advice], outcomes) for code in codes]
    columns = ("advice", "photos", "% of all", "of these read whole")
    return Table(f"Advice to take again, level `{level}`", columns, rows)


def _advised(name: str, advised: Sequence[Outcome], of: Sequence[Outcome]) -> list[str]:
    whole = sum(outcome.whole for outcome in advised)
    return [name, str(len(advised)), f"{100 * len(advised) / len(of):.1f}", str(whole)]


def _share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float:
    return 100 * statistics.fmean(holds(outcome) for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(measure))
