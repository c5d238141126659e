"""The line in front of a budget, in virtual time: rates, order, weights, deadlines, leaving."""

import asyncio
from itertools import pairwise

import pytest
from prometheus_client import REGISTRY
from virtual_time import run

from forthwith.platform import clock
from forthwith.platform.errors import Exhausted, TooMany, Unavailable
from forthwith.platform.upstream.budgets import (
    Cost,
    Dimension,
    Limiter,
    Limits,
    MemoryStore,
    Priority,
)

RATE = 100.0


async def _grants(limiter: Limiter, waiters: int, seconds: float) -> list[tuple[int, float]]:
    """Callers that ask again and again: the ticket each drew when asking, and its moment."""
    end = clock.monotonic() + seconds
    granted: list[tuple[int, float]] = []
    asked = 0

    async def caller() -> None:
        nonlocal asked
        while clock.monotonic() < end:
            asked += 1
            ticket = asked
            async with await limiter.acquire():
                granted.append((ticket, clock.monotonic()))

    await asyncio.gather(*(caller() for _ in range(waiters)))
    return [each for each in granted if each[1] < end]


@pytest.mark.parametrize("waiters", [10, 50, 100, 1000])
def test_the_rate_is_granted_within_one_percent_however_many_wait(
    waiters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = run(monkeypatch, lambda: _grants(Limiter("v", Limits(per_second=RATE)), waiters, 10))

    assert len(granted) == pytest.approx(RATE * 10, rel=0.01)


@pytest.mark.parametrize("burst", [1, 100])
def test_no_second_sees_more_than_the_rate_and_the_burst(
    burst: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = Limiter("v", Limits(per_second=RATE, burst=burst))
    moments = [moment for _, moment in run(monkeypatch, lambda: _grants(limiter, 50, 5))]

    for start in moments:
        assert sum(start <= each < start + 1 for each in moments) <= RATE + burst


def test_callers_are_served_in_order_of_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    granted = run(monkeypatch, lambda: _grants(Limiter("v", Limits(per_second=RATE)), 1000, 5))

    assert all(one < other for (one, _), (other, _) in pairwise(granted))


def test_a_heavy_request_among_light_ones_is_served_in_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[int]:
        limiter = Limiter("v", Limits(per_second=RATE))
        served: list[int] = []

        async def caller(number: int, units: int) -> None:
            await limiter.acquire(Cost(units))
            served.append(number)

        sizes = [50 if number == 100 else 1 for number in range(201)]
        await asyncio.gather(*(caller(number, units) for number, units in enumerate(sizes)))
        return served

    assert run(monkeypatch, story) == list(range(201))


def test_classes_share_by_weight_and_the_low_one_never_starves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> dict[Priority, int]:
        limiter = Limiter("v", Limits(per_second=RATE))
        counts = dict.fromkeys(Priority, 0)

        async def caller(priority: Priority) -> None:
            while clock.monotonic() < end:
                await limiter.acquire(priority=priority)
                counts[priority] += 1

        end = clock.monotonic() + 10
        await asyncio.gather(*(caller(each) for each in Priority for _ in range(20)))
        return counts

    counts = run(monkeypatch, story)
    total = sum(counts.values())
    assert counts[Priority.CRITICAL] / total == pytest.approx(0.6, abs=0.03)
    assert counts[Priority.LOW] / total == pytest.approx(0.1, abs=0.03)


def test_whoever_leaves_the_line_takes_nothing_along(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(per_second=1))
        await limiter.acquire()
        began = clock.monotonic()
        leaving = [asyncio.create_task(limiter.acquire()) for _ in range(50)]
        await asyncio.sleep(0.5)
        staying = asyncio.create_task(limiter.acquire())
        for task in leaving:
            task.cancel()
        await staying
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(1.0)


@pytest.mark.parametrize("steps", range(6))
def test_a_grant_whose_caller_left_in_that_moment_is_given_back(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whatever step between the freed slot and the running caller it left."""

    async def call(limiter: Limiter) -> None:
        async with await limiter.acquire():
            await asyncio.sleep(0)

    async def story() -> int:
        limiter = Limiter("v", Limits(concurrency=1))
        first = await limiter.acquire()
        second = asyncio.create_task(call(limiter))
        await asyncio.sleep(0.1)
        await first.close()
        for _ in range(steps):
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait({second})
        async with asyncio.timeout(1):
            await limiter.acquire()
        return limiter.waiting

    assert run(monkeypatch, story) == 0


def test_estimates_that_were_too_high_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(tpm=3000))
        async with await limiter.acquire(Cost(tokens=2000)) as lease:
            lease.settle(Cost(tokens=700))
        began = clock.monotonic()
        await limiter.acquire(Cost(tokens=2300))
        return clock.monotonic() - began

    assert run(monkeypatch, story) == 0


def test_a_call_takes_all_its_budgets_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(rpm=10, tpm=100))
        await limiter.acquire(Cost(tokens=100))
        with pytest.raises(TooMany):
            await limiter.acquire(Cost(tokens=50), deadline=clock.monotonic() + 1)
        document = await limiter.store.read(limiter.pool)
        requests, _ = document.accounts[0].parts
        return requests[0]

    assert run(monkeypatch, story) == 1


def test_a_quote_is_the_moment_at_which_the_call_then_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> tuple[float, float]:
        limiter = Limiter("v", Limits(rpm=5, tpm=700, per_second=2))
        queued = [asyncio.create_task(limiter.acquire(Cost(tokens=30 * n))) for n in range(20)]
        await asyncio.sleep(0.1)
        began = clock.monotonic()
        quoted = await limiter.quote(Cost(tokens=40))
        await limiter.acquire(Cost(tokens=40))
        await asyncio.gather(*queued)
        return quoted, clock.monotonic() - began

    quoted, waited = run(monkeypatch, story)
    assert quoted == pytest.approx(waited, abs=0.01)


def test_a_call_that_cannot_start_in_time_is_told_so_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> tuple[float, float | None]:
        limiter = Limiter("v", Limits(rpm=2))
        await limiter.acquire(Cost(2))
        began = clock.monotonic()
        with pytest.raises(TooMany) as refused:
            await limiter.acquire(deadline=began + 30)
        return clock.monotonic() - began, refused.value.retry_after

    waited, retry_after = run(monkeypatch, story)
    assert waited == 0
    assert retry_after == pytest.approx(60.5, abs=0.5)


def test_a_refused_call_leaves_the_forecast_of_the_next_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        limiter = Limiter("v", Limits(per_second=1))
        await limiter.acquire()
        for _ in range(5):
            with pytest.raises(TooMany):
                await limiter.acquire(Cost(40), deadline=clock.monotonic() + 10)
        await limiter.acquire(deadline=clock.monotonic() + 2)

    run(monkeypatch, story)


def test_a_full_line_turns_away_with_the_time_to_return(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float | None:
        limiter = Limiter("v", Limits(per_second=1), queue_limit=3)
        waiting = [asyncio.create_task(limiter.acquire()) for _ in range(4)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await limiter.acquire()
        await asyncio.gather(*waiting)
        return refused.value.retry_after

    assert run(monkeypatch, story) == pytest.approx(4.0)


def test_a_used_up_day_says_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(money_per_day=1_000_000, zone="Asia/Taipei"))
        await limiter.acquire(Cost(money=1_000_000))
        with pytest.raises(Exhausted) as refused:
            await limiter.acquire(Cost(money=1))
        return (refused.value.resets_at - clock.now()).total_seconds()

    assert run(monkeypatch, story) == pytest.approx(13 * 3600)  # it is 11:00 in Taipei


def test_a_deadline_beyond_the_reset_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(rpd=1, zone="Asia/Taipei"))
        began = clock.monotonic()
        await limiter.acquire()
        await limiter.acquire(deadline=began + 14 * 3600)
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(13 * 3600)


def test_a_pause_holds_everybody_and_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(per_second=RATE))
        await limiter.pause(7)
        began = clock.monotonic()
        await limiter.acquire()
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(7)


def test_a_told_remainder_of_nothing_waits_for_the_told_reset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(rpm=100))
        await limiter.observe(Dimension.REQUESTS, remaining=0, resets_in=12)
        began = clock.monotonic()
        await limiter.acquire()
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(12)


def test_slots_are_handed_on_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[int]:
        limiter = Limiter("v", Limits(concurrency=3))
        began: list[int] = []
        running = most = 0

        async def call(number: int) -> None:
            nonlocal running, most
            async with await limiter.acquire():
                began.append(number)
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.1 + number % 3 / 10)
                running -= 1

        await asyncio.gather(*(call(number) for number in range(30)))
        assert most == 3
        return began

    assert run(monkeypatch, story) == list(range(30))


def test_a_deadline_passes_while_all_slots_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        limiter = Limiter("v", Limits(concurrency=1))
        await limiter.acquire()
        began = clock.monotonic()
        with pytest.raises(TooMany):
            await limiter.acquire(deadline=began + 1.5)
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(1.5)


def test_one_error_of_the_store_reaches_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[object]:
        limiter = Limiter("v", Limits(concurrency=1))
        await limiter.acquire()
        waiting = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0.1)
        monkeypatch.setattr(limiter.store, "_states", None)
        limiter.wake()
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(each, AttributeError) for each in run(monkeypatch, story))


def test_who_waits_and_for_how_long_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float | None:
        limiter = Limiter("counted", Limits(per_second=1))
        calls = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(0.5)
        waiting = REGISTRY.get_sample_value("upstream_waiting_calls", {"vendor": "counted"})
        await asyncio.gather(*calls)
        return waiting

    labels = {"vendor": "counted"}

    assert run(monkeypatch, story) == 2
    assert REGISTRY.get_sample_value("upstream_waiting_calls", labels) == 0
    assert REGISTRY.get_sample_value("upstream_wait_seconds_count", labels) == 2
    assert REGISTRY.get_sample_value("upstream_wait_seconds_sum", labels) == pytest.approx(3)
    assert REGISTRY.get_sample_value("upstream_wait_seconds_bucket", labels | {"le": "1.0"}) == 1


def test_rules_that_another_limiter_set_under_the_name_are_not_taken_for_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        store = MemoryStore()
        limiter = Limiter("v", Limits(per_second=1), store=store)
        await limiter.acquire()
        await Limiter("v", Limits(rpm=1), store=store).acquire()
        began = clock.monotonic()
        await limiter.acquire()
        await limiter.acquire()
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(1)
