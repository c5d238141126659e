"""The embedded server as a process sees it: attach, use, keep alive, leave."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import binaries
from forthwith.platform.postgres.accounts import belongs_to_another
from forthwith.platform.postgres.cluster import START_SECONDS, Cluster
from forthwith.platform.postgres.locks import Hold, exclusive, lockers
from forthwith.platform.postgres.places import give_up_place

_LOCK_SECONDS = START_SECONDS + 60  # the one before us may be waiting for a crash recovery


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """Facts for `forthwith doctor`."""

    version: str
    """Of the wheel, such as 18.6.3; the server's own is its first two parts."""
    data_directory: Path
    socket_directory: Path
    log_file: Path
    account: str
    """The user that PostgreSQL runs as."""
    pid: int | None
    """Of the postmaster; None when it is down."""
    holders: tuple[int, ...]
    """Process ids that use the server; empty where the system does not tell (no /proc)."""


class EmbeddedServer:
    """This process's hold on the server; of many processes, the last to close stops it."""

    def __init__(self, root: Path, cluster: Cluster, hold: Hold) -> None:
        self._root = root
        self._cluster = cluster
        self._hold: Hold | None = hold
        self.dsn = cluster.dsn()
        """`postgresql://...?host=SOCKETDIR&port=5432` for asyncpg; the same after a restart."""

    @classmethod
    def start_or_attach(cls, root: Path) -> Self:
        """Start the server of `root`, or attach to it when it runs; blocks until it is ready.

        The first start makes the database (about a second). Any number of processes may call
        it at once, and each may die at any moment. As root, PostgreSQL runs as the owner of an
        existing database and as an unprivileged user otherwise.

        Args:
            root: a folder of its own for this database, made if absent; never shared by two
                machines or containers.

        Raises:
            Unavailable: with a sentence that says what to do; see `Cluster`.
        """
        root = root.resolve()
        with _start_lock(root) as lock:
            cluster = Cluster.of(root)
            cluster.account.adopt(lock)
            if not cluster.exists:
                cluster.make()
            cluster.dsn()  # a lost password is told before anything runs
            cluster.start()
            hold = Hold(root / "holders.lock")
            cluster.account.adopt(hold.descriptor)
            return cls(root, cluster, hold)

    def ensure_running(self) -> bool:
        """Start the server again if it died; True if this call did.

        Cheap while it runs (one file and one look at /proc, no subprocess): call it every
        second. Any number of processes may; one of them starts it, the others wait. After
        `close` it does nothing.

        Raises:
            Unavailable: it does not start, or its data directory is gone.
        """
        if (found := self._cluster.postmaster) and found.is_alive:
            self._cluster.bound_log()
            return False
        with _start_lock(self._root):
            if self._hold is None or ((found := self._cluster.postmaster) and found.is_alive):
                return False
            if not self._cluster.exists:
                raise Unavailable(f"{self._cluster.data} is gone. Restore it, and start again.")
            self._cluster.start()
            return True

    def status(self) -> ServerStatus:
        """What runs, where, and who uses it; no subprocess, no connection."""
        found = self._cluster.postmaster
        return ServerStatus(
            version=binaries.find().version,
            data_directory=self._cluster.data,
            socket_directory=self._cluster.socket_folder,
            log_file=self._cluster.log,
            account=self._cluster.account.name,
            pid=found.pid if found and found.is_alive else None,
            holders=lockers(self._root / "holders.lock"),
        )

    def close(self) -> None:
        """Leave; the last one to leave stops the server. A second call does nothing.

        The start lock is held until the server is down, so a newcomer waits and starts it
        again instead of attaching to a server that is being stopped.
        """
        if self._hold is None:
            return
        with _start_lock(self._root):
            self._leave()

    def discard(self) -> None:
        """Leave, and delete the database for good if nobody else uses it; for tests."""
        with _start_lock(self._root):
            if self._leave():
                self._cluster.delete()
                give_up_place(self._root, self._cluster.place)

    def _leave(self) -> bool:
        """Give up the hold; True when it was the last and the server has been stopped."""
        hold, self._hold = self._hold, None
        if hold is None or not hold.leave():
            return False
        self._cluster.stop()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def _start_lock(root: Path) -> Iterator[int]:
    """Hold the lock under which the server is started and stopped; refusals in one line."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with exclusive(root / "start.lock", timeout=_LOCK_SECONDS) as lock:
            yield lock
    except (OSError, subprocess.TimeoutExpired) as failed:
        visible = _nearest_visible(root)
        if isinstance(failed, PermissionError) and visible.stat().st_uid != os.geteuid():
            raise belongs_to_another(visible) from failed
        raise Unavailable(
            f"The embedded PostgreSQL cannot work in {root}: {failed}. "
            "Set FORTHWITH_HOME to a folder of a local disk with room, or set DATABASE_URL."
        ) from failed


def _nearest_visible(path: Path) -> Path:
    """The folder itself, or the closest one above that this user can see."""
    while not os.access(path, os.F_OK):
        path = path.parent
    return path
