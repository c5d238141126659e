"""Requests that processes take along, in virtual time."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from set_apart import SetApart
from virtual_time import run

from forthwith.platform import clock
from forthwith.platform.errors import TooMany
from forthwith.platform.upstream.budgets import (
    Cost,
    Dimension,
    Key,
    KeyPool,
    Limiter,
    Limits,
    Standing,
)
from forthwith.platform.upstream.budgets.accounts import SHARED, Account, Grant, Pool
from forthwith.platform.upstream.budgets.stock import STOCK_SECONDS, Stock

PER_SECOND, BURST = 20.0, 12.0
LINE = Limits(per_second=1_000, burst=100)
POOL = Pool("vendor", Account(SHARED, Limits(per_second=PER_SECOND, burst=BURST).parts()))


class _Late(SetApart):
    """A store whose answers travel for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def take(self, pool: Pool, cost: Cost, **how: Any) -> Any:
        """Granted before the answer travels."""
        outcome = await super().take(pool, cost, **how)
        await asyncio.sleep(self.seconds)
        return outcome


async def _steadily(limiter: Limiter, calls: int, per_second: float) -> None:
    for _ in range(calls):
        async with await limiter.acquire():
            await asyncio.sleep(1 / per_second)


def test_one_call_alone_takes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[float]:
        limiter = Limiter("v", LINE, store=SetApart())
        await limiter.acquire()
        return (await limiter.store.read(limiter.pool)).accounts[0].parts[0]

    assert len(run(monkeypatch, story)) == 1


def test_a_busy_process_asks_the_store_a_few_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> int:
        store = SetApart()
        await _steadily(Limiter("v", LINE, store=store), 300, 30)
        return store.takes

    assert run(monkeypatch, story) <= 10 * 2 + 6


def test_never_more_is_taken_along_than_was_granted_just_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        limiter = Limiter("v", LINE, store=SetApart())
        await _steadily(limiter, 12, 30)
        numbers = (await limiter.store.read(limiter.pool)).accounts[0].parts[0]
        return numbers[-1]

    assert 1 <= run(monkeypatch, story) <= 12


def test_half_of_the_burst_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[bool]:
        store = SetApart()
        limits = Limits(per_second=20, burst=20)
        one, other = (Limiter("v", limits, store=store) for _ in range(2))
        await _steadily(one, 40, 15)
        await asyncio.sleep(1.5)
        await _steadily(one, 3, 100)
        began = clock.monotonic()
        await asyncio.gather(*(other.acquire() for _ in range(10)))
        return [clock.monotonic() == began]

    assert run(monkeypatch, story) == [True]


def test_what_was_taken_along_lapses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> int:
        store = SetApart()
        limiter = Limiter("v", LINE, store=store)
        await _steadily(limiter, 40, 30)
        await asyncio.sleep(STOCK_SECONDS)
        before = store.takes
        await limiter.acquire()
        return store.takes - before

    assert run(monkeypatch, story) == 1


