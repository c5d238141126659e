"""A redis-server of the benchmark's own, for the peers that need one."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import processes

_READY_SECONDS = 10.0
WHY_NOT = "redis-server is not on PATH (Debian: apt-get install redis-server)"


@contextmanager
def redis_server(folder: Path) -> Iterator[int | None]:
    """Its port; it keeps an append-only file, flushed each second. None where not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    with processes.running(command, folder / "redis.log", {}):
        _wait_for(port)
        yield port


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
