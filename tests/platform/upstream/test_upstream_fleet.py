"""Many processes, one vendor: what a fleet pays for, also when its leader is killed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from callers import END_SECONDS, Callers
from paid_sandbox import Sandbox, sandbox
from redis import Redis as BlockingRedis
from redis_server import RedisServer, redis_server_in
from support import ENCRYPTION_KEY, JWT_SECRET, REPOSITORY

from forthwith.platform.db import Database

HERE = Path(__file__).parent

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


class Fleet(Callers):
    """Processes that ask one vendor."""

    def __init__(self, url: str, folder: Path, environment: dict[str, str]) -> None:
        self._shared = (url, folder / "sent")
        super().__init__(HERE / "upstream_process.py", folder / "sent", environment)

    async def start_with(self, count: int, callers: int) -> None:
        """Start them, each with so many callers."""
        await self.start(count, *self._shared, callers)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server_in(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=[pytest.param("redis", marks=pytest.mark.redis), "postgres"])
def environment(
    request: pytest.FixtureRequest, dsn: str, db: Database, tmp_path: Path
) -> dict[str, str]:
    """Of a process whose shared stores are in Redis, or in PostgreSQL alone."""
    path = [REPOSITORY / "tests", REPOSITORY, HERE]
    variables = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
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
    await fleet.start_with(4, 250)
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
    await fleet.start_with(3, 100)
    fleet.go()
    leader = await fleet.leader()
    leader.kill()
    killed_at = time.monotonic()
    served = await fleet.served(but=leader)

    assert served == [100] * 2
    assert len(fleet.payers()) == 2
    assert time.monotonic() - killed_at < 20  # a lease of six seconds on a loaded machine
