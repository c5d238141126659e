"""Slow work gives way, whether or not its process leads a session."""

import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")
CHILD = """
import os, pathlib
from forthwith.platform.priority import give_way
give_way()
print(os.nice(0), pathlib.Path("/proc/self/autogroup").read_text().split()[-1])
"""

pytestmark = pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no autogroup")


def _niceness(*, leads_session: bool) -> list[int]:
    """Of a process that gave way, and of its session."""
    command = [sys.executable, "-c", CHILD]
    output = subprocess.check_output(command, text=True, start_new_session=leads_session)
    return [int(each) for each in output.split()]


def test_a_process_that_leads_its_session_lowers_both() -> None:
    """Between sessions the kernel compares the sessions alone."""
    assert _niceness(leads_session=True) == [5, 5]


def test_a_process_in_a_shell_lowers_itself_alone() -> None:
    """The shell and what else runs in it stay as they are."""
    own = int(AUTOGROUP.read_text(encoding="ascii").split()[-1])

    assert _niceness(leads_session=False) == [5, own]
