"""Whatever happens in whatever order: budgets against a model that remembers every call."""

import asyncio
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from redis.asyncio import Redis
from virtual_time import BEGAN

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import Cost, Dimension, Limits, MemoryStore
from forthwith.platform.upstream.budgets.accounts import (
    SHARED,
    Account,
    Blocked,
    Document,
    Grant,
    Obstacle,
    Pool,
    Standing,
)
from forthwith.platform.upstream.budgets.parts import Slots
from forthwith.platform.upstream.budgets.redis_store import RedisStore

RPM, TPM, RPD, SLOTS, PER_SECOND, BURST = 4, 100, 25, 3, 20.0, 10.0
KEY = Limits(rpm=RPM, tpm=TPM, rpd=RPD, concurrency=SLOTS, lease_seconds=40)
ALIASES = ("key-1", "key-2")
SLICE = 1.0 + 1e-3  # a window may count a call this much longer, never shorter

costs = st.builds(Cost, st.integers(1, 3), st.integers(0, 60), st.just(0))
aliases = st.sampled_from(ALIASES)


@dataclass
class _Call:
    grant: Grant
    at: float
    spent: Cost
    is_running: bool = True


class Budgets(RuleBasedStateMachine):
    """A pool of two keys, and a model that is a list of calls."""

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self.now = 1_000.0
        self._patch.setattr(clock, "monotonic", lambda: self.now)
        self._patch.setattr(clock, "now", lambda: BEGAN + timedelta(seconds=self.now))
        self.store = MemoryStore()
        self.calls: list[_Call] = []
        self.until = dict.fromkeys(ALIASES, 0.0)

    def teardown(self) -> None:
        """Give the clock back."""
        self._patch.undo()

    @initialize()
    def begin(self) -> None:
        """Two keys that share a rate."""
        shared = Account(SHARED, Limits(per_second=PER_SECOND, burst=BURST).parts())
        self.pool = Pool("vendor", shared, tuple(Account(each, KEY.parts()) for each in ALIASES))

    @rule(seconds=st.sampled_from([0.01, 0.4, 1.0, 7.3, 20.0, 59.6, 61.0]))
    def time_passes(self, seconds: float) -> None:
        """Slots end by themselves after their lease."""
        self.now += seconds
        for call in self.calls:
            if self.now >= call.at + KEY.lease_seconds:
                call.is_running = False

    @rule(cost=costs)
    def a_call_asks(self, cost: Cost) -> None:
        """A grant breaks no limit; a refusal has a reason, and its moment is right."""
        outcome = asyncio.run(self.store.take(self.pool, cost))
        if isinstance(outcome, Grant):
            assert self.now >= self.until[outcome.alias]
            self.calls.append(_Call(outcome, self.now, cost))
            return
        assert outcome.seconds > 0
        assert not self._rate_has_room(cost) or not any(
            self._has_room(alias, cost) for alias in ALIASES
        )
        if outcome.obstacle is Obstacle.RETIRED:
            assert all(math.isinf(each) for each in self.until.values())

    def _rate_has_room(self, cost: Cost) -> bool:
        """Plenty of room: nothing was taken for as long as everything takes to come back."""
        seconds = (BURST + cost.requests) / PER_SECOND
        return all(call.at < self.now - seconds for call in self.calls[-20:])

    def _has_room(self, alias: str, cost: Cost) -> bool:
        counted = [call for call in self.calls if call.grant.alias == alias]
        minute = [call.spent for call in counted if call.at > self.now - 60 - SLICE]
        day = [call.spent for call in counted]
        return (
            self.now >= self.until[alias]
            and sum(each.requests for each in minute) + cost.requests <= RPM
            and sum(each.tokens for each in minute) + cost.tokens <= TPM
            and sum(each.requests for each in day) + cost.requests <= RPD
            and sum(call.is_running for call in counted) < SLOTS
        )

    @rule(index=st.integers(0, 5), tokens=st.integers(0, 60))
    def a_call_ends(self, index: int, tokens: int) -> None:
        """It cost at most what was estimated, and its slot is free."""
        running = [call for call in self.calls if call.is_running]
        if index < len(running):
            call = running[index]
            actual = Cost(call.spent.requests, min(tokens, call.spent.tokens))
            asyncio.run(self.store.settle(self.pool, call.grant, actual))
            call.spent, call.is_running = actual, False

    @rule(alias=aliases, seconds=st.sampled_from([5.0, 90.0]))
    def a_key_cools(self, alias: str, seconds: float) -> None:
        """The longer time holds."""
        asyncio.run(self.store.mark(self.pool, alias, Standing.COOLING, seconds))
        self.until[alias] = max(self.until[alias], self.now + seconds)

    @rule(alias=aliases)
    def a_key_is_rejected(self, alias: str) -> None:
        """For good."""
        asyncio.run(self.store.mark(self.pool, alias, Standing.RETIRED))
        self.until[alias] = math.inf

    @rule(alias=aliases)
    def a_person_resets_a_key(self, alias: str) -> None:
        """At once."""
        asyncio.run(self.store.mark(self.pool, alias, Standing.OK))
        self.until[alias] = 0.0

    @invariant()
    def no_limit_is_broken(self) -> None:
        """Of no key, in the latest minute, the day, at once."""
        for alias in ALIASES:
            counted = [call for call in self.calls if call.grant.alias == alias]
            minute = [call.spent for call in counted if call.at > self.now - 60]
            assert sum(each.requests for each in minute) <= RPM
            assert sum(each.tokens for each in minute) <= TPM
            assert sum(call.spent.requests for call in counted) <= RPD
            assert sum(call.is_running for call in counted) <= SLOTS

    @invariant()
    def the_shared_rate_holds(self) -> None:
        """In the latest two seconds."""
        recent = [call.spent.requests for call in self.calls if call.at > self.now - 2]
        assert sum(recent) <= 2 * PER_SECOND + BURST + 1e-6


