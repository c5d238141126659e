"""Caches over each kind of store."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from cache_stores import empty, memory_cache, postgres_cache, redis_cache
from redis import Redis as BlockingRedis
from redis_server import RedisServer, redis_server_in

from forthwith.platform.upstream.cache import Cache


@pytest.fixture(scope="session")
def cache_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One redis-server for the cache tests of this process."""
    with redis_server_in(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_server(cache_redis: RedisServer) -> RedisServer:
    """The same, running and empty."""
    if cache_redis.process is None:
        cache_redis.start()
    with BlockingRedis.from_url(cache_redis.url) as client:
        client.flushall()
    return cache_redis


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis), "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """The tiers of the caches of a test."""
    return str(request.param)


@pytest.fixture
def address(request: pytest.FixtureRequest, kind: str) -> str:
    """Where the store of this kind is."""
    if kind == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        return server.url
    return str(request.getfixturevalue("dsn")) if kind == "postgres" else ""


@pytest.fixture
async def opening(kind: str, address: str) -> AsyncIterator[Callable[..., Any]]:
    """Opens caches of this kind; each is like that of another process."""
    caches = {"redis": redis_cache, "postgres": postgres_cache, "memory": memory_cache}
    if kind == "postgres":
        await empty(address)
    async with AsyncExitStack() as stack:
        yield lambda **more: stack.enter_async_context(caches[kind](address, **more))


@pytest.fixture
async def cache(opening: Callable[[], Any]) -> Cache:
    """One cache."""
    opened: Cache = await opening()
    return opened
