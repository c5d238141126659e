"""The first minutes of a stranger: clone, `make run`, the printed curl, and a second start.

Wall time of the commands as printed in README.md, in an empty folder. Packages may come out of
pip's own store of earlier downloads, as the table says; the line to the registry is not ours.
"""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks import harness
from benchmarks.front_door import Door, opened
from benchmarks.harness import Goal, Report, Table
from benchmarks.processes import REPOSITORY

FIRST_SECONDS: Final = 120.0
AGAIN_SECONDS: Final = 5.0
CONTACT_SECONDS: Final = 3.0
_PHOTOS: Final = 4


def measure(quick: bool) -> Report:  # noqa: FBT001 - as the harness calls it
    """Do what a stranger does; there is no quicker form of it."""
    del quick
    with tempfile.TemporaryDirectory(prefix="forthwith-first-") as folder:
        checkout = Path(folder) / "forthwith"
        begin = time.perf_counter()
        command = ["git", "clone", "--quiet", str(REPOSITORY), str(checkout)]
        subprocess.run(command, check=True)  # noqa: S603 - ours
        cloned = time.perf_counter() - begin
        with opened(["make", "run"], checkout) as door:
            first = time.perf_counter() - begin - cloned
            contacts = [_contact_seconds(door) for _ in range(_PHOTOS)]
        begin = time.perf_counter()
        with opened(["make", "run"], checkout):
            again = time.perf_counter() - begin
    return _report(cloned, first, contacts, again)


def _contact_seconds(door: Door) -> float:
    """From pasting the printed command to a contact in the answer of the other one."""
    begin = time.perf_counter()
    door.send()
    door.finished()
    return time.perf_counter() - begin


def _report(cloned: float, first: float, contacts: list[float], again: float) -> Report:
    steps = [
        ["git clone", f"{cloned:.1f}"],
        ["first `make run` until it greets", f"{first:.1f}"],
        ["first photo to contact, at once after the greeting", f"{contacts[0]:.2f}"],
        ["median of the next ones", f"{statistics.median(contacts[1:]):.2f}"],
        ["second `make run` until it greets", f"{again:.1f}"],
    ]
    return Report(
        name="first_contact: a stranger's first minutes",
        arrival="one command after another",
        versions=harness.versions("uvicorn", "rapidocr"),
        tables=[Table("Wall time", ["step", "seconds"], steps)],
        goals=[
            Goal("first make run", first, FIRST_SECONDS, "s"),
            Goal("first photo to contact", contacts[0], CONTACT_SECONDS, "s"),
            Goal("second make run", again, AGAIN_SECONDS, "s"),
        ],
        notes=["pip and uv may have taken packages from their stores of earlier downloads"],
    )


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
