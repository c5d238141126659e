"""Real processes that use one embedded PostgreSQL, and folders that clean up after it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

_CLIENT = """
import json, os, sys
from pathlib import Path
from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import EmbeddedServer, binaries

root, uid = Path(sys.argv[1]), int(sys.argv[2])
binaries.find()  # loads modules that another user may not reach below /root
if uid != os.geteuid():
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)

def obey(word):
    global server
    if word == "attach":
        server = EmbeddedServer.start_or_attach(root)
        return {"dsn": server.dsn, "pid": server.status().pid}
    if word == "ensure":
        return {"restarted": server.ensure_running()}
    server.close()
    return {"closed": True}

for line in sys.stdin:
    try:
        print(json.dumps(obey(line.strip())), flush=True)
    except Unavailable as refusal:
        print(json.dumps({"refusal": refusal.message}), flush=True)
"""


class Client:
    """A process that does as it is told: `attach`, `ensure`, `close`."""

    def __init__(self, root: Path, *, uid: int | None = None, prelude: str = "") -> None:
        user = str(os.geteuid() if uid is None else uid)
        self.process = subprocess.Popen(
            [sys.executable, "-c", prelude + _CLIENT, str(root), user],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, word: str) -> None:
        """Send a command without waiting."""
        assert self.process.stdin
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for the answer to the oldest open command."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the client died without a word"
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, word: str) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self.tell(word)
        return self.hear()

    def kill(self) -> None:
        """SIGKILL, and collect it."""
        self.process.kill()
        self.process.wait(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            with suppress(BrokenPipeError):
                stream.close()


@contextmanager
def acting_as(uid: int) -> Iterator[None]:
    """This process as another user, in the group of the same number; needs root."""
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@contextmanager
def reachable_root(*, mode: int = 0o755) -> Iterator[Path]:
    """A folder that every account can enter (pytest's tmp_path is private); no server survives."""
    base = Path(mkdtemp(prefix="forthwith-test-", dir="/tmp"))
    base.chmod(mode)
    root = base / "postgres"
    place = root
    try:
        yield root
    finally:
        if (root / "location").exists():
            place = Path((root / "location").read_text().strip())
        end_server(place)
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)


def postmaster_pid(place: Path) -> int | None:
    """The pid in postmaster.pid, alive or not."""
    try:
        return int((place / "data" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return None


def runs(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def end_server(place: Path) -> None:
    """Kill what a failed test left running on this place, and nothing else."""
    pid = postmaster_pid(place)
    if pid is None or not runs(pid):
        return
    if Path(f"/proc/{pid}/cwd").samefile(place / "data"):
        socket_folder = (place / "data" / "postmaster.pid").read_text().splitlines()[4]
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: not runs(pid))
        shutil.rmtree(socket_folder, ignore_errors=True)


def wait_until(condition: Callable[[], bool], *, timeout: float = 15.0) -> None:
    """Poll until it holds; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
