"""Advisory file locks: the kernel drops them with the process, however it dies.

Descriptors are close-on-exec (Python's default), so neither pg_ctl nor the postmaster
inherits one: a lock in the postmaster would keep the server alive for ever. A child made by
fork without exec does inherit them; processes of Forthwith are spawned.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forthwith.platform import clock
from forthwith.platform.errors import Unavailable

_POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """Open a lock file for reading and writing, making it with mode 0600; a descriptor."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


@contextmanager
def exclusive(path: Path, *, timeout: float) -> Iterator[int]:
    """Hold the lock file alone and yield its descriptor.

    Raises:
        Unavailable: another process kept it for more than `timeout` seconds.
    """
    descriptor = open_lock(path)
    try:
        _wait_for(descriptor, path, clock.monotonic() + timeout)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, deadline: float) -> None:
    """Poll rather than block: a stopped (SIGSTOP) process must not stop the others for ever."""
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if clock.monotonic() > deadline:
            others = ", ".join(map(str, lockers(path))) or "unknown"
            raise Unavailable(
                f"Another process (pid {others}) has been starting or stopping the embedded "
                f"PostgreSQL for too long. End it, then try again."
            )
        time.sleep(_POLL_SECONDS)


class Hold:
    """A shared lock that says: this process needs the server.

    Taken and given up inside the exclusive start lock only, so that nobody attaches to a
    server that is being stopped.
    """

    def __init__(self, path: Path) -> None:
        self.descriptor = open_lock(path)
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give the lock up; True when nobody else holds it."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(self.descriptor)


def lockers(path: Path) -> tuple[int, ...]:
    """Process ids that hold a flock on the file, as far as /proc/locks shows them."""
    try:
        table = Path("/proc/locks").read_text()
        inode = path.stat().st_ino
    except OSError:
        return ()
    held = re.findall(rf"^\d+: FLOCK +\S+ +\S+ +(\d+) \S+:{inode} ", table, re.MULTILINE)
    return tuple(sorted({int(pid) for pid in held}))
