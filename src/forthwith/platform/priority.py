"""CPU priority: slow work gives way to the processes of the same machine that answer people."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

_NICENESS: Final = 5  # a third of the CPU time of a process that answers, while both want a core


def give_way() -> None:
    """Let other processes have the cores first; nothing is slower where cores are free.

    Linux on a machine with a desktop or a shell compares `nice` values within a session only
    (autogroup, sched(7)). So a process that leads its session, as a supervisor starts it, lowers
    the session too. Where cgroups share out the CPU (containers, systemd) their weights decide.
    """
    if sys.platform == "win32":
        return
    os.nice(_NICENESS)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # no autogroup here
            Path("/proc/self/autogroup").write_text(str(_NICENESS), encoding="ascii")
