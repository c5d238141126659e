"""The breaker: when it opens, who probes, what it tells, in virtual time and through Redis."""

import asyncio
import contextlib

import pytest
from budgets.virtual_time import run

from forthwith.platform import clock
from forthwith.platform.errors import KeyRejected, Refused, Transient, Unavailable
from forthwith.platform.upstream.breaker import Breaker, BreakerState, Outcomes, Tripping
from forthwith.platform.upstream.budgets import MemoryStore

TRIPPING = Tripping(share=0.5, minimum=4, window_seconds=10, open_seconds=5)


def _breaker(store: MemoryStore | None = None) -> Breaker:
    return Breaker("vendor", "read", tripping=TRIPPING, store=store)


async def _call(breaker: Breaker, error: BaseException | None = None) -> None:
    """One call that ends at once, well or with an error."""
    with contextlib.suppress(*([type(error)] if error is not None else [])):
        async with await breaker.enter():
            if error is not None:
                raise error


async def _opened(store: MemoryStore | None = None) -> Breaker:
    breaker = _breaker(store)
    for _ in range(4):
        await _call(breaker, Transient("500"))
    return breaker


def test_it_opens_when_enough_calls_failed_and_says_until_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        breaker = await _opened()
        await asyncio.sleep(2)
        with pytest.raises(Unavailable) as refused:
            await breaker.enter()
        assert refused.value.retry_after == pytest.approx(3)
        status = await breaker.status()
        assert status.state is BreakerState.OPEN
        assert status.reopens_at is not None
        assert (status.reopens_at - clock.now()).total_seconds() == pytest.approx(3)

    run(monkeypatch, story)


def test_few_failures_among_many_calls_leave_it_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> BreakerState:
        breaker = _breaker()
        for number in range(40):
            await _call(breaker, Transient("500") if number % 3 == 2 else None)
            await asyncio.sleep(0.1)
        return (await breaker.status()).state

    assert run(monkeypatch, story) is BreakerState.CLOSED


def test_failures_too_few_to_tell_leave_it_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> BreakerState:
        breaker = _breaker()
        for _ in range(3):
            await _call(breaker, TimeoutError())
        await asyncio.sleep(11)
        for _ in range(3):
            await _call(breaker, TimeoutError())
        return (await breaker.status()).state

    assert run(monkeypatch, story) is BreakerState.CLOSED


@pytest.mark.parametrize(
    "error", [Refused("no"), KeyRejected("401"), Transient("429", retry_after=3), ValueError()]
)
def test_answers_that_tell_nothing_of_an_ill_vendor_leave_it_closed(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> BreakerState:
        breaker = _breaker()
        for _ in range(20):
            await _call(breaker, error)
        return (await breaker.status()).state

    assert run(monkeypatch, story) is BreakerState.CLOSED


def test_one_probe_passes_when_it_is_half_open(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> int:
        breaker = await _opened()
        await asyncio.sleep(5)
        assert (await breaker.status()).state is BreakerState.HALF_OPEN
        outcomes = await asyncio.gather(
            *(breaker.enter() for _ in range(50)), return_exceptions=True
        )
        return sum(not isinstance(each, Unavailable) for each in outcomes)

    assert run(monkeypatch, story) == 1


def test_a_probe_that_succeeds_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> BreakerState:
        breaker = await _opened()
        await asyncio.sleep(5)
        await _call(breaker)
        await _call(breaker, Transient("500"))
        return (await breaker.status()).state

    assert run(monkeypatch, story) is BreakerState.CLOSED


def test_a_probe_that_fails_opens_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float | None:
        breaker = await _opened()
        await asyncio.sleep(5)
        await _call(breaker, TimeoutError())
        with pytest.raises(Unavailable) as refused:
            await breaker.enter()
        return refused.value.retry_after

    assert run(monkeypatch, story) == pytest.approx(5)


def test_a_cancelled_probe_leaves_its_place_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        breaker = await _opened()
        await asyncio.sleep(5)

        async def slow() -> None:
            async with await breaker.enter():
                await asyncio.sleep(60)

        probe = asyncio.create_task(slow())
        await asyncio.sleep(1)
        with pytest.raises(Unavailable):
            await breaker.enter()
        probe.cancel()
        await asyncio.wait({probe})
        await _call(breaker)
        assert (await breaker.status()).state is BreakerState.CLOSED

    run(monkeypatch, story)


def test_another_process_learns_of_it_through_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        store = MemoryStore()
        other = _breaker(store)
        await _call(other)
        opened = await _opened(store)
        await asyncio.sleep(1)
        with pytest.raises(Unavailable):
            await other.enter()
        await asyncio.sleep(4)
        await _call(opened)
        await _call(other)

    run(monkeypatch, story)


def test_a_call_that_began_before_it_opened_does_not_prolong_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float | None:
        breaker = _breaker()
        late = await breaker.enter()
        for _ in range(4):
            await _call(breaker, Transient("500"))
        await asyncio.sleep(3)
        await late.__aexit__(Transient, Transient("500"), None)
        with pytest.raises(Unavailable) as refused:
            await breaker.enter()
        return refused.value.retry_after

    assert run(monkeypatch, story) == pytest.approx(2)


def test_outcomes_leave_the_window() -> None:
    outcomes = Outcomes(10)
    outcomes.add(0.0, failed=True)
    outcomes.add(6.0, failed=False)

    assert outcomes.counted(9.9) == (2, 1)
    assert outcomes.counted(10.0) == (1, 0)
