"""The running server, as its pid file and the kernel tell it; no connection, no subprocess."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_STATUS_LINE = 7  # of postmaster.pid, counted from 0 (src/include/utils/pidfile.h)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says; after a crash it says so of a server that is gone."""

    data: Path
    pid: int
    status: str

    @property
    def is_alive(self) -> bool:
        """Whether this very server runs: not a zombie, and not a stranger with its old pid."""
        if not (_PROC / "self").exists():
            return _answers_signals(self.pid)
        if _state(self.pid) in ("", "Z", "X"):
            return False
        try:  # a postmaster works inside its data directory
            return (_PROC / str(self.pid) / "cwd").samefile(self.data)
        except PermissionError:
            return self._is_postgres_of_our_owner()
        except OSError:  # it has just ended
            return False

    @property
    def is_ready(self) -> bool:
        """Whether it takes connections: not in crash recovery, not stopping."""
        return self.status == "ready" and self.is_alive

    def _is_postgres_of_our_owner(self) -> bool:
        """The best guess for an owner in another group (newgrp), who may not see its folder."""
        process = _PROC / str(self.pid)
        try:
            same_user = process.stat().st_uid == self.data.stat().st_uid
            return same_user and (process / "comm").read_text() == "postgres\n"
        except OSError:  # it has just ended
            return False

    @property
    def is_zombie(self) -> bool:
        """Whether it is dead but not collected: its pid still exists and blocks the next start."""
        return _state(self.pid) == "Z"

    def collect(self) -> None:
        """Collect it if it is a child of this process, as every orphan is of pid 1."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)


def read_postmaster(data: Path) -> Postmaster | None:
    """The server that postmaster.pid names, or None: no file, or one just being written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].isdigit():
        return None
    status = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else "starting"
    return Postmaster(data, int(lines[0]), status)


def _state(pid: int) -> str:
    """The state letter of proc_pid_stat(5), or nothing when there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return stat.rpartition(")")[2].split()[0]


def _answers_signals(pid: int) -> bool:
    """What a system without /proc can tell: somebody has the pid."""
    try:
        with suppress(PermissionError):  # somebody else's, but alive
            os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
