"""Slow work gives way, whether or not its process leads a session."""

import os
import subprocess
import sys
from typing import NamedTuple

import pytest

from forthwith.platform.pool import ProcessPool

CHILD = """
import os, pathlib
from forthwith.platform.priority import give_way
group = pathlib.Path("/proc/self/autogroup")
session = lambda: group.read_text().strip() if group.exists() else ""
before = session()
give_way()
print(os.nice(0), before, session(), sep=",")
"""


class _Lowered(NamedTuple):
    """A process that gave way, and how the kernel names its session before and after.

    A session has no name where the kernel compares the processes of all sessions, nor where a
    container's first process has never been given one.
    """

    niceness: int
    before: str
    after: str


def _give_way(*, leads_session: bool) -> _Lowered:
    command = [sys.executable, "-c", CHILD]
    output = subprocess.check_output(command, text=True, start_new_session=leads_session)
    niceness, before, after = output.strip().split(",")
    return _Lowered(int(niceness), before, after)


def test_a_process_that_gives_way_lowers_itself() -> None:
    """On any kernel."""
    assert _give_way(leads_session=True).niceness == os.nice(0) + 5


async def test_readers_of_pictures_give_way() -> None:
    """A child of the pool, as it works."""
    async with ProcessPool(1) as pool:
        assert await pool.run(os.nice, 0) == os.nice(0) + 5


def test_a_process_that_leads_its_session_lowers_both() -> None:
    """Between sessions the kernel compares the sessions alone."""
    lowered = _give_way(leads_session=True)

    if not lowered.before:
        pytest.skip("this kernel compares processes of all sessions")
    assert lowered.after.endswith(" nice 5")


def test_a_process_in_a_shell_lowers_itself_alone() -> None:
    """The shell and what else runs in it stay as they are."""
    lowered = _give_way(leads_session=False)

    assert lowered.after == lowered.before
