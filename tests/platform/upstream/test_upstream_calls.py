"""One call through the one way out, in memory, against a vendor over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from paid_sandbox import Sandbox, answering, keys, sandbox

from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    Refused,
    TooMany,
    Transient,
    Unavailable,
)
from forthwith.platform.upstream import (
    BudgetSpent,
    Limits,
    SpendingLimits,
    Stores,
    Tripping,
    Unanswered,
    in_memory,
)
from forthwith.platform.upstream.costs import Charge, MemoryLedger


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@pytest.fixture
def stores() -> Stores:
    return in_memory()


def charges(stores: Stores) -> list[Charge]:
    assert isinstance(stores.ledger, MemoryLedger)
    return list(stores.ledger.charges)


def saved(stores: Stores) -> list[Charge]:
    assert isinstance(stores.ledger, MemoryLedger)
    return list(stores.ledger.saved)


def outcomes(stores: Stores) -> list[str]:
    return [charge.outcome for charge in charges(stores)]


async def test_a_call_is_answered_and_charged(vendor: Sandbox, stores: Stores) -> None:
    async with answering(vendor.url, stores) as answers:
        answer = await answers.ask("abc", model="small", prompt_version="7", app="cards")
    (charge,) = charges(stores)

    assert answer == "cba"
    assert (charge.vendor, charge.operation, charge.outcome) == ("metered", "answer", "answered")
    assert (charge.app, charge.model, charge.prompt_version) == ("cards", "small", "7")
    assert (charge.key, charge.usage.tokens_in, charge.micros) == ("key-1", 3, 1_006)
    assert charge.latency_ms > 0


async def test_a_kept_answer_is_not_paid_again_and_its_saving_is_told(
    vendor: Sandbox, stores: Stores
) -> None:
    async with answering(vendor.url, stores) as answers:
        assert [await answers.ask("abc") for _ in range(3)] == ["cba"] * 3

    assert len(await vendor.log()) == 1
    assert [(each.source, each.micros) for each in saved(stores)] == [("memory", 1_006)] * 2


async def test_another_prompt_version_is_another_answer(vendor: Sandbox, stores: Stores) -> None:
    async with answering(vendor.url, stores) as answers:
        for version in ("1", "2", "1"):
            await answers.ask("abc", prompt_version=version)

    assert len(await vendor.log()) == 2


async def test_a_thousand_equal_calls_are_one(vendor: Sandbox, stores: Stores) -> None:
    await vendor.behave(latency={"p50": 0.2, "p95": 0.2})
    async with answering(vendor.url, stores) as answers:
        answered = await asyncio.gather(*(answers.ask("abc") for _ in range(1_000)))

    assert answered == ["cba"] * 1_000
    assert len(await vendor.log()) == 1
    assert [each.source for each in saved(stores)] == ["coalesced"] * 999


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_caller_who_leaves_hurts_nobody_and_the_call_is_charged(
    vendor: Sandbox,
    stores: Stores,
    is_kept: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Also when all leave: what was sent is finished, kept and charged."""
    await vendor.behave(latency={"p50": 0.3, "p95": 0.3})
    async with answering(vendor.url, stores) as answers:
        first = asyncio.create_task(answers.ask("abc", is_kept=is_kept))
        second = asyncio.create_task(answers.ask("abc"))
        await asyncio.sleep(0.1)
        first.cancel()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await answers.ask("abc")
        assert await second == "cba"
        assert await answers.ask("abc") == "cba"

    assert len(await vendor.log()) == (1 if is_kept else 2)
    assert outcomes(stores) == ["answered"] * (1 if is_kept else 2)


async def test_a_caller_who_leaves_the_line_costs_nothing(vendor: Sandbox, stores: Stores) -> None:
    await vendor.behave(latency={"p50": 0.2, "p95": 0.2})
    async with answering(vendor.url, stores, of=keys(1, Limits(concurrency=1))) as answers:
        first = asyncio.create_task(answers.ask("a", is_kept=False))
        waiting = asyncio.create_task(answers.ask("b", is_kept=False))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await first

    assert len(await vendor.log()) == 1


