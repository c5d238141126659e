import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_runs import Opener, ask, reached
from support import working

from forthwith.platform.jobs import Job, Run, Weight, job
from forthwith.platform.jobs.shares import Shares
from forthwith.platform.runtime import Runtime


def _job(weight: Weight, cap: int = 0) -> Job:
    @job(f"test.{weight}", weight=weight, cap=cap)
    async def function(_: Run, __: Runtime) -> None:
        RUNNING[weight] += 1
        MOST[weight] = max(MOST[weight], RUNNING[weight])
        BEGUN.append(weight)
        await asyncio.sleep(0.05)
        RUNNING[weight] -= 1

    return function


RUNNING: Counter[Weight] = Counter()
MOST: Counter[Weight] = Counter()
BEGUN: list[Weight] = []
ALL = tuple(Weight)


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    for counts in (RUNNING, MOST, BEGUN):
        counts.clear()


def _shares(*weights: Weight) -> Shares:
    return Shares({each.name: each for each in map(_job, weights)}, slots=100)


@given(st.lists(st.sampled_from(ALL), max_size=30), st.integers(1, 10))
def test_every_class_is_asked_in_every_round(taken: list[Weight], batch: int) -> None:
    """So no class starves, and whatever work there is is found."""
    shares = _shares(*ALL)
    for ticket, weight in enumerate(taken):
        shares.took(ticket, f"test.{weight}")
    turns = list(shares.turns(batch))

    assert sorted(queue for queues, _ in turns for queue in queues) == [
        "test.critical",
        "test.default",
        "test.low",
    ]
    assert all(1 <= most <= batch for _, most in turns)
    assert turns[-1][1] == batch


def test_the_class_furthest_below_its_share_is_asked_first() -> None:
    shares = _shares(*ALL)
    for ticket in range(5):
        shares.took(ticket, "test.critical")
    shares.took(5, "test.default")

    assert [queues for queues, _ in shares.turns(10)] == [
        {"test.low"},
        {"test.default"},
        {"test.critical"},
    ]


def test_a_ticket_taken_twice_counts_once() -> None:
    shares = _shares(Weight.CRITICAL, Weight.LOW)
    for _ in range(3):
        shares.took(1, "test.low")
    shares.ended(1)

    assert next(iter(shares.turns(10))) == ({"test.critical"}, 8)


def test_nobody_is_asked_while_all_slots_are_taken() -> None:
    """A class that is asked then would seem to have no work, and lose its turn to another."""
    shares = Shares({"test.low": _job(Weight.LOW)}, slots=2)
    for ticket in range(2):
        shares.took(ticket, "test.low")
    full = list(shares.turns(10))
    shares.ended(0)

    assert full == []
    assert list(shares.turns(10)) == [({"test.low"}, 1)]


async def test_under_load_ten_slots_are_six_three_and_one(open_jobs: Opener) -> None:
    async with open_jobs(*map(_job, ALL)) as runtime:
        for weight in ALL:
            for _ in range(60):
                await ask(runtime, f"test.{weight}")
        async with working(runtime, max_concurrent=10):
            while len(BEGUN) < 80:
                await asyncio.sleep(0.01)
            first = Counter(BEGUN[:80])

    assert 34 <= first[Weight.CRITICAL] <= 56  # 48, 24 and 8, but for what rounding gives away
    assert 16 <= first[Weight.DEFAULT] <= 34
    assert 4 <= first[Weight.LOW] <= 14


async def test_an_idle_class_lends_all_its_slots(open_jobs: Opener) -> None:
    async with open_jobs(*map(_job, ALL)) as runtime:
        runs = [await ask(runtime, "test.low") for _ in range(60)]
        async with working(runtime, max_concurrent=10):
            for run in runs:
                await reached(runtime, run)

    assert MOST[Weight.LOW] >= 8


async def test_what_one_class_leaves_is_shared_by_weight(open_jobs: Opener) -> None:
    async with open_jobs(*map(_job, ALL)) as runtime:
        for weight in (Weight.DEFAULT, Weight.LOW):
            for _ in range(60):
                await ask(runtime, f"test.{weight}")
        async with working(runtime, max_concurrent=8):
            while len(BEGUN) < 64:
                await asyncio.sleep(0.01)
            first = Counter(BEGUN[:64])

    assert 36 <= first[Weight.DEFAULT] <= 58  # 48


async def test_a_cap_is_never_passed(open_jobs: Opener) -> None:
    async with open_jobs(_job(Weight.DEFAULT, cap=2)) as runtime:
        runs = [await ask(runtime, "test.default") for _ in range(10)]
        async with working(runtime):
            for run in runs:
                await reached(runtime, run)

    assert MOST[Weight.DEFAULT] == 2
