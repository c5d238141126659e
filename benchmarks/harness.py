"""What every benchmark shares: options, the machine, tables, goals, the exit code.

`python -m benchmarks.NAME [--quick] [--json]` prints the machine, the versions, how requests
arrive, tables of figures and the goals; it exits 1 when a goal is missed or was not measured.
"""

import argparse
import math
import os
import platform
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on one figure; `at_most` says on which side of the bound it must lie."""

    name: str
    value: float
    bound: float
    unit: str = ""
    at_most: bool = True

    @property
    def ok(self) -> bool:
        """A figure that could not be taken is not a number, and misses its goal."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def cells(self) -> Cells:
        """The goal as a row of a table."""
        sign = "<=" if self.at_most else ">="
        value = "not measured" if math.isnan(self.value) else f"{self.value:.2f} {self.unit}"
        return [
            self.name,
            value,
            f"{sign} {self.bound:g} {self.unit}",
            "ok" if self.ok else "MISSED",
        ]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as text; the first column names the row."""

    title: str
    columns: Cells
    rows: Sequence[Cells]

    def markdown(self) -> str:
        """The table with its columns padded, readable on a terminal and in a document."""
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [self.columns, ["-" * width for width in widths], *self.rows]
        text = "\n".join(_line(cells, widths) for cells in lines)
        return f"### {self.title}\n\n{text}\n"


def _line(cells: Cells, widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


@dataclass(slots=True)
class Report:
    """What a benchmark found; `arrival` says how requests arrive."""

    name: str
    arrival: str
    versions: Mapping[str, str]
    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every goal is met."""
        return all(goal.ok for goal in self.goals)

    def markdown(self, machine: Mapping[str, str]) -> str:
        """The report for a terminal, and for docs/performance.md."""
        goals = Table(
            "Goals", ["goal", "value", "bound", ""], [each.cells() for each in self.goals]
        )
        about = {**machine, **self.versions, "arrival": self.arrival}
        facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
        notes = "\n".join(f"- {note}" for note in self.notes)
        tables = "\n".join(table.markdown() for table in [*self.tables, goals])
        return f"## {self.name}\n\n{facts}\n\n{tables}" + (f"\n{notes}\n" if notes else "")

    def json(self, machine: Mapping[str, str]) -> dict[str, Any]:
        """The report for programs."""
        return {
            "name": self.name,
            "machine": machine,
            "versions": self.versions,
            "arrival": self.arrival,
            "tables": self.tables,
            "goals": [{**_plain(goal), "ok": goal.ok} for goal in self.goals],
            "notes": self.notes,
            "ok": self.ok,
        }


def _plain(goal: Goal) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(goal)
    return plain


def main(measure: Callable[[bool], Report], arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark as a command; `measure` is told whether to be quick. The exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    before, ticks = machine(), _ticks()
    report = measure(options.quick)
    about = {**before, "load after": _load(), "stolen": _stolen(ticks, _ticks())}
    if options.json:
        sys.stdout.write(msgspec.json.encode(report.json(about)).decode() + "\n")
    else:
        sys.stdout.write(report.markdown(about))
    return 0 if report.ok else 1


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """End as an exception does, so that servers and databases are stopped on the way."""
    raise SystemExit(128 + number)


def machine() -> dict[str, str]:
    """What the figures depend on, beside our own code."""
    cores = os.cpu_count() or 1
    return {
        "machine": f"{cores} cores shared by server, database and load generator; {_processor()}",
        "memory": f"{_memory_gib():.1f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load before": _load(),
    }


def versions(*distributions: str) -> dict[str, str]:
    """Versions of installed distributions, as one fact."""
    found = (f"{name} {metadata.version(name)}" for name in distributions)
    return {"versions": ", ".join(found)}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _ticks() -> list[int]:
    """What the cores did since the machine began: user, nice, system, idle, ..., stolen."""
    return [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def _stolen(before: Sequence[int], after: Sequence[int]) -> str:
    """How much the host gave to other guests, of the time in which ours had work."""
    spent = [each - earlier for earlier, each in zip(before, after, strict=True)]
    wanted = sum(spent) - spent[3]  # but for idle
    return f"{spent[7] / max(1, wanted):.1%} of the CPU time in which a core had work"


def _load() -> str:
    """Load averages: above the number of cores, somebody else was using them."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg()) + " (1, 5, 15 minutes)"