@pytest.mark.parametrize("seconds", [STOCK_SECONDS - 0.01, STOCK_SECONDS])
def test_the_time_of_a_stock_runs_from_when_it_was_asked_for(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the answer travels: the store counts from before that."""

    async def story() -> bool:
        stock, travel_seconds = Stock(store := _Late(0.0)), 0.2
        await stock.take(POOL, Cost())
        store.seconds = travel_seconds
        await stock.take(POOL, Cost())
        await asyncio.sleep(seconds - travel_seconds)
        return stock.take_now(Cost()) is not None

    assert run(monkeypatch, story) == (seconds < STOCK_SECONDS)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(concurrency=1_000),
        Limits(rpm=60_000),
        Limits(rpd=100_000),
        Limits(per_second=1_000, burst=100, tpm=10**6),
        Limits(per_second=1_000),
    ],
    ids=str,
)
def test_other_rules_and_a_rate_without_a_burst_are_asked_for_each_call(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> int:
        store = SetApart()
        await _steadily(Limiter("v", limits, store=store), 60, 30)
        return store.takes

    assert run(monkeypatch, story) == 60


def test_a_key_without_rules_is_granted_from_what_was_taken_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> int:
        store = SetApart()
        pool = KeyPool("v", [Key("one", "1")], store=store)
        for _ in range(90):
            async with await pool.lease():
                await asyncio.sleep(1 / 30)
        return store.takes

    assert run(monkeypatch, story) <= 3 * 2 + 6


def test_two_keys_take_turns_though_one_of_them_has_more_in_stock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[str]:
        pool = KeyPool("v", [Key("one", "1", LINE), Key("two", "2", LINE)], store=SetApart())
        aliases = []
        for _ in range(300):
            async with await pool.lease() as lease:
                aliases.append(lease.alias)
                await asyncio.sleep(1 / 30)
        return aliases

    assert run(monkeypatch, story).count("one") == pytest.approx(150, abs=30)


def test_a_pause_ends_what_was_taken_along_in_this_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        limiter = Limiter("v", LINE, store=SetApart())
        await _steadily(limiter, 40, 30)
        await limiter.pause(7)
        began = clock.monotonic()
        await limiter.acquire()
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(7, abs=0.01)


def test_a_vendor_that_tells_what_is_left_at_each_answer_is_asked_for_at_each_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is taken along only to lapse at the next answer."""

    async def story() -> list[float]:
        limiter = Limiter("v", LINE, store=SetApart())
        for left in range(90, 50, -1):
            await limiter.acquire()
            await limiter.observe(Dimension.REQUESTS, left, 1)
            await asyncio.sleep(1 / 30)
        return (await limiter.store.read(limiter.pool)).accounts[0].parts[0]

    assert len(run(monkeypatch, story)) == 1


def test_what_is_asked_for_while_a_key_is_rejected_is_not_taken_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The store may have granted it before it learned of the key."""

    async def story() -> list[Grant | None]:
        pool, stock = Pool("v", Account(SHARED, ()), (Account("one", ()),)), Stock(_Late(0.01))
        await stock.take(pool, Cost())
        await stock.take(pool, Cost())
        in_stock = stock.take_now(Cost())
        asked = asyncio.create_task(stock.take(pool, Cost()))
        await asyncio.sleep(0)
        await stock.mark(pool, "one", Standing.RETIRED)
        await asked
        return [in_stock, stock.take_now(Cost())]

    in_stock, after = run(monkeypatch, story)
    assert in_stock is not None
    assert after is None


def test_what_another_process_learned_is_seen_before_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        store = SetApart()
        one, other = (Limiter("v", LINE, store=store) for _ in range(2))
        await _steadily(one, 40, 30)
        await other.pause(60)
        paused = latest = clock.monotonic()
        while True:
            try:
                await one.acquire(deadline=clock.monotonic() + 1)
            except TooMany:
                return latest - paused
            latest = clock.monotonic()
            await asyncio.sleep(1 / 30)

    assert run(monkeypatch, story) <= STOCK_SECONDS


def test_a_call_that_failed_asks_for_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> set[str]:
        pool = KeyPool("v", [Key("one", "1"), Key("two", "2")], store=SetApart())
        for _ in range(40):
            async with await pool.lease():
                await asyncio.sleep(1 / 30)
        first = await pool.lease()
        await first.close()
        second = await pool.lease(after=first)
        return {first.alias, second.alias}

    assert run(monkeypatch, story) == {"one", "two"}


def test_callers_are_served_in_order_of_arrival_out_of_the_stock_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[int]:
        limiter = Limiter("v", Limits(per_second=40, burst=20), store=SetApart())
        await _steadily(limiter, 20, 30)
        served: list[int] = []

        async def caller(number: int) -> None:
            await asyncio.sleep(number / 100)
            await limiter.acquire()
            served.append(number)

        await asyncio.gather(*(caller(number) for number in range(200)))
        return served

    assert all(one < other for one, other in pairwise(run(monkeypatch, story)))