@pytest.mark.parametrize("is_kept", [True, False])
async def test_calls_in_the_air_when_the_process_ends_are_charged(
    vendor: Sandbox,
    stores: Stores,
    is_kept: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    await vendor.behave(latency={"p50": 5, "p95": 5})
    async with answering(vendor.url, stores) as answers:
        call = asyncio.create_task(answers.ask("abc", is_kept=is_kept))
        await asyncio.sleep(0.2)
        await answers.upstream.close(grace_seconds=0.1)
        with pytest.raises(asyncio.CancelledError):
            await call

    assert [(each.outcome, each.micros) for each in charges(stores)] == [("cancelled", 1_000)]


async def test_a_dead_key_and_one_without_quota_are_passed_over(
    vendor: Sandbox, stores: Stores
) -> None:
    """In the same call; afterwards they are not asked again."""
    await vendor.behave(quota={"refused_keys": ["secret-1"], "per_day": 2})
    async with answering(vendor.url, stores, of=keys(4, Limits(rpm=100))) as answers:
        answered = [await answers.ask(str(number)) for number in range(6)]
        with pytest.raises(Exhausted) as out:
            await answers.ask("one too many")
        states = {each.alias: each.standing.name for each in await answers.upstream.keys.status()}

    assert answered == [str(number) for number in range(6)]
    assert states == {"key-1": "RETIRED", "key-2": "OUT", "key-3": "OUT", "key-4": "OUT"}
    assert (await vendor.outcomes()).count("401") == 1
    assert out.value.resets_at is not None


async def test_all_keys_rejected_is_said(vendor: Sandbox, stores: Stores) -> None:
    await vendor.behave(quota={"refused_keys": ["secret-1", "secret-2"]})
    async with answering(vendor.url, stores, of=keys(2)) as answers:
        with pytest.raises(KeyRejected):
            await answers.ask("abc")

    assert outcomes(stores) == ["refused", "refused"]
    assert sum(each.micros for each in charges(stores)) == 0


async def test_a_throttled_key_cools_and_the_next_one_answers(
    vendor: Sandbox, stores: Stores
) -> None:
    await vendor.behave(next_faults=[{"kind": "status", "status": 429, "retry_after": 30}])
    async with answering(vendor.url, stores, of=keys(2)) as answers:
        answered = [await answers.ask(str(number)) for number in range(5)]
    asked = [entry["key"] for entry in await vendor.log()]

    assert answered == ["0", "1", "2", "3", "4"]
    assert asked.count(asked[0]) == 1


async def test_an_ill_vendor_is_told_as_it_is_and_opens_the_breaker(
    vendor: Sandbox, stores: Stores
) -> None:
    await vendor.behave(faults=[{"kind": "status", "status": 500}], fault_rate=1)
    tripping = Tripping(minimum=4, open_seconds=30)
    async with answering(vendor.url, stores, tripping=tripping) as answers:
        for number in range(4):
            with pytest.raises(Transient):
                await answers.ask(str(number))
        with pytest.raises(Unavailable) as refused:
            await answers.ask("one more")

    assert len(await vendor.log()) == 4
    assert refused.value.retry_after == pytest.approx(30, abs=2)
    assert outcomes(stores) == ["failed"] * 4


async def test_a_vendor_that_asks_for_a_pause_gets_it(vendor: Sandbox, stores: Stores) -> None:
    """503 with Retry-After is about the vendor, not about a key: no other key is tried."""
    await vendor.behave(next_faults=[{"kind": "status", "status": 503, "retry_after": 20}])
    async with answering(vendor.url, stores, of=keys(3)) as answers:
        with pytest.raises(Transient) as told:
            await answers.ask("abc")
        with pytest.raises(TooMany) as paused:
            await answers.ask("abc", within=1)

    assert told.value.retry_after == 20
    assert paused.value.retry_after == pytest.approx(20, abs=1)
    assert len(await vendor.log()) == 1


async def test_a_refusal_is_told_with_the_vendors_words_and_without_the_key(
    vendor: Sandbox, stores: Stores
) -> None:
    await vendor.behave(next_faults=[{"kind": "status", "status": 400}])
    async with answering(vendor.url, stores) as answers:
        with pytest.raises(Refused, match="sandbox fault") as told:
            await answers.ask("abc")

    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "fault", [{"kind": "hang", "seconds": 5}, {"kind": "disconnect"}, {"kind": "cut"}]
)
async def test_a_call_without_answer_is_charged_as_if_it_had_been_done(
    vendor: Sandbox, stores: Stores, fault: dict[str, object]
) -> None:
    await vendor.behave(next_faults=[fault])
    async with answering(vendor.url, stores, timeout_seconds=0.5) as answers:
        with pytest.raises(Unanswered):
            await answers.ask("abc")

    assert [(each.outcome, each.micros) for each in charges(stores)] == [("failed", 1_000)]


