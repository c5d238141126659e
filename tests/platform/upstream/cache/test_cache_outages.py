"""A shared tier that goes away costs hits, never a wrong value or an error."""

import asyncio
import random
import signal

import pytest
from cache_stores import redis_cache
from redis_server import RedisServer

from forthwith.platform.upstream.cache import MISSING, Cache, Policy

NUMBER = Policy(namespace="numbers", into=int, ttl=60)
TEXT = Policy(namespace="texts", into=str, ttl=60)


async def _is_taken_back(cache: Cache) -> None:
    """A value that only Redis can have is found."""
    async with asyncio.timeout(10):
        while cache._shared.of(cache._space(NUMBER))[0].is_away:
            await asyncio.sleep(0.02)


@pytest.mark.redis
async def test_redis_killed_and_restarted_under_load_gives_no_wrong_value_and_no_error(
    redis_server: RedisServer,
) -> None:
    stop = asyncio.Event()
    wrong: list[str] = []

    async def read(cache: Cache, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - makes a load, guards nothing
        while not stop.is_set():
            key = f"k{dice.randrange(50)}"

            async def load(key: str = key) -> str:
                await asyncio.sleep(0.001)
                return f"value of {key}"

            if await cache.get_or_load(key, load, TEXT) != f"value of {key}":
                wrong.append(key)
            if dice.random() < 0.1:
                await cache.delete(key, TEXT)
            await asyncio.sleep(0.002)

    async with redis_cache(redis_server.url) as here, redis_cache(redis_server.url) as there:
        readers = [
            asyncio.create_task(read(cache, seed)) for seed, cache in enumerate([here, there] * 5)
        ]
        await asyncio.sleep(0.3)
        redis_server.kill()
        await asyncio.sleep(0.7)
        redis_server.start()
        await asyncio.gather(_is_taken_back(here), _is_taken_back(there))
        await asyncio.sleep(0.3)
        stop.set()
        await asyncio.gather(*readers)

        assert wrong == []


@pytest.mark.redis
async def test_what_was_deleted_while_redis_was_frozen_is_gone_when_it_is_back(
    redis_server: RedisServer,
) -> None:
    async with redis_cache(redis_server.url) as here, redis_cache(redis_server.url) as there:
        await here.set("k", 1, NUMBER)
        await here.set("tagged", 1, NUMBER, tags=("shop",))
        assert redis_server.process is not None
        redis_server.process.send_signal(signal.SIGSTOP)
        await here.delete("k", NUMBER)
        await here.invalidate(tag="shop")
        redis_server.process.send_signal(signal.SIGCONT)
        await _is_taken_back(here)
        await _is_taken_back(there)

        assert await here.get("k", NUMBER) is MISSING
        assert await there.get("k", NUMBER) is MISSING
        assert await there.get("tagged", NUMBER) is MISSING


@pytest.mark.redis
async def test_many_values_are_one_round_trip(redis_server: RedisServer) -> None:
    async with redis_cache(redis_server.url) as here, redis_cache(redis_server.url) as there:
        names = {f"k{number}": number for number in range(100)}
        await here.set_many(names, NUMBER)
        await there.get("none", NUMBER)  # the connection is made
        client = there._shared._tiers[0]._tier._link.client  # type: ignore[attr-defined]
        before = (await client.info("stats"))["total_commands_processed"]
        found = await there.get_many(names, NUMBER)
        used = (await client.info("stats"))["total_commands_processed"] - before

        assert found == names
        assert used <= 3  # MGET, this INFO, and perhaps a probe of a subscription
