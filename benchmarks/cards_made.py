"""Made cards, read and counted: what the benchmarks of the card reader share."""

import itertools
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from benchmarks.harness import Table
from examples.cardmaker import languages, layouts
from forthwith.apps.cards.evaluation.measure import Answer, answers_of_card
from forthwith.apps.cards.reading import extract
from forthwith.apps.cards.reading.advice import advise
from forthwith.apps.cards.reading.calibration import calibrated_card
from forthwith.apps.cards.reading.scoring import Tally, score, total
from forthwith.apps.cards.reading.several import read_each
from forthwith.integrations.ocr.page import Page

FIELDS: Final = ("name", "company", "title", "email", "website", "numbers", "address")
EDGES: Final = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
SURE: Final = 0.9  # confidence of which at least as large a share must be right
PROCESSES: Final = 2
_CHUNK: Final = 10  # cards that a process takes at a time
_BATCH: Final = 20 * PROCESSES * _CHUNK  # cards between two looks at the clock


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


def layout_of(language: str, seed: int) -> str:
    """The layout of a seed; consecutive seeds go through all that suit the language."""
    suiting = layouts(language)
    return suiting[seed % len(suiting)]


def outcome(language: str, layout: str, label: Mapping[str, Any], page: Page) -> Outcome:
    """Extract the cards of a page and compare them with the label of the one it shows."""
    cards = [calibrated_card(card) for card in read_each(page, extract)]
    tallies, whole = total([score(cards, label["fields"])])
    answers = answers_of_card(cards[0], label["fields"]) if cards else []
    codes = [each.code for each in advise(page)]
    return Outcome(language, layout, tallies, bool(whole), len(cards), answers, codes)


def read_all(
    read: Callable[[str, int], Outcome], first: int, count: int, minutes: float
) -> list[Outcome]:
    """Read `count` cards of each language from seed `first` on, all languages in turns.

    After `minutes` no card is begun any more, and what was read is returned.
    """
    wanted = [(language, seed) for seed in range(first, first + count) for language in languages()]
    until = time.monotonic() + 60 * minutes
    found: list[Outcome] = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for start in range(0, len(wanted), _BATCH):
            if time.monotonic() > until:
                break
            batch = wanted[start : start + _BATCH]
            found += pool.map(read, *zip(*batch, strict=True), chunksize=_CHUNK)
            _tell(len(found), len(wanted))
    return found


def _tell(done: int, wanted: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {wanted}" + ("\n" if done == wanted else ""))


def tables(source: str, outcomes: Sequence[Outcome]) -> list[Table]:
    """Fields by language, by layout, and the pairs of both that are read worst."""
    by_language = [group.row(name) for name, group in _grouped(outcomes, "language")]
    by_language.append(Group(list(outcomes)).row("all"))
    weakest_first = sorted(_grouped(outcomes, "layout"), key=lambda pair: pair[1].whole)
    by_layout = [group.row(name) for name, group in weakest_first]
    pairs = _weakest_pairs(outcomes)
    return [
        Table(f"By language: {source}", COLUMNS, by_language),
        Table(f"By layout, weakest first: {source}", COLUMNS, by_layout),
        Table(f"Weakest pairs: {source}", ("", "cards", "whole", "least found, %"), pairs),
    ]


def _grouped(outcomes: Iterable[Outcome], by: str) -> list[tuple[str, Group]]:
    groups: defaultdict[str, Group] = defaultdict(Group)
    for each in outcomes:
        groups[getattr(each, by)].outcomes.append(each)
    return list(groups.items())


def _weakest_pairs(outcomes: Sequence[Outcome], count: int = 8) -> list[list[str]]:
    groups: defaultdict[str, Group] = defaultdict(Group)
    for each in outcomes:
        groups[f"{each.language}, {each.layout}"].outcomes.append(each)
    weakest = sorted(groups.items(), key=lambda pair: pair[1].whole)[:count]
    return [
        [name, str(len(group.outcomes)), f"{group.whole:.1f}", group.weakest_fields]
        for name, group in weakest
    ]


def calibration(source: str, outcomes: Sequence[Outcome]) -> Table:
    """What answers of each confidence were worth, per field."""
    answers = [answer for each in outcomes for answer in each.answers]
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
    return Table(f"Confidence: right, % (answers): {source}", columns, rows)


def _worth(answers: Sequence[Answer]) -> list[str]:
    cells = [str(len(answers)), f"{100 * statistics.fmean(each.right for each in answers):.1f}"]
    for name in FIELDS:
        right = [each.right for each in answers if each.field == name]
        cells.append(f"{100 * statistics.fmean(right):.1f} ({len(right)})" if right else "-")
    return cells


def least_right_when_sure(outcomes: Sequence[Outcome]) -> float:
    """Of answers that are `SURE`, the percent that is right, in the field where it is least."""
    sure: defaultdict[str, list[bool]] = defaultdict(list)
    for each in outcomes:
        for answer in each.answers:
            if answer.confidence >= SURE:
                sure[answer.field].append(answer.right)
    return min((100 * statistics.fmean(right) for right in sure.values()), default=float("nan"))


def share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float:
    """Percent of the cards."""
    return 100 * statistics.fmean(holds(each) for each in outcomes)
