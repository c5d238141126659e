"""Requests that processes take along, against a model of all their calls."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from set_apart import CLOCK_SET_BACK, SetApart

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import (
    Cost,
    Limits,
)
from forthwith.platform.upstream.budgets.accounts import SHARED, Account, Grant, Pool
from forthwith.platform.upstream.budgets.stock import STOCK_SECONDS, Stock

T = TypeVar("T")

PER_SECOND, BURST = 20.0, 12.0
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
