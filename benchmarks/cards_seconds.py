"""Seconds a photo, ours and RapidOCR's defaults in turns: `python -m benchmarks.cards_seconds`.

Every photo is read by both, one after the other, each in a process of its own, so that what else
the machine does befalls both alike. Ours ends with contacts, RapidOCR with lines of text.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import Goal, Report, Table, main, versions
from benchmarks.processes import REPOSITORY

ROUNDS: Final = (1, 3)  # quick, full
PHOTOS: Final = (8, None)  # of each folder
LIMIT_SECONDS: Final = 1.5  # of 95 % of the photos, on 2 idle cores
_PATTERNS: Final = ("*.jpg", "*.jpeg", "*.png")

Read = Callable[[bytes], float]
"""Reads a photo and tells the seconds it took."""


def ours(photo: bytes) -> float:
    """From the file to contacts, as the worker does it."""
    from forthwith.apps.cards.reading import local  # noqa: PLC0415 - only in its own process
    from forthwith.integrations.ocr.reader import read_page  # noqa: PLC0415

    begin = time.perf_counter()
    local.extract_cards(read_page(photo))
    return time.perf_counter() - begin


def rapidocr(photo: bytes) -> float:
    """From the file to lines of text, as the package does it when nothing is set."""
    engine = _defaults()
    begin = time.perf_counter()
    engine(photo)
    return time.perf_counter() - begin


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
        paths = [path for pattern in _PATTERNS for path in sorted(folder.glob(pattern))]
        photos = [path.read_bytes() for path in paths[: PHOTOS[not quick]]]
        mine, theirs = _in_turns(photos, ROUNDS[not quick])
        report.tables.append(_table(name, len(photos), mine, theirs))
        slow = _percentile(mine, 95)
        report.goals.append(Goal(f"{name}: p95", slow, LIMIT_SECONDS, "s"))
        ratio = slow / _percentile(theirs, 95)
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


def _in_turns(photos: Sequence[bytes], rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of every photo and round; who comes first changes with every photo."""
    seconds: dict[Read, list[float]] = {ours: [], rapidocr: []}
    with ProcessPoolExecutor(1) as one, ProcessPoolExecutor(1) as other:
        pools = {ours: one, rapidocr: other}
        for read, pool in pools.items():
            pool.submit(read, photos[0]).result()  # models are loaded
        for turn, photo in enumerate(list(photos) * rounds):
            order = list(pools) if turn % 2 else list(reversed(pools))
            for read in order:
                seconds[read].append(pools[read].submit(read, photo).result())
    return seconds[ours], seconds[rapidocr]


def _table(name: str, photos: int, mine: Sequence[float], theirs: Sequence[float]) -> Table:
    rows = [
        [reader, str(len(seconds)), *(f"{_percentile(seconds, p):.2f}" for p in (50, 95, 100))]
        for reader, seconds in (("ours, to contacts", mine), ("RapidOCR(), to lines", theirs))
    ]
    ratios = [f"{_percentile(mine, p) / _percentile(theirs, p):.2f}" for p in (50, 95, 100)]
    columns = ("", "readings", "p50 s", "p95 s", "max s")
    return Table(f"{name}, {photos} photos", columns, [*rows, ["ours / RapidOCR", "", *ratios]])


def _percentile(seconds: Sequence[float], percent: int) -> float:
    if percent in {50, 100}:
        return statistics.median(seconds) if percent == 50 else max(seconds)  # noqa: PLR2004
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    sys.exit(main(measure))