async def test_a_vendor_that_is_not_there_costs_nothing(stores: Stores) -> None:
    async with answering("http://127.0.0.1:9", stores) as answers:
        with pytest.raises(Transient, match="cannot be reached"):
            await answers.ask("abc")

    assert [each.micros for each in charges(stores)] == [0]


async def test_beyond_the_queue_callers_are_told_when_to_come_back(
    vendor: Sandbox, stores: Stores
) -> None:
    await vendor.behave(latency={"p50": 0.2, "p95": 0.2})
    one_at_a_time = keys(1, Limits(concurrency=1))
    async with answering(vendor.url, stores, of=one_at_a_time, queue_limit=3) as answers:
        calls = [asyncio.create_task(answers.ask(str(number))) for number in range(8)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
    refused = [each for each in ended if isinstance(each, Unavailable)]

    assert [each for each in ended if isinstance(each, str)] == ["0", "1", "2", "3"]
    assert len(refused) == 4
    assert all(each.retry_after is not None for each in refused)


async def test_a_call_that_cannot_start_in_time_is_refused_at_once(
    vendor: Sandbox, stores: Stores
) -> None:
    async with answering(vendor.url, stores, of=keys(1, Limits(rpm=1))) as answers:
        await answers.ask("a")
        with pytest.raises(TooMany) as refused:
            await answers.ask("b", within=5)
        quoted = await answers.upstream.quote()

    assert refused.value.retry_after == pytest.approx(60, abs=3)
    assert quoted == pytest.approx(60, abs=3)


async def test_an_impatient_leader_takes_nobody_along(vendor: Sandbox, stores: Stores) -> None:
    """Who waits for the call of another is refused for his own haste only."""
    async with answering(vendor.url, stores, of=keys(1, Limits(per_second=1.0))) as answers:
        await answers.ask("a")
        hasty = asyncio.create_task(answers.ask("b", within=0.1))
        patient = asyncio.create_task(answers.ask("b", within=10))
        with pytest.raises(TooMany):
            await hasty

        assert await patient == "b"


async def test_a_spent_budget_stops_spending_but_not_what_is_kept(vendor: Sandbox) -> None:
    stores = in_memory(SpendingLimits(per_app={"cards": 2_500}))
    async with answering(vendor.url, stores) as answers:
        await answers.ask("a", app="cards")
        await answers.ask("b", app="cards")
        with pytest.raises(BudgetSpent, match="cards") as spent:
            await answers.ask("c", app="cards")

        assert await answers.ask("a", app="cards") == "a"
        assert await answers.ask("c", app="orders") == "c"
    assert (await vendor.outcomes()) == ["200"] * 3
    assert spent.value.resets_at is not None


async def test_the_spent_budget_of_a_leader_takes_nobody_along(vendor: Sandbox) -> None:
    stores = in_memory(SpendingLimits(per_app={"cards": 1}))
    async with answering(vendor.url, stores) as answers:
        await answers.ask("a", app="cards")
        calls = [answers.ask("b", app=app) for app in ("cards", "orders", "cards")]
        ended = await asyncio.gather(*calls, return_exceptions=True)

    assert isinstance(ended[0], BudgetSpent)
    assert ended[1] == "b"
    assert ended[2] == "b" or isinstance(ended[2], BudgetSpent)


def test_budgets_and_prices_in_different_money_are_refused() -> None:
    stores = in_memory(SpendingLimits(per_owner=1, currency="TWD"))

    async def story() -> None:
        async with answering("http://127.0.0.1:9", stores):
            pass

    with pytest.raises(ValueError, match="TWD"):
        asyncio.run(story())


async def test_what_a_call_raises_of_its_own_is_raised_as_it_is(
    vendor: Sandbox, stores: Stores
) -> None:
    async def send(_: object) -> str:
        raise LookupError("ours")

    async with answering(vendor.url, stores) as answers:
        with pytest.raises(LookupError):
            await answers.upstream.call("answer", send)

    assert outcomes(stores) == ["failed"]


async def test_a_vendor_without_keys_needs_none_if_it_says_so(
    vendor: Sandbox, stores: Stores
) -> None:
    await vendor.behave(quota={"refused_keys": ["nobody"]})
    async with answering(vendor.url, stores, keyless=True) as answers:
        with pytest.raises(Refused):
            await answers.ask("a")
        await vendor.behave()

        assert await answers.ask("a") == "a"
    assert [each.key for each in charges(stores)] == [None, None]
