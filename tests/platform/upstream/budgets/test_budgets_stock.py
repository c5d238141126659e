"""Requests that processes take along: against a model of their calls, and in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from set_apart import CLOCK_SET_BACK, SetApart
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

T = TypeVar("T")

PER_SECOND, BURST = 20.0, 12.0
LINE = Limits(per_second=1_000, burst=100)
POOL = Pool("vendor", Account(SHARED, Limits(per_second=PER_SECOND, burst=BURST).parts()))


class Slow(SetApart):
    """A store to which the way is long."""

    def __init__(self, travel: Callable[[], None]) -> None:
        super().__init__()
        self._travel = travel
        self.answered_at: list[float] = []

    async def take(self, pool: Pool, cost: Cost, **how: Any) -> Any:
        """And back."""
        self._travel()
        outcome = await super().take(pool, cost, **how)
        self.answered_at.append(clock.monotonic())
        self._travel()
        return outcome


def _now(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits")


class Calls(RuleBasedStateMachine):
    """Two processes, a store on a clock that is set now and then, and a list of their calls."""

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self.now = 1_000.0
        self._patch.setattr(clock, "monotonic", lambda: self.now)
        self.travel_seconds = 0.0
        self.store = Slow(self._travel)
        self.processes = (Stock(self.store), Stock(self.store))
        self.calls: list[float] = []
        self.steps: list[tuple[float, float]] = []

    def teardown(self) -> None:
        """Give the clock back."""
        self._patch.undo()

    def _travel(self) -> None:
        self.now += self.travel_seconds

    @rule(seconds=st.sampled_from([0.003, 0.04, 0.2, 0.45, 0.5, 0.55, 1.0, 3.0]))
    def time_passes(self, seconds: float) -> None:
        """What was taken along lapses."""
        self.now += seconds

    @rule(seconds=st.sampled_from([0.0, 0.0, 0.02, 0.3]))
    def the_way_to_the_store_gets_longer_or_shorter(self, seconds: float) -> None:
        """By that much in each direction."""
        self.travel_seconds = seconds

    @rule(process=st.integers(0, 1), calls=st.integers(1, 12), each=st.sampled_from([1, 1, 1, 3]))
    def a_process_calls(self, process: int, calls: int, each: int) -> None:
        """A call that asked the store counts from when that answered."""
        for _ in range(calls):
            asked = len(self.store.answered_at)
            outcome = _now(self.processes[process].take(POOL, Cost(each)))
            if isinstance(outcome, Grant):
                is_asked = len(self.store.answered_at) > asked
                self.calls += [self.store.answered_at[-1] if is_asked else self.now] * each

    @rule(
        calls=st.integers(2, 10),
        travel_seconds=st.sampled_from([0.0, 0.0, 0.3]),
        seconds=st.sampled_from([0.3, 0.45, 0.499, 0.55]),
        from_stock=st.integers(0, 3),
        later_seconds=st.sampled_from([0.0, 0.11]),
    )
    def one_takes_all_there_is_while_the_other_has_a_stock(
        self,
        calls: int,
        travel_seconds: float,
        seconds: float,
        from_stock: int,
        later_seconds: float,
    ) -> None:
        """Which may be used before or after, and lapse meanwhile, as the bucket fills up."""
        self.travel_seconds = travel_seconds
        self.a_process_calls(0, calls, 1)
        self.travel_seconds = 0.0
        self.now += seconds
        if from_stock:
            self.a_process_calls(0, from_stock, 1)
        self.now += later_seconds
        self.a_process_calls(1, 20, 1)
        self.a_process_calls(0, 8, 1)

    @rule(seconds=st.sampled_from([-100.0, -2.0, -0.3, 0.1, 0.4, 4.0, 100.0]))
    def the_clock_of_the_store_is_set(self, seconds: float) -> None:
        """What a rate gains by that, as its bucket fills up sooner or is forgotten."""
        before = self.store.now()
        self.store.ahead_by += seconds
        is_forgotten = before - CLOCK_SET_BACK >= self.now + self.store.ahead_by
        gained = BURST if is_forgotten else min(BURST, 2 * PER_SECOND * max(0.0, seconds))
        self.steps.append((self.now, gained))

    @invariant()
    def no_time_sees_more_than_the_rate_and_the_burst(self) -> None:
        """Of both processes together, whoever took what along."""
        calls = sorted(self.calls)[-200:]
        for count, since in enumerate(reversed(calls), 1):
            gained = sum(units for at, units in self.steps if at >= since - STOCK_SECONDS)
            assert count <= BURST + PER_SECOND * (calls[-1] - since) + gained + 1e-3


Calls.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestCalls = Calls.TestCase


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
