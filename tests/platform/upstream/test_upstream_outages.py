"""Redis and PostgreSQL are killed and restarted under load: no caller notices, nothing is lost."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from faults.postgres_clients import reachable_root
from paid_sandbox import Answering, Sandbox, answering, keys, sandbox
from redis_server import RedisServer, redis_server_in
from support import ENCRYPTION_KEY, JWT_SECRET

from forthwith.migrations.upgrade import upgrade
from forthwith.platform import context, ids
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, opened
from forthwith.platform.events import Listener
from forthwith.platform.jobs.engine import install
from forthwith.platform.postgres import EmbeddedServer
from forthwith.platform.upstream import Limits
from forthwith.platform.upstream.opening import FleetStores, fleet_stores

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

QUESTIONS = 200
CALLERS = 12
SETTLE_SECONDS = 30.0


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as running:
        await running.behave(latency={"p50": 0.01, "p95": 0.03})
        yield running


@pytest.fixture
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server_in(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedServer]:
    """A server of the test's own, that it may kill."""
    with reachable_root() as root, EmbeddedServer.start_or_attach(root) as server:
        asyncio.run(_migrate(server.dsn))
        yield server


async def _migrate(dsn: str) -> None:
    await upgrade(Database(dsn).connect, install)


@asynccontextmanager
async def fleet_member(
    dsn: str, monkeypatch: pytest.MonkeyPatch, home: Path, **environment: str
) -> AsyncGenerator[FleetStores]:
    """The stores of a process of a fleet."""
    required = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
    }
    for name, value in (required | environment | {"FORTHWITH_HOME": str(home)}).items():
        monkeypatch.setenv(name, value)
    codec = Codec([bytes.fromhex(ENCRYPTION_KEY)])
    async with opened(Database(dsn)) as db:
        listener = Listener(db)
        listening = asyncio.create_task(listener.run())
        async with fleet_stores(PlatformSettings(), db, codec, listener) as stores:
            yield stores
        listening.cancel()


class Load:
    """Callers who ask one of many questions again and again."""

    def __init__(self, answers: Answering) -> None:
        self._answers = answers
        self._stop = asyncio.Event()
        self.wrong: list[str] = []
        self.asked = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While the block lasts; an error of any caller is raised at its end."""
        async with asyncio.TaskGroup() as group:
            for number in range(CALLERS):
                group.create_task(self._ask(number))
            yield
            self._stop.set()

    async def more(self, count: int) -> None:
        """Wait for so many more answers."""
        wanted = self.asked + count
        async with asyncio.timeout(SETTLE_SECONDS):
            while self.asked < wanted:
                await asyncio.sleep(0.02)

    async def _ask(self, number: int) -> None:
        context.run.set(context.RunContext(ids.new(), "cards.read", ids.new(), lambda: None))
        dice = random.Random(number)  # noqa: S311 - makes a load, guards nothing
        while not self._stop.is_set():
            question = f"question {dice.randrange(QUESTIONS)}"
            answer = await self._answers.ask(question, is_kept=dice.random() < 0.7)
            self.asked += 1
            if answer != question[::-1]:
                self.wrong.append(answer)


async def _ledger(dsn: str) -> Counter[str]:
    """Calls by source, as the ledger has them."""
    async with opened(Database(dsn)) as db:
        rows = await db.fetch(
            "select source, sum(calls)::int as calls from platform.costs group by 1"
        )
    return Counter({row["source"]: row["calls"] for row in rows})


@pytest.mark.redis
async def test_redis_is_killed_and_restarted_under_load(
    vendor: Sandbox,
    redis_server: RedisServer,
    dsn: str,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Limits, breaker, cache and coalescing go on in the process, and return to Redis."""
    limited = keys(3, Limits(concurrency=8))
    async with (
        fleet_member(dsn, monkeypatch, tmp_path, REDIS_URL=redis_server.url) as stores,
        answering(vendor.url, stores, of=limited) as answers,
    ):
        load = Load(answers)
        async with load.running():
            await load.more(300)
            redis_server.kill()
            await load.more(300)
            redis_server.start()
            await load.more(300)
            assert stores.redis is not None
            async with asyncio.timeout(SETTLE_SECONDS):
                while not await stores.redis.client.exists("forthwith:budget:metered"):
                    await asyncio.sleep(0.05)
    sent = len(await vendor.log())

    assert load.wrong == []
    assert set(await vendor.outcomes()) == {"200"}
    assert (await _ledger(dsn))["vendor"] == sent
    assert (await _ledger(dsn)).total() == load.asked


async def test_postgresql_is_killed_and_restarted_under_load(
    vendor: Sandbox,
    postgres: EmbeddedServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Without Redis it keeps everything that is shared; each call is in the ledger all the same."""
    async with (
        fleet_member(postgres.dsn, monkeypatch, tmp_path) as stores,
        answering(vendor.url, stores, of=keys(3, Limits(concurrency=8))) as answers,
    ):
        load = Load(answers)
        async with load.running():
            await load.more(200)
            pid = postgres.status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await load.more(200)
            await asyncio.to_thread(postgres.ensure_running)
            await load.more(200)
    sent = len(await vendor.log())
    ledger = await _ledger(postgres.dsn)

    assert load.wrong == []
    assert set(await vendor.outcomes()) == {"200"}
    assert ledger["vendor"] == sent
    assert ledger.total() == load.asked
