"""Questions to Gemini and OpenAI, over sockets and by their real SDKs."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from model_vendors import Running, picture, question, running
from structlog.testing import capture_logs

from forthwith.platform import clock, context
from forthwith.platform.context import Principal
from forthwith.platform.errors import Exhausted, Refused, Transient, Unavailable
from forthwith.platform.upstream.budgets import Standing
from forthwith.platform.upstream.costs import Outcome

_DAY_IS_OVER = {"quota": {"spent_keys": ["first", "second", "sandbox"]}}


async def _standings(vendors: Running, vendor: str) -> list[Standing]:
    keys = await vendors.upstream(vendor).keys.status()
    return [key.standing for key in keys]


async def test_an_answer_has_the_form_that_was_asked_for_and_says_who_gave_it(
    vendors: Running,
) -> None:
    answer = await vendors.models.ask(question())

    assert answer.value.name == "Ada Lovelace"
    assert (answer.provider, answer.model) == ("gemini", "gemini-3.5-flash-lite")
    assert answer.key == "key-1"


async def test_an_answer_costs_what_its_tokens_cost(vendors: Running) -> None:
    answer = await vendors.models.ask(question())

    # genai-prices 0.2.3: 0.30 USD a million tokens in, 2.50 out
    assert answer.micros == -(
        -(answer.tokens_in * 300_000 + answer.tokens_out * 2_500_000) // 10**6
    )
    assert vendors.charges()[-1].micros == answer.micros


async def test_an_equal_question_of_one_owner_is_paid_once(vendors: Running) -> None:
    await vendors.models.ask(question())
    again = await vendors.models.ask(question())

    assert again.was_kept
    assert again.micros == 0
    assert len(await vendors.asked()) == 1


async def test_another_owner_is_never_given_what_one_has_asked(vendors: Running) -> None:
    await vendors.models.ask(question())
    other = Principal(UUID(int=7), "test", frozenset())
    token = context.principal.set(other)
    answer = await vendors.models.ask(question())
    context.principal.reset(token)

    assert not answer.was_kept


async def test_a_key_without_quota_for_the_day_gives_way_until_midnight_in_california(
    vendors: Running,
) -> None:
    await vendors.gemini(quota={"spent_keys": ["first"]})
    answers = [await vendors.models.ask(question(shade)) for shade in range(3)]
    first, second = await vendors.upstream("gemini").keys.status()

    assert {answer.key for answer in answers} == {"key-2"}
    assert (first.standing, second.standing) == (Standing.OUT, Standing.OK)
    assert first.until is not None
    assert first.until.astimezone(UTC).hour in {7, 8}
    assert first.until - clock.now() <= timedelta(days=1)


async def test_a_key_that_has_to_wait_is_not_asked_before(vendors: Running) -> None:
    await vendors.gemini(quota={"per_minute": 0, "minute_seconds": 7})
    answer = await vendors.models.ask(question())
    waits = [key.until for key in await vendors.upstream("gemini").keys.status()]

    assert answer.provider == "openai"
    assert all(
        timedelta(seconds=4) < until - _now() < timedelta(seconds=8) for until in waits if until
    )
    assert await _standings(vendors, "gemini") == [Standing.COOLING, Standing.COOLING]


async def test_rejected_keys_are_asked_no_more(vendors: Running) -> None:
    await vendors.gemini(quota={"refused_keys": ["first", "second"]})
    answers = [await vendors.models.ask(question(shade)) for shade in range(2)]

    assert [answer.provider for answer in answers] == ["openai", "openai"]
    assert await _standings(vendors, "gemini") == [Standing.RETIRED, Standing.RETIRED]
    assert len(await vendors.asked()) == 4


async def test_an_account_that_is_not_paid_is_left_alone_for_an_hour(vendors: Running) -> None:
    await vendors.gemini(**_DAY_IS_OVER)
    await vendors.openai(**_DAY_IS_OVER)
    with pytest.raises(Exhausted):
        await vendors.models.ask(question())
    (key,) = await vendors.upstream("openai").keys.status()

    assert key.standing is Standing.OUT
    assert key.until is not None
    assert timedelta(minutes=50) < key.until - clock.now() <= timedelta(hours=1)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
        {"kind": "disconnect"},
        {"kind": "cut"},
    ],
    ids=["503", "500", "disconnected", "cut off"],
)
async def test_an_ill_vendor_gives_way_to_the_next(
    vendors: Running, fault: dict[str, object]
) -> None:
    await vendors.gemini(next_faults=[fault])
    answer = await vendors.models.ask(question())

    assert answer.provider == "openai"
    assert await _standings(vendors, "gemini") == [Standing.OK, Standing.OK]


async def test_a_vendor_that_hangs_gives_way_to_the_next() -> None:
    async with running(AI_TIMEOUT_SECONDS="0.5") as vendors:
        await vendors.gemini(next_faults=[{"kind": "hang", "seconds": 5}])
        answer = await vendors.models.ask(question())
        charges = vendors.charges()

    assert answer.provider == "openai"
    # Sent and never answered: nobody knows whether it was done, so it counts as paid.
    assert [each.outcome for each in charges] == [Outcome.FAILED, Outcome.ANSWERED]
    assert all(each.micros > 0 for each in charges)


async def test_all_being_ill_is_told_as_what_passes(vendors: Running) -> None:
    await vendors.gemini(next_faults=[{"kind": "status", "status": 503}])
    await vendors.openai(next_faults=[{"kind": "status", "status": 500}])
    with pytest.raises(Transient):
        await vendors.models.ask(question())


async def test_a_further_model_of_openai_is_asked_last() -> None:
    async with running(FALLBACK_AI_MODEL="gpt-4o-mini", GOOGLE_API_KEY="") as vendors:
        await vendors.openai(next_faults=[{"kind": "status", "status": 500}])
        answer = await vendors.models.ask(question())

    assert (answer.provider, answer.model) == ("openai", "gpt-4o-mini")


async def test_what_a_model_will_not_answer_is_asked_of_nobody_else(vendors: Running) -> None:
    await vendors.gemini_ends("blocked")
    with pytest.raises(Refused, match="will not answer"):
        await vendors.models.ask(question())

    assert len(await vendors.asked()) == 1


async def test_openai_refusing_is_a_refusal_too() -> None:
    async with running(GOOGLE_API_KEY="") as vendors:
        await vendors.openai_ends("blocked")
        with pytest.raises(Refused):
            await vendors.models.ask(question())


async def test_an_answer_that_is_cut_off_is_asked_for_again_with_more_room(
    vendors: Running,
) -> None:
    await vendors.gemini_ends("cut")
    answer = await vendors.models.ask(question())

    paid = [each.micros for each in vendors.charges()]

    assert answer.value.name == "Ada Lovelace"
    assert len(paid) == 2
    assert answer.micros == sum(paid)


async def test_an_answer_longer_than_allowed_fits_at_the_second_try() -> None:
    long = '{"name": "' + "a" * 400 + '"}'

    async def read(_: object) -> str:
        return long

    async with running(read, AI_MAX_TOKENS="64") as vendors:
        answer = await vendors.models.ask(question())

    assert len(answer.value.name) == 400


async def test_a_vendor_that_keeps_no_form_gives_way_and_does_not_count_as_ill(
    vendors: Running,
) -> None:
    await vendors.gemini_ends("cut", "cut")
    answer = await vendors.models.ask(question())
    back = await vendors.models.ask(question(1))

    assert (answer.provider, back.provider) == ("openai", "gemini")


async def test_prose_in_place_of_json_is_no_answer() -> None:
    async def read(_: object) -> str:
        return "I am sorry, there is no plate."

    async with running(read) as vendors:
        with pytest.raises(Transient, match="form"):
            await vendors.models.ask(question())


async def test_without_any_key_nobody_is_asked() -> None:
    async with running(GOOGLE_API_KEY="", OPENAI_API_KEY="") as vendors:
        with pytest.raises(Unavailable, match="GOOGLE_API_KEY"):
            await vendors.models.ask(question())


async def test_a_call_whose_caller_leaves_is_finished_kept_and_charged(vendors: Running) -> None:
    await vendors.models.ask(question(9))  # everything is open by now
    await vendors.gemini(latency={"p50": 0.5, "p95": 0.5})
    asking = asyncio.create_task(vendors.models.ask(question()))
    await asyncio.sleep(0.2)
    asking.cancel()
    await asyncio.wait({asking})
    answer = await vendors.models.ask(question())

    assert answer.was_kept
    assert [each.micros > 0 for each in vendors.charges()[:2]] == [True, True]
    assert len(await vendors.asked()) == 2


async def test_nothing_that_is_logged_holds_a_key_or_what_was_read(
    vendors: Running, caplog: pytest.LogCaptureFixture
) -> None:
    await vendors.gemini(quota={"refused_keys": ["first"], "spent_keys": ["second"]})
    await vendors.openai(next_faults=[{"kind": "status", "status": 500}])
    with caplog.at_level(logging.DEBUG), capture_logs() as events:
        with pytest.raises(Transient):
            await vendors.models.ask(question())
        await vendors.models.ask(question())
    logged = caplog.text + repr(events)

    assert "provider_passed_on" in logged
    for secret in ("Ada", "Read the plate", "sandbox'", "'first'", "second'", "base64,"):
        assert secret not in logged


@pytest.mark.shared
async def test_requests_and_answers_keep_to_what_both_vendors_publish(shared: Path) -> None:
    pytest.importorskip("openapi_schema_validator")
    async with running(specification=shared / "contracts") as vendors:
        await vendors.gemini_ends("whole", "cut", "blocked")
        await vendors.models.ask(question())
        with pytest.raises(Refused):
            await vendors.models.ask(question(1))
        await vendors.gemini(**_DAY_IS_OVER)
        answer = await vendors.models.ask(question(2))

        assert vendors.sandbox.contract is not None
        assert answer.provider == "openai"
        assert vendors.sandbox.contract.broken == []


def test_a_question_differs_by_all_that_is_asked() -> None:
    asked = {question(shade).digest for shade in (1, 2)}

    assert len(asked) == 2
    assert question(1).digest in asked
    assert picture(1) == picture(1)


def _now() -> datetime:
    return clock.now()
