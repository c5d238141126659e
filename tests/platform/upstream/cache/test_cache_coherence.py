"""What one process changes, no other serves any more, whatever was on its way."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from forthwith.platform.crypto import Codec
from forthwith.platform.upstream.cache import MISSING, Cache, Policy

NUMBER = Policy(namespace="numbers", into=int, ttl=60)
OTHER = Policy(namespace="others", into=int, ttl=60)
TOLD_SECONDS = 1.0


@pytest.fixture
async def pair(opening: Callable[[], Any], kind: str) -> tuple[Cache, Cache]:
    here = await opening()
    return here, here if kind == "memory" else await opening()


async def _becomes(cache: Cache, key: str, value: object) -> None:
    async with asyncio.timeout(TOLD_SECONDS):
        while await cache.get(key, NUMBER) != value:
            await asyncio.sleep(0.005)


async def test_a_change_is_seen_by_the_other_process(pair: tuple[Cache, Cache]) -> None:
    here, there = pair
    await here.set("k", 1, NUMBER)
    await _becomes(there, "k", 1)
    await here.set("k", 2, NUMBER)

    await _becomes(there, "k", 2)
    assert await here.get("k", NUMBER) == 2


async def test_a_deletion_is_seen_by_the_other_process(pair: tuple[Cache, Cache]) -> None:
    here, there = pair
    await here.set("k", 1, NUMBER)
    await _becomes(there, "k", 1)
    await here.delete("k", NUMBER)

    await _becomes(there, "k", MISSING)
    assert await here.get("k", NUMBER) is MISSING


async def test_a_tag_takes_its_values_and_no_others_in_every_process(
    pair: tuple[Cache, Cache],
) -> None:
    here, there = pair
    await here.set_many({f"t{number}": number for number in range(20)}, NUMBER, tags=("shop",))
    await here.set("other", 5, NUMBER, tags=("else",))
    await _becomes(there, "t7", 7)
    await _becomes(there, "other", 5)
    await here.invalidate(tag="shop")

    await _becomes(there, "t7", MISSING)
    assert await here.get_many([f"t{number}" for number in range(20)], NUMBER) == {}
    assert await there.get("other", NUMBER) == 5


async def test_more_members_than_one_script_takes_go_with_their_tag(
    pair: tuple[Cache, Cache],
) -> None:
    here, there = pair
    names = [f"m{number}" for number in range(1200)]
    await here.set_many(dict.fromkeys(names, 1), NUMBER, tags=("many",))
    await here.invalidate(tag="many")
    await asyncio.sleep(0.05)

    assert await there.get_many(names, NUMBER) == {}


async def test_a_namespace_goes_as_a_whole(pair: tuple[Cache, Cache]) -> None:
    here, there = pair
    await here.set("k", 1, NUMBER)
    await here.set("k", 1, OTHER)
    await _becomes(there, "k", 1)
    await here.invalidate(namespace="numbers")

    await _becomes(there, "k", MISSING)
    assert await there.get("k", OTHER) == 1


async def test_all_of_an_owner_goes(opening: Callable[..., Any], kind: str, codec: Codec) -> None:
    cache: Cache = await opening(codec=codec)
    policy = Policy(namespace="readings", into=str, ttl=60, personal=True)
    mine, theirs = UUID(int=1), UUID(int=2)
    await cache.set("k", "mine", policy, owner=mine)
    await cache.set("k", "theirs", policy, owner=theirs)
    await cache.invalidate(owner=mine)

    assert await cache.get("k", policy, owner=mine) is MISSING
    assert await cache.get("k", policy, owner=theirs) == "theirs"


@pytest.mark.parametrize("change", ["key", "tag", "namespace"])
async def test_a_load_that_began_before_an_invalidation_is_kept_nowhere(
    pair: tuple[Cache, Cache], change: str
) -> None:
    here, there = pair
    began, gate = asyncio.Event(), asyncio.Event()

    async def load() -> int:
        began.set()
        await gate.wait()
        return 1

    asking = asyncio.create_task(here.get_or_load("k", load, NUMBER, tags=("shop",)))
    await began.wait()
    if change == "key":
        await there.delete("k", NUMBER)
    else:
        await there.invalidate(**{change: "shop" if change == "tag" else "numbers"})
    await asyncio.sleep(0.1)
    gate.set()
    await asking

    assert await here.get("k", NUMBER) is MISSING
    assert await there.get("k", NUMBER) is MISSING


async def test_whoever_asks_after_a_deletion_does_not_join_an_older_load(
    pair: tuple[Cache, Cache],
) -> None:
    here, _ = pair
    gate = asyncio.Event()

    async def old() -> int:
        await gate.wait()
        return 1

    async def new() -> int:
        return 2

    asking = asyncio.create_task(here.get_or_load("k", old, NUMBER))
    await asyncio.sleep(0.1)
    await here.delete("k", NUMBER)
    later = asyncio.create_task(here.get_or_load("k", new, NUMBER))
    await asyncio.sleep(0.1)
    gate.set()

    assert await asking == 1
    assert await later == 2
    assert await here.get("k", NUMBER) == 2


async def test_a_set_wins_over_a_load_that_began_before(pair: tuple[Cache, Cache]) -> None:
    here, there = pair
    gate = asyncio.Event()

    async def load() -> int:
        await gate.wait()
        return 1

    asking = asyncio.create_task(here.get_or_load("k", load, NUMBER))
    await asyncio.sleep(0.1)
    await there.set("k", 2, NUMBER)
    await asyncio.sleep(0.05)
    gate.set()
    await asking

    assert await here.get("k", NUMBER) == 2
    assert await there.get("k", NUMBER) == 2
