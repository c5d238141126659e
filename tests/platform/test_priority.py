"""Slow work gives way, whether or not its process leads a session."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forthwith.platform.pool import ProcessPool

AUTOGROUP = Path("/proc/self/autogroup")
CHILD = """
import os, pathlib
from forthwith.platform.priority import give_way
give_way()
group = pathlib.Path("/proc/self/autogroup")
print(os.nice(0), group.read_text().split()[-1] if group.exists() else 0)
"""
has_autogroup = pytest.mark.skipif(
    not AUTOGROUP.exists(), reason="this kernel compares processes of all sessions"
)


def _niceness(*, leads_session: bool) -> list[int]:
    """Of a process that gave way, and of its session."""
    command = [sys.executable, "-c", CHILD]
    output = subprocess.check_output(command, text=True, start_new_session=leads_session)
    return [int(each) for each in output.split()]


def test_a_process_that_gives_way_lowers_itself() -> None:
    """On any kernel."""
    assert _niceness(leads_session=True)[0] == os.nice(0) + 5


async def test_readers_of_pictures_give_way() -> None:
    """A child of the pool, as it works."""
    async with ProcessPool(1) as pool:
        assert await pool.run(os.nice, 0) == os.nice(0) + 5


@has_autogroup
def test_a_process_that_leads_its_session_lowers_both() -> None:
    """Between sessions the kernel compares the sessions alone."""
    assert _niceness(leads_session=True)[1] == 5


@has_autogroup
def test_a_process_in_a_shell_lowers_itself_alone() -> None:
    """The shell and what else runs in it stay as they are."""
    own = int(AUTOGROUP.read_text(encoding="ascii").split()[-1])

    assert _niceness(leads_session=False)[1] == own
