"""Reading from Redis over one connection: order, leaving, a late server, a new one."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from redis.exceptions import RedisError, ResponseError
from redis_server import RedisServer

from forthwith.platform.upstream.cache.redis_reads import RedisReads
from forthwith.platform.upstream.redis_link import RedisLink

pytestmark = pytest.mark.redis


@pytest.fixture
async def link(redis_server: RedisServer) -> AsyncIterator[RedisLink]:
    """Connections to a Redis with k0 to k99."""
    link = RedisLink(redis_server.url)
    await link.client.mset({f"k{number}": str(number) for number in range(100)})
    yield link
    await link.close()


async def test_all_who_ask_at_once_get_their_own_replies(link: RedisLink) -> None:
    reads = RedisReads(link)
    asked = (reads.mget([f"k{number}", "absent"]) for number in range(100))

    assert await asyncio.gather(*asked) == [[str(number).encode(), None] for number in range(100)]


async def test_reads_at_once_share_one_connection(link: RedisLink) -> None:
    before = (await link.client.info("clients"))["connected_clients"]
    reads = RedisReads(link)
    await asyncio.gather(*(reads.mget(["k1"]) for _ in range(100)))

    assert (await link.client.info("clients"))["connected_clients"] == before + 1


async def test_a_caller_who_leaves_takes_no_reply_of_another_along(link: RedisLink) -> None:
    reads = RedisReads(link)
    await reads.mget(["k0"])
    asked = [asyncio.create_task(reads.mget([f"k{number}"])) for number in range(10)]
    await asyncio.sleep(0)  # all are sent
    asked[0].cancel()

    assert await asyncio.gather(*asked[1:]) == [[str(number).encode()] for number in range(1, 10)]


async def test_an_error_of_redis_is_raised_and_the_next_read_goes_on(link: RedisLink) -> None:
    reads = RedisReads(link)
    with pytest.raises(ResponseError):
        await reads.mget([])

    assert await reads.mget(["k1"]) == [b"1"]


async def test_a_frozen_redis_fails_in_time_and_is_read_again_later(
    link: RedisLink, redis_server: RedisServer
) -> None:
    reads = RedisReads(link)
    await reads.mget(["k1"])
    assert redis_server.process is not None
    redis_server.process.send_signal(signal.SIGSTOP)
    async with asyncio.timeout(5):
        with pytest.raises(RedisError):
            await reads.mget(["k1"])
    redis_server.process.send_signal(signal.SIGCONT)

    assert await reads.mget(["k1"]) == [b"1"]


async def test_a_redis_that_was_replaced_is_read_without_a_failure(
    link: RedisLink, redis_server: RedisServer
) -> None:
    reads = RedisReads(link)
    await reads.mget(["k1"])
    redis_server.kill()
    redis_server.start()
    await asyncio.sleep(0.05)  # the loop hears of the end

    assert await reads.mget(["k1"]) == [None]
