"""Equal calls are one load, and whoever leaves, fails or is cancelled hurts nobody else."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cache_stores import SHARED

from forthwith.platform import clock
from forthwith.platform.errors import LeaseLost, Transient
from forthwith.platform.upstream.cache import MISSING, Cache, Memory, Policy
from forthwith.platform.upstream.cache import policy as policies

NUMBER = Policy(namespace="numbers", into=int, ttl=60, jitter=0)


class Vendor:
    """Counts the calls it answers; `gate` holds them back."""

    def __init__(self) -> None:
        self.calls = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        """How many calls there were, or the error that is set."""
        self.calls += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.calls


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._now = clock.now()

    def now(self) -> datetime:
        """The moved time of day."""
        return self._now + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        """The moved seconds."""
        return 1000 + self.passed


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "now", moved.now)
    monkeypatch.setattr(clock, "monotonic", moved.monotonic)
    return moved


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def _asked(cache: Cache, vendor: Vendor, policy: Policy[int] = NUMBER) -> "asyncio.Task[int]":
    return asyncio.create_task(cache.get_or_load("k", vendor, policy))


async def test_a_thousand_equal_calls_are_one_load(cache: Cache, vendor: Vendor) -> None:
    asking = [_asked(cache, vendor) for _ in range(1000)]
    await asyncio.sleep(0.05)
    vendor.gate.set()

    assert await asyncio.gather(*asking) == [1] * 1000
    assert vendor.calls == 1


@pytest.mark.parametrize("kind", SHARED, indirect=True)
async def test_calls_of_several_processes_are_one_load(
    opening: Callable[[], Any], vendor: Vendor
) -> None:
    caches = [await opening() for _ in range(4)]
    asking = [_asked(cache, vendor) for cache in caches for _ in range(50)]
    await asyncio.sleep(0.2)
    vendor.gate.set()

    assert await asyncio.gather(*asking) == [1] * 200


@pytest.mark.parametrize("leaving", [0, 50], ids=["leader", "follower"])
async def test_a_caller_who_leaves_hurts_nobody(cache: Cache, vendor: Vendor, leaving: int) -> None:
    asking = [_asked(cache, vendor) for _ in range(100)]
    await _settled()
    asking.pop(leaving).cancel()
    vendor.gate.set()

    assert await asyncio.gather(*asking) == [1] * 99


async def test_a_paid_load_fills_the_cache_after_its_last_caller_left(
    cache: Cache, vendor: Vendor
) -> None:
    asking = _asked(cache, vendor)
    await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.wait({asking})
    vendor.gate.set()

    assert await cache.get_or_load("k", vendor, NUMBER) == 1


async def test_a_cheap_load_ends_with_its_last_caller(cache: Cache, vendor: Vendor) -> None:
    policy = Policy(namespace="cheap", into=int, ttl=60, finish_unwatched=False)
    asking = _asked(cache, vendor, policy)
    while not vendor.calls:
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.wait({asking})
    vendor.gate.set()

    assert await cache.get_or_load("k", vendor, policy) == 2


async def test_a_failed_load_is_told_to_all_and_kept_for_none(cache: Cache, vendor: Vendor) -> None:
    vendor.error = Transient("busy")
    vendor.gate.set()
    told = await asyncio.gather(*(_asked(cache, vendor) for _ in range(9)), return_exceptions=True)
    vendor.error = None

    assert all(isinstance(each, Transient) for each in told)
    assert await cache.get_or_load("k", vendor, NUMBER) == 2


async def test_the_lost_lease_of_one_run_does_not_fail_another(
    cache: Cache, vendor: Vendor
) -> None:
    async def load() -> int:
        if await vendor() == 1:
            raise LeaseLost("gone")
        return vendor.calls

    first, second = (asyncio.create_task(cache.get_or_load("k", load, NUMBER)) for _ in "ab")
    await asyncio.sleep(0.1)
    vendor.gate.set()

    assert await second == 2
    assert isinstance(first.exception(), LeaseLost)


async def test_an_empty_answer_is_kept_only_where_the_policy_says_so(cache: Cache) -> None:
    calls = 0

    async def nothing() -> Any:
        nonlocal calls
        calls += 1

    for policy in (
        Policy(namespace="guarded", into=int, ttl=60),
        Policy(namespace="negative", into=int, ttl=60, negative_ttl=60),
    ):
        for _ in range(2):
            assert await cache.get_or_load("k", nothing, policy) is None

    assert calls == 3


async def test_a_value_is_loaded_anew_after_its_ttl(vendor: Vendor, moved: Time) -> None:
    cache = Cache(Memory(1_000_000))
    vendor.gate.set()
    answers = []
    for moment in (0, 59, 61):
        moved.passed = moment
        answers.append(await cache.get_or_load("k", vendor, NUMBER))

    assert answers == [1, 1, 2]


async def test_an_ageing_value_is_served_while_it_is_renewed_behind(
    vendor: Vendor, moved: Time
) -> None:
    cache = Cache(Memory(1_000_000))
    policy = Policy(namespace="soft", into=int, ttl=60, jitter=0, soft_ttl=30)
    vendor.gate.set()
    await cache.get_or_load("k", vendor, policy)
    moved.passed = 31
    old = await cache.get_or_load("k", vendor, policy)
    await _settled()

    assert (old, await cache.get_or_load("k", vendor, policy)) == (1, 2)


async def test_a_failed_renewal_leaves_the_old_value_and_is_not_repeated_at_once(
    vendor: Vendor, moved: Time
) -> None:
    cache = Cache(Memory(1_000_000))
    policy = Policy(namespace="soft", into=int, ttl=60, jitter=0, soft_ttl=30)
    vendor.gate.set()
    await cache.get_or_load("k", vendor, policy)
    moved.passed, vendor.error = 31, Transient("busy")
    for _ in range(5):
        assert await cache.get_or_load("k", vendor, policy) == 1
        await _settled()

    assert vendor.calls == 2


async def test_a_value_is_renewed_early_by_chance_before_it_expires(
    vendor: Vendor, moved: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "_dice", random.Random(1))  # noqa: S311 - repeatable
    policy = Policy(namespace="early", into=int, ttl=60, jitter=0, early_refresh=1000)

    async def slow() -> int:
        moved.passed += 0.5
        return await vendor()

    cache = Cache(Memory(1_000_000))
    vendor.gate.set()
    for _ in range(5):  # a draw later than 59.5 s has odds of 1 in 9
        await cache.get_or_load("k", slow, policy)
        moved.passed += 5
        await _settled()

    assert 1 < vendor.calls <= 5


async def test_an_expired_value_is_served_when_the_load_fails(vendor: Vendor, moved: Time) -> None:
    cache = Cache(Memory(1_000_000))
    policy = Policy(namespace="stale", into=int, ttl=60, jitter=0, stale_on_failure=60)
    vendor.gate.set()
    await cache.get_or_load("k", vendor, policy)
    moved.passed, vendor.error = 61, Transient("busy")
    served = await cache.get_or_load("k", vendor, policy)
    again = await cache.get_or_load("k", vendor, policy)
    moved.passed = 121

    assert (served, again, vendor.calls) == (1, 1, 2)
    with pytest.raises(Transient):
        await cache.get_or_load("k", vendor, policy)


async def test_an_expired_value_is_missing(moved: Time) -> None:
    cache = Cache(Memory(1_000_000))
    await cache.set("k", 1, NUMBER)
    moved.passed = 61

    assert await cache.get("k", NUMBER) is MISSING
