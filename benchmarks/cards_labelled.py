"""The card reader on labelled photos against its goals: `python -m benchmarks.cards_labelled`.

The figures of `forthwith cards evaluate`, as tables: the example cards of this repository, and the
photos of ../shared (or FORTHWITH_SHARED) where they are.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.cards_seconds import folders
from benchmarks.harness import Goal, Report, Table, main, versions
from forthwith.apps.cards import service
from forthwith.apps.cards.evaluation import Evaluation, evaluate, load_labels
from forthwith.apps.cards.evaluation.tables import misses
from forthwith.apps.cards.reading import local
from forthwith.platform.pool import ProcessPool

GOALS: Final = {
    "name": 95,
    "company": 92,
    "title": 95,
    "email": 98,
    "website": 96,
    "numbers": 95,
    "typed numbers": 92,
    "address": 85,
}
"""Recall in percent; the precision of every field has one goal."""
PRECISION: Final = 90
WHOLE: Final = 80
QUICK: Final = 10  # photos of each folder


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read every folder and put the tables together."""
    report = Report(
        name="The card reader on labelled photos",
        arrival="one photo after another, in one process",
        versions=versions("rapidocr", "onnxruntime", "phonenumbers"),
    )
    for name, folder in folders().items():
        found = asyncio.run(_evaluate(folder, QUICK if quick else None))
        report.tables += _tables(name, found)
        report.goals += _goals(name, found)
    return report


async def _evaluate(folder: Path, most: int | None) -> Evaluation:
    labels = dict(list(load_labels(folder).items())[:most])
    async with ProcessPool(1) as pool:
        await local.warm_up(pool)
        read = partial(service.read_photo, pool)
        return Evaluation(tuple([each async for each in evaluate(folder, labels, read)]))


def _tables(name: str, found: Evaluation) -> list[Table]:
    fields = [
        [
            field,
            str(tally.expected),
            f"{100 * tally.recall:.1f}",
            f"{100 * tally.precision:.1f}",
            f"{100 * tally.exact / tally.expected:.1f}",
        ]
        for field, tally in found.tallies.items()
    ]
    confidence = [
        [
            f"{each.low:.2f}-{each.high:.2f}",
            str(each.answers),
            f"{each.mean_confidence:.2f}",
            f"{100 * each.right:.1f}",
        ]
        for each in found.calibration
    ]
    missed = [[", ".join(misses(result)), result.file.stem] for result in found.results]
    photos = f"{name}, {len(found.results)} photos"
    columns = ("field", "labelled", "recall, %", "precision, %", "exact, %")
    return [
        Table(photos, columns, fields),
        Table(f"{name}: confidence", ("confidence", "answers", "mean", "right, %"), confidence),
        Table(f"{name}: photos with a miss", ("fields", "photo"), [m for m in missed if m[0]]),
    ]


def _goals(name: str, found: Evaluation) -> list[Goal]:
    tallies = found.tallies
    recall = [
        Goal(f"{name}: {field}, recall", 100 * tallies[field].recall, least, "%", at_most=False)
        for field, least in GOALS.items()
        if field in tallies
    ]
    least = min(100 * tally.precision for tally in tallies.values())
    whole = 100 * found.whole / len(found.results)
    return [
        *recall,
        Goal(f"{name}: least precision of a field", least, PRECISION, "%", at_most=False),
        Goal(f"{name}: whole cards", whole, WHOLE, "%", at_most=False),
    ]


if __name__ == "__main__":
    sys.exit(main(measure))
