"""What is kept comes back as it was, from every tier, and nobody can change it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cache_stores import SHARED

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.upstream.cache import MISSING, Cache, Policy

VALUES = [-5, 0, "", b"", [], {}, None, "名刺", 1.5, True, {"a": [1, None]}]
ANY: Policy[Any] = Policy(namespace="any", into=object, ttl=60, negative_ttl=60)
OWNER = UUID(int=7)


class Price(msgspec.Struct, frozen=True):
    """A frozen value."""

    amount: int
    names: tuple[str, ...] = ()


class Basket(msgspec.Struct):
    """A value that can be changed."""

    prices: list[int]


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_every_kind_of_value_comes_back_in_this_and_another_process(
    opening: Callable[[], Any], kind: str, value: object
) -> None:
    here = await opening()
    elsewhere = await opening() if kind != "memory" else here
    await here.set("k", value, ANY)

    assert await here.get("k", ANY) == value
    assert await elsewhere.get("k", ANY) == value


async def test_a_key_that_was_never_set_is_missing(cache: Cache) -> None:
    assert await cache.get("nothing", ANY) is MISSING


async def test_a_caller_cannot_change_what_others_get(cache: Cache) -> None:
    policy = Policy(namespace="baskets", into=Basket, ttl=60)
    given = Basket([1])
    await cache.set("k", given, policy)
    given.prices.append(2)
    got = await cache.get("k", policy)
    assert isinstance(got, Basket)
    got.prices.append(3)

    assert await cache.get("k", policy) == Basket([1])


async def test_callers_of_one_load_do_not_share_what_can_be_changed(cache: Cache) -> None:
    policy = Policy(namespace="baskets", into=Basket, ttl=60)

    async def load() -> Basket:
        await asyncio.sleep(0.01)
        return Basket([1])

    first, second = await asyncio.gather(*(cache.get_or_load("k", load, policy) for _ in "ab"))
    first.prices.append(2)

    assert second == Basket([1])


async def test_a_frozen_value_is_handed_out_as_it_is(cache: Cache) -> None:
    policy = Policy(namespace="prices", into=Price, ttl=60)
    await cache.set("k", Price(-5, ("a",)), policy)

    assert await cache.get("k", policy) is await cache.get("k", policy)


@pytest.mark.parametrize("kind", SHARED, indirect=True)
async def test_a_value_of_another_form_in_a_shared_tier_is_a_miss(
    opening: Callable[[], Any],
) -> None:
    old, new = await opening(), await opening()
    await old.set("k", "text", Policy(namespace="forms", into=str, ttl=60))

    assert await new.get("k", Policy(namespace="forms", into=int, ttl=60)) is MISSING


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
async def test_personal_values_are_sealed_and_keyed_per_owner(
    opening: Callable[..., Any], db: Database, codec: Codec
) -> None:
    cache: Cache = await opening(codec=codec)
    policy = Policy(namespace="readings", into=str, ttl=60, personal=True)
    await cache.set("photo", "a-name", policy, owner=OWNER)
    row = await db.fetchrow("select key, blob from platform.cached_values")

    assert row is not None
    assert b"a-name" not in row["blob"]
    assert "photo" not in row["key"]
    assert await cache.get("photo", policy, owner=UUID(int=8)) is MISSING


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
async def test_without_a_codec_personal_values_stay_in_memory(
    opening: Callable[[], Any], db: Database
) -> None:
    cache: Cache = await opening()
    policy = Policy(namespace="readings", into=str, ttl=60, personal=True)
    await cache.set("photo", "a-name", policy, owner=OWNER)

    assert await cache.get("photo", policy, owner=OWNER) == "a-name"
    assert await db.fetch("select 1 from platform.cached_values") == []


async def test_two_policies_cannot_share_a_namespace(cache: Cache) -> None:
    await cache.set("k", 1, Policy(namespace="one", into=int, ttl=60))

    with pytest.raises(ValueError, match="two different policies"):
        await cache.set("k", 1, Policy(namespace="one", into=int, ttl=61))
