"""Caches as processes have them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.upstream.cache import Cache, DurableTier, Memory
from forthwith.platform.upstream.cache.redis_tier import RedisTier
from forthwith.platform.upstream.flights import PostgresFlights
from forthwith.platform.upstream.flights.redis_flights import RedisFlights
from forthwith.platform.upstream.redis_link import RedisLink
from forthwith.platform.upstream.redis_listener import RedisListener

MEMORY_BYTES = 10_000_000
SHARED = [pytest.param("redis", marks=pytest.mark.redis), "postgres"]
"""The kinds of caches that several processes share."""


@asynccontextmanager
async def beside(work: Callable[[], Any]) -> AsyncIterator[None]:
    """Something that runs for ever, while the block lasts."""
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def redis_cache(
    url: str, codec: Codec | None = None, *, lease_seconds: float = 6.0
) -> AsyncIterator[Cache]:
    """A cache as a process with Redis has it."""
    link = RedisLink(url)
    listener = RedisListener(link)
    flights = RedisFlights(link, lease_seconds=lease_seconds)
    cache = Cache(Memory(MEMORY_BYTES), tiers=[RedisTier(link, flights=flights)], codec=codec)
    await flights.open(listener)
    await cache.open(listener)
    async with beside(listener.run):
        await listener.connected.wait()
        await asyncio.sleep(0.05)  # the second channel
        yield cache
        await cache.close()
        await flights.close()
    await link.close()


@asynccontextmanager
async def postgres_cache(
    dsn: str, codec: Codec | None = None, *, lease_seconds: float = 6.0
) -> AsyncIterator[Cache]:
    """A cache as a process with PostgreSQL alone has it."""
    db = Database(dsn)
    await db.open()
    listener = Listener(db)
    flights = PostgresFlights(db, lease_seconds=lease_seconds)
    cache = Cache(Memory(MEMORY_BYTES), tiers=[DurableTier(db, flights=flights)], codec=codec)
    await flights.open(listener)
    await cache.open(listener)
    async with beside(listener.run):
        await listener.connected.wait()
        yield cache
        await cache.close()
        await flights.close()
    await db.close()


async def empty(dsn: str) -> None:
    """Delete what earlier tests kept."""
    db = Database(dsn)
    await db.open()
    await db.execute("truncate platform.cached_values, platform.cache_fences, platform.flights")
    await db.close()


@asynccontextmanager
async def memory_cache(_: str, codec: Codec | None = None, **__: float) -> AsyncIterator[Cache]:
    """A cache as a process without any server has it."""
    cache = Cache(Memory(MEMORY_BYTES), codec=codec)
    yield cache
    await cache.close()
