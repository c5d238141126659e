"""Stores to share: a Redis of the test's own, the test database, memory."""

import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import RedisError


@dataclass
class RedisServer:
    """A redis-server on a socket of its own, that can be killed and started again."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def socket(self) -> str:
        return str(self.folder / "redis.sock")

    def start(self) -> None:
        options = f"--port 0 --unixsocket {self.socket} --save  --appendonly no --dir {self.folder}"
        self.process = subprocess.Popen(
            ["redis-server", *options.split(" ")], stdout=subprocess.DEVNULL
        )
        client = BlockingRedis(unix_socket_path=self.socket)
        while not _answers(client):
            time.sleep(0.02)
        client.close()

    def kill(self) -> None:
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


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One redis-server for the tests of this process."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on PATH")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A client of an empty Redis."""
    client = Redis(unix_socket_path=redis_server.socket)
    await client.flushall()
    yield client
    await client.aclose()
