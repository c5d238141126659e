"""A shared store that goes away and comes back: in-process limits stand in, and are counted."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis_server import RedisServer, redis_server_in

from forthwith.platform.errors import KeyRejected
from forthwith.platform.upstream.budgets import Key, KeyPool, Limiter, Limits, Standing, counters
from forthwith.platform.upstream.budgets.redis_store import RedisStore
from forthwith.platform.upstream.budgets.stand_in import RETRY_SECONDS, StandIn

pytestmark = pytest.mark.redis


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """A redis-server that this test may kill."""
    with redis_server_in(tmp_path) as server:
        yield server


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[StandIn]:
    """Redis with in-process limits behind it."""
    redis = Redis(unix_socket_path=server.socket)
    yield StandIn(RedisStore(redis))
    await redis.aclose()


def _stood_in() -> float:
    return counters.stood_in._value.get()


async def test_limits_hold_in_the_process_while_redis_is_away(
    server: RedisServer, store: StandIn
) -> None:
    limiter = Limiter("vendor", Limits(rpm=5), store=store)
    await limiter.acquire()
    server.kill()
    before = _stood_in()
    for _ in range(5):
        await limiter.acquire()

    assert await limiter.quote() > 50
    assert _stood_in() >= before + 5


async def test_redis_is_taken_back_by_itself(server: RedisServer, store: StandIn) -> None:
    limiter = Limiter("vendor", Limits(rpm=1_000), store=store)
    server.kill()
    await limiter.acquire()
    server.start()
    await asyncio.sleep(RETRY_SECONDS + 0.1)
    before = _stood_in()
    await limiter.acquire()

    assert _stood_in() == before
    assert (await limiter.store.read(limiter.pool)).accounts[0].parts[0][0] == 1


async def test_callers_in_line_are_served_while_redis_dies(
    server: RedisServer, store: StandIn
) -> None:
    limiter = Limiter("vendor", Limits(concurrency=2), store=store)
    served = 0

    async def call() -> None:
        nonlocal served
        async with await limiter.acquire():
            await asyncio.sleep(0.05)
            served += 1

    calls = [asyncio.create_task(call()) for _ in range(20)]
    await asyncio.sleep(0.12)
    server.kill()
    async with asyncio.timeout(20):
        await asyncio.gather(*calls)

    assert served == 20


async def test_a_rejected_key_stays_away_from_the_limits_that_stand_in(
    server: RedisServer, store: StandIn
) -> None:
    pool = KeyPool("vendor", [Key("one", "1"), Key("two", "2")], store=store)
    await pool.note("one", KeyRejected("401"))
    server.kill()

    assert {(await pool.lease()).alias for _ in range(4)} == {"two"}
    assert (await pool.status())[0].standing is Standing.RETIRED


async def test_a_store_that_is_away_costs_little_time(server: RedisServer, store: StandIn) -> None:
    limiter = Limiter("vendor", Limits(), store=store)
    server.kill()
    began = time.monotonic()
    for _ in range(200):
        await limiter.acquire()

    assert time.monotonic() - began < 2
