"""Memory and PostgreSQL stay within their bytes, and no sweep holds up the loop."""

import asyncio
import gc
import time

from prometheus_client import REGISTRY

from forthwith.platform.db import Database
from forthwith.platform.upstream.cache import Cache, DurableTier, Memory, Policy

TEXT = Policy(namespace="bounded", into=str, ttl=600, jitter=0)


async def test_memory_stays_within_its_bytes() -> None:
    memory = Memory(1_000_000)
    cache = Cache(memory)
    for number in range(300):
        await cache.set(f"k{number}", "x" * 20_000, TEXT)

    assert 500_000 < memory.held_bytes <= 1_000_000


async def test_a_value_too_large_for_memory_is_simply_not_kept() -> None:
    cache = Cache(Memory(1_000_000))

    async def load() -> str:
        return "x" * 2_000_000

    assert len(await cache.get_or_load("k", load, TEXT)) == 2_000_000


async def test_a_hundred_thousand_keys_never_hold_up_the_loop() -> None:
    cache = Cache(Memory(200_000_000))
    for number in range(100_000):
        await cache.set(f"k{number}", "x", TEXT)
    stalls = []
    gc.freeze()  # what the tests before left behind is not ours to look through
    for _ in range(100):
        began, busy = time.perf_counter(), time.thread_time()
        await asyncio.sleep(0.005)
        await cache.set("k", "x", TEXT)
        await cache.invalidate(tag="nobody")
        stalls.append(time.thread_time() - busy)  # a busy machine's pauses are not ours
        assert time.perf_counter() - began < 5

    gc.unfreeze()
    assert max(stalls) < 0.005


async def test_postgres_is_purged_to_its_bytes_and_forgets_what_expired(db: Database) -> None:
    tier = DurableTier(db)
    cache = Cache(Memory(1_000_000), tiers=[tier])
    for number in range(20):
        await cache.set(f"k{number}", "x" * 1000, TEXT)
    await db.execute("update platform.cached_values set expires_at = now() where key like '%k1%'")
    await tier.purge(max_bytes=5_000)
    row = await db.fetchrow(
        "select sum(octet_length(blob)) as bytes, count(*) as kept from platform.cached_values"
    )

    assert row is not None
    assert 0 < row["bytes"] <= 5_000
    assert row["kept"] == 4


async def test_hits_and_misses_are_counted_by_tier_and_kind() -> None:
    cache = Cache(Memory(1_000_000))
    policy = Policy(namespace="counted", into=int, ttl=60)

    async def load() -> int:
        return 1

    for _ in range(3):
        await cache.get_or_load("k", load, policy)

    labels = {"tier": "memory", "kind": "counted"}
    assert REGISTRY.get_sample_value("cache_hits_total", labels) == 2
    assert REGISTRY.get_sample_value("cache_misses_total", labels) == 1