Budgets.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBudgets = Budgets.TestCase

operations = st.one_of(
    st.tuples(
        st.just("take"), costs, st.sampled_from([0.0, 0.004, 3.0]), st.sampled_from([0, 2, 9])
    ),
    st.tuples(st.just("settle"), st.integers(0, 9), costs),
    st.tuples(st.just("mark"), aliases, st.sampled_from(Standing), st.sampled_from([0.001, 900.0])),
    st.tuples(
        st.just("observe"),
        aliases,
        st.sampled_from(Dimension),
        st.integers(0, 30),
        st.sampled_from([0.5, 40.0, 7_000.0]),
    ),
)


@pytest.mark.redis
@pytest.mark.parametrize(
    ("shared", "key"),
    [
        pytest.param(Limits(per_second=50, burst=BURST, rpd=6), KEY, id="all rules"),
        pytest.param(Limits(), Limits(per_second=5, burst=8), id="rates"),
    ],
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=st.lists(operations, min_size=5, max_size=30), number=st.integers(0, 10**9))
def test_redis_keeps_the_same_document_as_memory(
    redis_socket: str, shared: Limits, key: Limits, story: list[tuple[Any, ...]], number: int
) -> None:
    """The two writings of the rules agree on every step, at the times that Redis took them."""
    keys = tuple(Account(each, key.parts()) for each in ALIASES)
    pool = Pool(f"vendor-{number}", Account(SHARED, shared.parts()), keys)
    asyncio.run(_compare(redis_socket, story, pool))


async def _compare(socket: str, story: list[tuple[Any, ...]], pool: Pool) -> None:
    redis = Redis(unix_socket_path=socket)
    await redis.flushall()
    theirs, ours = RedisStore(redis), MemoryStore()
    grants: list[tuple[Grant, Grant]] = []
    with pytest.MonkeyPatch.context() as patch:
        for operation, *arguments in story:
            wall = clock.now()
            patch.setattr(clock, "now", lambda wall=wall: wall)
            if operation == "settle" and arguments[0] >= len(grants):
                continue
            one = await _do(theirs, pool, operation, arguments, [pair[0] for pair in grants])
            document = await theirs.read(pool)
            kept = await redis.get(f"forthwith:budget:{pool.name}")
            taken_at = _at(kept)
            patch.setattr(clock, "monotonic", lambda at=taken_at: at)
            other = await _do(ours, pool, operation, arguments, [pair[1] for pair in grants])
            assert type(one) is type(other)
            if isinstance(one, Blocked) and isinstance(other, Blocked):
                assert one.seconds == pytest.approx(other.seconds, abs=1e-5)
                assert (one.obstacle, one.by_slots) == (other.obstacle, other.by_slots)
            if isinstance(one, Grant) and isinstance(other, Grant):
                assert (one.alias, one.taken_at) == (other.alias, other.taken_at)
                assert one.aside == other.aside
                grants.append((one, other))
            _assert_alike(document, await ours.read(pool))
            patch.undo()
    await redis.aclose()


def _at(kept: bytes | None) -> float:
    assert kept is not None
    return float(msgspec.msgpack.decode(kept)[0])


async def _do(
    store: MemoryStore | RedisStore,
    pool: Pool,
    operation: str,
    arguments: list[Any],
    grants: list[Grant],
) -> Any:
    if operation == "take":
        cost, waited, aside = arguments
        aside = aside if pool.can_set_aside else 0
        return await store.take(pool, cost, waited=waited, aside=aside)
    if operation == "settle":
        await store.settle(pool, grants[arguments[0]], arguments[1])
    elif operation == "mark":
        await store.mark(pool, *arguments)
    else:
        await store.observe(pool, *arguments)
    return None


def _assert_alike(one: Document, other: Document) -> None:
    for mine, yours in zip(one.accounts, other.accounts, strict=True):
        assert (mine.standing, mine.rules) == (yours.standing, yours.rules)
        assert mine.until == pytest.approx(yours.until, abs=1e-5)
        has_slots = mine.rules.startswith(Slots(1).name)
        if has_slots:  # leases have numbers of their own
            assert mine.parts[0][1::2] == pytest.approx(yours.parts[0][1::2], abs=1e-5)
        for numbers, others in zip(mine.parts[has_slots:], yours.parts[has_slots:], strict=True):
            assert numbers == pytest.approx(others, abs=1e-5)
