"""Stores to share: a Redis of the test's own."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from redis_server import RedisServer, redis_server_in


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One redis-server for the tests of this process."""
    with redis_server_in(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_socket(redis_server: RedisServer) -> str:
    """Where the test's Redis listens."""
    return redis_server.socket


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    """A client of an empty Redis."""
    client = Redis(unix_socket_path=redis_server.socket)
    await client.flushall()
    yield client
    await client.aclose()
