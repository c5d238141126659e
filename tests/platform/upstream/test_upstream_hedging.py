"""A second call beside a slow one, and providers in order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from paid_sandbox import Answering, Sandbox, answering, keys, sandbox

from forthwith.platform import clock
from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    Refused,
    TooMany,
    Transient,
    Unavailable,
)
from forthwith.platform.upstream import Hedging, Limits, Stores, first_of, in_memory
from forthwith.platform.upstream.costs import MemoryLedger

HEDGING = Hedging(operations=frozenset({"answer"}), share=0.2, minimum=12)
SLOW = {"kind": "hang", "seconds": 5}


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@pytest.fixture
def stores() -> Stores:
    return in_memory()


async def _warm(answers: Answering, calls: int = 12) -> None:
    """Enough quick calls to know what is slow, and to have earned second ones."""
    for number in range(calls):
        await answers.ask(f"warm {number}")


def _charged(stores: Stores) -> list[tuple[str, int]]:
    assert isinstance(stores.ledger, MemoryLedger)
    return [(each.outcome, each.micros) for each in stores.ledger.charges]


async def test_a_slow_call_gets_a_second_one_whose_answer_counts(
    vendor: Sandbox, stores: Stores
) -> None:
    """Both are charged: the beaten one may have been done."""
    async with answering(vendor.url, stores, of=keys(2), hedging=HEDGING) as answers:
        await _warm(answers)
        await vendor.behave(next_faults=[SLOW])
        began = clock.monotonic()
        answer = await answers.ask("abc")
        took = clock.monotonic() - began

    assert answer == "cba"
    assert took < 2.5
    assert _charged(stores)[12:] == [("answered", 1_006), ("hedged", 1_000)]


async def test_second_calls_stop_where_they_cost_too_much(vendor: Sandbox, stores: Stores) -> None:
    """Twelve calls earn two second ones; the third slow call is waited for."""
    async with answering(
        vendor.url, stores, of=keys(2), hedging=HEDGING, timeout_seconds=2
    ) as answers:
        await _warm(answers)
        for number in range(2):
            await vendor.behave(next_faults=[SLOW])
            await answers.ask(f"slow {number}")
        await vendor.behave(next_faults=[SLOW])
        with pytest.raises(Transient):
            await answers.ask("slow 3")

    assert [outcome for outcome, _ in _charged(stores)].count("hedged") == 2


async def test_without_room_there_is_no_second_call(vendor: Sandbox, stores: Stores) -> None:
    one_at_a_time = keys(1, Limits(concurrency=1))
    async with answering(vendor.url, stores, of=one_at_a_time, hedging=HEDGING) as answers:
        await _warm(answers)
        await vendor.behave(next_faults=[{"kind": "hang", "seconds": 0.6}])

        assert await answers.ask("abc") == "cba"
    assert [outcome for outcome, _ in _charged(stores)] == ["answered"] * 13


async def test_an_operation_that_may_not_be_repeated_is_never_called_twice(
    vendor: Sandbox, stores: Stores
) -> None:
    hedging = Hedging(operations=frozenset({"look"}), minimum=1, share=1)
    async with answering(vendor.url, stores, of=keys(2), hedging=hedging) as answers:
        await _warm(answers, 3)
        await vendor.behave(next_faults=[{"kind": "hang", "seconds": 0.5}])
        await answers.ask("abc")

    assert len(await vendor.log()) == 4


async def test_when_one_of_both_calls_fails_the_other_is_waited_for(
    vendor: Sandbox, stores: Stores
) -> None:
    slow, failing = {"kind": "hang", "seconds": 1.5}, {"kind": "status", "status": 500}
    async with answering(vendor.url, stores, of=keys(2), hedging=HEDGING) as answers:
        await _warm(answers)
        await vendor.behave(next_faults=[slow, failing])

        assert await answers.ask("abc") == "cba"
    assert [outcome for outcome, _ in _charged(stores)[12:]] == ["failed", "answered"]


async def test_a_caller_who_cuts_off_a_hedged_call_has_both_charged(
    vendor: Sandbox, stores: Stores
) -> None:
    async with answering(vendor.url, stores, of=keys(2), hedging=HEDGING) as answers:
        await _warm(answers)
        await vendor.behave(next_faults=[SLOW, SLOW])
        call = asyncio.create_task(answers.ask("abc", is_kept=False))
        await asyncio.sleep(0.8)
        await answers.upstream.close(grace_seconds=0.05)
        with pytest.raises(asyncio.CancelledError):
            await call

    assert _charged(stores)[12:] == [("cancelled", 1_000)] * 2


def _raising(error: Exception) -> Any:
    async def ask() -> str:
        raise error

    return ask


async def _answer() -> str:
    return "local"


LATER = clock.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    "error",
    [
        Transient("500"),
        TooMany("early", retry_after=1),
        Unavailable("open", retry_after=1),
        Exhausted("out", resets_at=LATER),
        KeyRejected("401"),
    ],
)
async def test_the_next_provider_answers_where_one_cannot(error: Exception) -> None:
    answered = await first_of({"vendor": _raising(error), "local": _answer})

    assert answered == ("local", "local")


async def test_the_first_provider_that_can_is_the_only_one_asked() -> None:
    answered = await first_of({"local": _answer, "vendor": _raising(AssertionError())})

    assert answered.provider == "local"


@pytest.mark.parametrize("error", [Refused("no"), LookupError("ours")])
async def test_a_refusal_is_an_answer(error: Exception) -> None:
    with pytest.raises(type(error)):
        await first_of({"vendor": _raising(error), "local": _answer})


async def test_when_none_can_the_error_that_passes_soonest_is_told() -> None:
    errors = {
        "rejected": _raising(KeyRejected("401")),
        "out": _raising(Exhausted("out", resets_at=LATER)),
        "busy": _raising(TooMany("early", retry_after=30)),
        "early": _raising(Transient("429", retry_after=3)),
    }
    with pytest.raises(Transient):
        await first_of(errors)
    del errors["early"], errors["busy"]
    with pytest.raises(Exhausted):
        await first_of(errors)


async def test_no_provider_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="provider"):
        await first_of({})
