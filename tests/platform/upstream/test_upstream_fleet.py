"""Many processes, one vendor: what a fleet pays for, also when its leader is killed."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from cache.cache_stores import RedisServer
from paid_sandbox import Sandbox, sandbox
from redis import Redis as BlockingRedis
from support import ENCRYPTION_KEY, REPOSITORY

from forthwith.platform.db import Database

HERE = Path(__file__).parent
START_SECONDS = 80.0
END_SECONDS = 40.0

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


class Fleet:
    """Processes that share stores, a vendor, and a book of the calls that were sent."""

    def __init__(self, url: str, folder: Path, environment: dict[str, str]) -> None:
        self._url = url
        self._book = folder / "sent"
        self._book.touch()
        self._environment = environment
        self.processes: list[subprocess.Popen[str]] = []

    async def start(self, count: int, callers: int) -> None:
        """Start them and wait until all are ready."""
        script = HERE / "upstream_process.py"
        command = [sys.executable, str(script), self._url, str(self._book), str(callers)]
        for _ in range(count):
            self.processes.append(
                subprocess.Popen(  # noqa: ASYNC220 - starts at once
                    command,
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        async with asyncio.timeout(START_SECONDS):
            for process in self.processes:
                while await self._line(process) != "ready":
                    pass  # log lines

    def go(self) -> None:
        """Let all of them ask at once."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    async def leader(self) -> "subprocess.Popen[str]":
        """The process that sent the first call."""
        async with asyncio.timeout(END_SECONDS):
            while not self.senders():
                await asyncio.sleep(0.02)
        return next(each for each in self.processes if each.pid == self.senders()[0])

    def senders(self) -> list[int]:
        """Who has sent a call."""
        return [int(line) for line in self._book.read_text().split()]

    async def served(self, but: "subprocess.Popen[str] | None" = None) -> list[int]:
        """How many callers of each process got the right answer."""
        async with asyncio.timeout(END_SECONDS):
            return [await self._count(each) for each in self.processes if each is not but]

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.communicate()

    async def _count(self, process: "subprocess.Popen[str]") -> int:
        while not (line := await self._line(process)).isdigit():
            assert process.poll() is None, "it ended without an answer"
        return int(line)

    @staticmethod
    async def _line(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        return line.strip()


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on PATH")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=[pytest.param("redis", marks=pytest.mark.redis), "postgres"])
def environment(
    request: pytest.FixtureRequest, dsn: str, db: Database, tmp_path: Path
) -> dict[str, str]:
    """Of a process whose shared stores are in Redis, or in PostgreSQL alone."""
    path = [REPOSITORY / "tests", REPOSITORY, HERE]
    variables = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "FORTHWITH_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
    }
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        with BlockingRedis.from_url(server.url) as client:
            client.flushall()
        variables["REDIS_URL"] = server.url
    return {**os.environ, **variables}


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@pytest.fixture
def starting(
    vendor: Sandbox, environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[], Fleet]]:
    fleet = Fleet(vendor.url, tmp_path, environment)
    yield lambda: fleet
    fleet.end()


async def _charged(db: Database, calls: int) -> list[tuple[str, int]]:
    """What the ledger says, once it knows of so many calls."""
    sql = "select source, sum(calls)::int from platform.costs group by source order by source"
    async with asyncio.timeout(END_SECONDS):
        while True:
            rows = [(row[0], row[1]) for row in await db.fetch(sql)]
            if sum(count for _, count in rows) >= calls:
                return rows
            await asyncio.sleep(0.1)


async def test_a_thousand_equal_calls_in_four_processes_are_one_call(
    starting: Callable[[], Fleet], vendor: Sandbox, db: Database
) -> None:
    """And the ledger knows of one that was paid and 999 that were saved."""
    await vendor.behave(latency={"p50": 0.5, "p95": 0.5})
    fleet = starting()
    await fleet.start(4, 250)
    fleet.go()

    assert await fleet.served() == [250] * 4
    assert len(await vendor.log()) == 1
    charged = await _charged(db, 1_000)
    assert ("vendor", 1) in charged
    assert sum(count for _, count in charged) == 1_000


async def test_a_killed_leader_is_replaced_and_nobody_hangs(
    starting: Callable[[], Fleet], vendor: Sandbox
) -> None:
    """At most two calls: the one that died with its process, and one more."""
    await vendor.behave(latency={"p50": 1.0, "p95": 1.0})
    fleet = starting()
    await fleet.start(3, 100)
    fleet.go()
    leader = await fleet.leader()
    leader.kill()
    killed_at = time.monotonic()
    served = await fleet.served(but=leader)

    assert served == [100] * 2
    assert len(fleet.senders()) == 2
    assert time.monotonic() - killed_at < 20  # a lease of six seconds on a loaded machine
