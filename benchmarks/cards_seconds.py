"""Seconds a photo, ours and RapidOCR's defaults in turns: `python -m benchmarks.cards_seconds`.

Every photo is read by both, one after the other, each in a process of its own, so that what else
the machine does befalls both alike. Ours ends with contacts, RapidOCR with lines of text. Seconds
of the cores are those of all threads together; what else the machine does hardly touches them.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.harness import Goal, Report, Table, main, versions
from benchmarks.processes import REPOSITORY

ROUNDS: Final = (1, 3)  # quick, full
PHOTOS: Final = (8, None)  # of each folder
LIMIT_SECONDS: Final = 1.5  # of 95 % of the photos, on 2 idle cores
MOST: Final = 100
PERCENTILES: Final = (50, 95, MOST)
_PATTERNS: Final = ("*.jpg", "*.jpeg", "*.png")


class Spent(NamedTuple):
    """What one photo took: seconds on the clock, and seconds of all cores together."""

    seconds: float
    of_cores: float


Read = Callable[[bytes], Spent]
"""Reads a photo and tells what it took."""


def ours(photo: bytes) -> Spent:
    """From the file to contacts, as the worker does it."""
    from forthwith.apps.cards.reading import local  # noqa: PLC0415 - only in its own process
    from forthwith.integrations.ocr.reader import read_page  # noqa: PLC0415

    return _spent(lambda: local.extract_cards(read_page(photo)))


def rapidocr(photo: bytes) -> Spent:
    """From the file to lines of text, as the package does it when nothing is set."""
    engine = _defaults()
    return _spent(lambda: engine(photo))


def _spent(work: Callable[[], object]) -> Spent:
    begin, of_cores = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - begin, time.process_time() - of_cores)


@cache
def _defaults() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - only in its own process

    return RapidOCR(params={"Global.log_level": "critical"})


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read the example cards, and those of ../shared where they are."""
    report = Report(
        name="Seconds a photo of a card",
        arrival="one photo at a time; both readers take turns",
        versions=versions("rapidocr", "onnxruntime"),
    )
    for name, folder in folders().items():
        photos = photos_of(folder)[: PHOTOS[not quick]]
        mine, theirs = _in_turns(photos, ROUNDS[not quick])
        report.tables.append(_table(name, len(photos), mine, theirs))
        slow = percentile([each.seconds for each in mine], 95)
        report.goals.append(Goal(f"{name}: p95", slow, LIMIT_SECONDS, "s"))
        ratio = slow / percentile([each.seconds for each in theirs], 95)
        report.goals.append(Goal(f"{name}: p95, ours / RapidOCR", ratio, 1.0))
    return report


def folders() -> dict[str, Path]:
    """Folders of photos by the names they have in documents."""
    shared = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY / ".." / "shared"))
    folders = {
        "examples/cards": REPOSITORY / "examples" / "cards",
        "cards-dev": shared / "data" / "cards-dev",
    }
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


def photos_of(folder: Path) -> list[bytes]:
    """The photos of a folder, by name within each format."""
    return [path.read_bytes() for each in _PATTERNS for path in sorted(folder.glob(each))]


def _in_turns(photos: Sequence[bytes], rounds: int) -> tuple[list[Spent], list[Spent]]:
    """What every photo took in every round; who comes first changes with every photo."""
    spent: dict[Read, list[Spent]] = {ours: [], rapidocr: []}
    with ProcessPoolExecutor(1) as one, ProcessPoolExecutor(1) as other:
        pools = {ours: one, rapidocr: other}
        for read, pool in pools.items():
            pool.submit(read, photos[0]).result()  # models are loaded
        for turn, photo in enumerate(list(photos) * rounds):
            order = list(pools) if turn % 2 else list(reversed(pools))
            for read in order:
                spent[read].append(pools[read].submit(read, photo).result())
    return spent[ours], spent[rapidocr]


def _table(name: str, photos: int, mine: Sequence[Spent], theirs: Sequence[Spent]) -> Table:
    own, other = _figures(mine), _figures(theirs)
    rows = [
        ["ours, to contacts", str(len(mine)), *(f"{each:.2f}" for each in own)],
        ["RapidOCR(), to lines", str(len(theirs)), *(f"{each:.2f}" for each in other)],
        ["ours / RapidOCR", "", *(f"{a / b:.2f}" for a, b in zip(own, other, strict=True))],
    ]
    percentiles = [f"p{each}" if each < MOST else "max" for each in PERCENTILES]
    columns = [f"{each} s{of}" for of in ("", " of cores") for each in percentiles]
    return Table(f"{name}, {photos} photos", ["", "readings", *columns], rows)


def _figures(spent: Sequence[Spent]) -> list[float]:
    return [percentile(each, p) for each in zip(*spent, strict=True) for p in PERCENTILES]


def percentile(seconds: Sequence[float], percent: int) -> float:
    """A percentile; that of 100 is the largest."""
    if percent == MOST:
        return max(seconds)
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    sys.exit(main(measure))
