"""A redis-server of a test's own, that can be killed and started again."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis as BlockingRedis
from redis.exceptions import RedisError


@dataclass
class RedisServer:
    """A redis-server on a socket of its own, that can be killed and started again."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def socket(self) -> str:
        """Where it listens."""
        return str(self.folder / "redis.sock")

    @property
    def url(self) -> str:
        """The same, as clients take it."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        program = shutil.which("redis-server") or "redis-server"
        options = ["--port", "0", "--unixsocket", self.socket, "--save", ""]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        client = BlockingRedis(unix_socket_path=self.socket)
        while not _answers(client):
            time.sleep(0.02)
        client.close()

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def _answers(client: BlockingRedis) -> bool:
    try:
        client.ping()
    except RedisError:
        return False
    return True


@contextmanager
def redis_server_in(folder: Path) -> Iterator[RedisServer]:
    """One that runs while the block lasts; skips where none is installed."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on PATH")
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
