"""Counting requests in sliding windows: in memory, in the database, in Redis."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from limiting import MINUTE, calm, hits
from redis_server import redis_server_in

from forthwith.platform import clock
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.identity.redis_counts import RedisStore
from forthwith.platform.identity.shared_counts import DatabaseStore, SharedCounts
from forthwith.platform.identity.windows import Limit, MemoryCounts, RequestCounts
from forthwith.platform.upstream.redis_link import RedisLink


@pytest.fixture(params=["memory", "database", "redis"])
async def counts(
    request: pytest.FixtureRequest, db: Database, codec: Codec, tmp_path: Path
) -> AsyncIterator[RequestCounts]:
    """Counts of every kind."""
    if request.param == "memory":
        yield MemoryCounts()
    elif request.param == "database":
        yield SharedCounts(DatabaseStore(db), codec)
    else:
        with redis_server_in(tmp_path) as server:
            link = RedisLink(server.url)
            yield SharedCounts(RedisStore(link), codec)
            await link.close()


async def test_exactly_as_many_are_allowed_as_the_limit_says(counts: RequestCounts) -> None:
    await calm(60)

    assert await hits(counts, MINUTE, "one", 150) == 100


async def test_subjects_and_limits_are_counted_apart(counts: RequestCounts) -> None:
    await calm(60)
    for limit in (MINUTE, Limit("documents", 10), Limit("basic", 3)):
        for subject in ("one", "two"):
            assert await hits(counts, limit, subject, 120) == limit.requests


async def test_who_was_refused_is_told_when_to_return_and_then_let_in(
    counts: RequestCounts,
) -> None:
    limit = Limit("short", 5, 2)
    await hits(counts, limit, "one", 10)
    refused = await counts.hit(limit, "one")

    await asyncio.sleep(refused.resets_in + 0.45)
    allowed = [await counts.hit(limit, "one") for _ in range(3)]

    assert not refused.allowed
    assert 0 < refused.resets_in <= 2
    assert any(standing.allowed for standing in allowed)


async def test_what_is_left_is_told(counts: RequestCounts) -> None:
    await calm(60)
    first, second = await counts.hit(MINUTE, "one"), await counts.hit(MINUTE, "one")

    assert (first.remaining, second.remaining) == (99, 98)
    assert 0 < second.resets_in <= 60


def test_no_two_windows_ever_hold_more_than_the_limit_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sliding: at any moment, what was let in during the last minute is bounded."""
    now, source = 1000.0, random.Random(7)  # noqa: S311 - arrivals
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    counts, limit, let_in = MemoryCounts(), Limit("minute", 20), []
    for _ in range(4000):
        now += source.expovariate(1.0)
        if asyncio.run(counts.hit(limit, "one")).allowed:
            let_in.append(now)
        last_minute = sum(moment > now - 60 for moment in let_in)
        assert last_minute <= 2 * limit.requests

    assert len(let_in) / ((now - 1000) / 60) == pytest.approx(20, rel=0.1)
