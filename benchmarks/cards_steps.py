"""Where the cores' seconds go while a photo is read: `python -m benchmarks.cards_steps`.

One photo after another is read in this process, and the seconds of all threads are put down to
the steps of reading. They hardly depend on what else the machine does.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final

from benchmarks.cards_seconds import LIMIT_SECONDS, PHOTOS, folders, percentile, photos_of
from benchmarks.harness import Goal, Report, Table, main, versions
from forthwith.apps.cards.reading import local
from forthwith.integrations.ocr import codes, engine, outlines, quality
from forthwith.integrations.ocr.reader import load, read_page
from forthwith.integrations.ocr.settings import OcrSettings
from forthwith.platform import images

ROUNDS: Final = 2  # the quicker reading of each photo counts
SLOWEST: Final = 5
CORES: Final = 2  # that LIMIT_SECONDS is promised for
STEPS: Final[Mapping[str, tuple[Any, str]]] = {
    "decode": (images, "decode"),
    "find lines": (engine.Engine, "detect"),
    "way up": (engine.Engine, "upside_down"),
    "read lines": (engine.Engine, "recognise"),
    "find cards": (outlines, "find_outlines"),
    "find codes": (codes, "find_codes"),
    "judge photo": (quality, "judge"),
    "extract": (local, "extract_cards"),
}

Seconds = Mapping[str, float]
"""Of all cores together, by step; `all` of them, and what belongs to none."""


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read the example cards, and those of ../shared where they are."""
    threads = OcrSettings().threads
    report = Report(
        name="Seconds of the cores by step",
        arrival=f"one photo after another, read by {threads} threads",
        versions=versions("rapidocr", "onnxruntime"),
    )
    spent: dict[str, float] = defaultdict(float)
    for step, (owner, name) in STEPS.items():
        setattr(owner, name, _timed(step, getattr(owner, name), spent))
    load()
    for name, folder in folders().items():
        photos = photos_of(folder)[: PHOTOS[not quick]]
        readings = [min((_read(photo, spent) for _ in range(ROUNDS)), key=_all) for photo in photos]
        report.tables.append(_table(f"{name}, {len(photos)} photos", readings))
        slow = percentile([_all(reading) for reading in readings], 95)
        report.goals.append(Goal(f"{name}: p95", slow, CORES * LIMIT_SECONDS, "s of cores"))
    return report


def _timed(step: str, function: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*args, **options)
        finally:
            spent[step] += time.process_time() - begin

    return timed


def _read(photo: bytes, spent: dict[str, float]) -> Seconds:
    spent.clear()
    begin = time.process_time()
    local.extract_cards(read_page(photo))
    total = time.process_time() - begin
    return {**spent, "other": total - sum(spent.values()), "all": total}


def _all(seconds: Seconds) -> float:
    return seconds["all"]


def _table(title: str, readings: Sequence[Seconds]) -> Table:
    slowest = sorted(readings, key=_all)[-SLOWEST:]
    total = sum(map(_all, readings))
    rows = []
    for step in (*STEPS, "other", "all"):
        seconds = [reading.get(step, 0.0) for reading in readings]
        slow = sum(reading.get(step, 0.0) for reading in slowest) / len(slowest)
        figures = (sum(seconds) / len(seconds), percentile(seconds, 95), max(seconds), slow)
        share = f"{100 * sum(seconds) / total:.1f}"
        rows.append([step, share, *(f"{each:.3f}" for each in figures)])
    columns = ("step", "share, %", "mean s", "p95 s", "max s", f"mean s of the slowest {SLOWEST}")
    return Table(title, columns, rows)


if __name__ == "__main__":
    sys.exit(main(measure))
