"""How answers arrive: by reply, by push, or with the next reply, and never twice."""

from uuid import UUID

import pytest
from line_bot import Bot, text_of

from forthwith.apps.cards.line import delivery
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.integrations.line import messages
from forthwith.platform import ids
from forthwith.platform.jobs import FailedRun
from forthwith.platform.runtime import Runtime
from forthwith.sandbox import Fault, Knobs
from forthwith.sandbox.line.knobs import LineKnobs

pytestmark = pytest.mark.slow  # LINE is ill for seconds

_STATES = "select state from cards.outgoing order by created_at"
AFTER_THE_WORK = Fault(kind="status", status=500, after=True)
BEFORE_THE_WORK = Fault(kind="status", status=500)


def _replies_for(bot: Bot, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long reply tokens are believed from now on."""
    line = channel(bot.runtime)
    settings = line.settings.model_copy(update={"reply_seconds": seconds})
    monkeypatch.setattr(line, "settings", settings)


async def _ways(bot: Bot, user: str) -> list[str]:
    """How the bot's messages came, in order."""
    entries = (await bot.phone.messages_of(user)).entries
    return [each.sent_by for each in entries if each.author == "bot"]


async def test_a_young_event_is_answered_by_its_token(bot: Bot) -> None:
    await bot.ask("Fang", "help")

    assert await _ways(bot, "Fang") == ["reply"]


async def test_an_old_event_is_answered_by_a_push(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replies_for(bot, 0.0, monkeypatch)
    await bot.ask("Fang", "help")

    assert await _ways(bot, "Fang") == ["push"]


async def test_without_quota_answers_wait_for_the_next_reply(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.phone.set_knobs(LineKnobs(monthly_limit=0))
    _replies_for(bot, 0.0, monkeypatch)
    await bot.phone.send_text("Fang", "help")
    await bot.until("select 1 from cards.outgoing where state = 'held'")
    _replies_for(bot, 50.0, monkeypatch)
    held, own = await bot.ask("Fang", "list", 2)
    await bot.settled()

    assert ("Send a photo" in text_of(held), "no cards" in text_of(own)) == (True, True)
    assert await _ways(bot, "Fang") == ["reply", "reply"]
    assert {row["state"] for row in await bot.runtime.db.fetch(_STATES)} == {"replied"}


async def test_the_monthly_limit_is_remembered_until_the_month_has_ended(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LINE's own 429 tells, before the figures of the quota do."""
    await bot.phone.set_knobs(LineKnobs(monthly_limit=1))
    _replies_for(bot, 0.0, monkeypatch)
    await bot.ask("Fang", "help")
    await bot.phone.send_text("Fang", "list")
    await bot.until("select 1 from cards.push_pauses where until > now()")
    await bot.settled()

    assert await _ways(bot, "Fang") == ["push"]
    assert [row["state"] for row in await bot.runtime.db.fetch(_STATES)] == ["pushed", "held"]


async def test_the_limit_of_the_rate_is_only_waited_for(bot: Bot) -> None:
    await bot.behave(Knobs(next_faults=(Fault(kind="status", status=429),) * 2))
    await bot.ask("Fang", "help")
    await bot.settled()

    assert await _ways(bot, "Fang") == ["reply"]
    assert await bot.runtime.db.fetch("select 1 from cards.push_pauses") == []


@pytest.mark.parametrize("fault", [AFTER_THE_WORK, BEFORE_THE_WORK, Fault(kind="disconnect")])
async def test_a_reply_that_fails_in_any_way_is_seen_once(bot: Bot, fault: Fault) -> None:
    await bot.behave(Knobs(next_faults=(fault,)))
    await bot.ask("Fang", "help")
    await bot.until("select 1 from cards.outgoing where state = 'replied'")

    assert await _ways(bot, "Fang") == ["reply"]


@pytest.mark.parametrize("fault", [AFTER_THE_WORK, BEFORE_THE_WORK])
async def test_a_push_that_fails_in_any_way_is_seen_once(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    _replies_for(bot, 0.0, monkeypatch)
    await bot.ask("Mei", "help")  # asks for the quota, which is known from now on
    await bot.behave(Knobs(next_faults=(fault,)))
    await bot.ask("Fang", "help")
    await bot.until(
        "select 1 where 2 = (select count(*) from cards.outgoing where state = 'pushed')"
    )

    assert await _ways(bot, "Fang") == ["push"]


async def test_a_token_that_grew_old_while_line_was_ill_gives_way_to_a_push(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replies_for(bot, 2.0, monkeypatch)
    await bot.behave(Knobs(next_faults=(BEFORE_THE_WORK,) * 2))
    await bot.ask("Fang", "help")
    await bot.settled()

    assert len(await bot.said("Fang")) == 1


async def _failed_for_good(runtime: Runtime, state: str) -> str:
    """The state of an answer after the last try, which left it in `state` with a token."""
    owner = await channel(runtime).owner()
    sender = Sender(owner, "p", "U1", is_private=True)
    async with runtime.db.transaction() as session:
        outgoing = await delivery.answer(
            session, runtime, sender, [messages.text("hello")], token=None
        )
    await runtime.db.execute(
        "update cards.outgoing set state = $1, reply = $2 where id = $3",
        *(state, ids.new(), outgoing),
    )
    failed = FailedRun(UUID(int=1), owner, {"outgoing": str(outgoing)}, "X", "it failed")
    async with runtime.db.transaction() as session:
        await delivery.hold(session, failed)
    row = await runtime.db.fetchrow("select state from cards.outgoing where id = $1", outgoing)
    assert row is not None
    return str(row["state"])


async def test_an_answer_whose_every_try_was_refused_waits_for_the_next_reply(
    line_runtime: Runtime,
) -> None:
    assert await _failed_for_good(line_runtime, "pending") == "held"


async def test_a_reply_that_may_have_arrived_is_not_made_again(line_runtime: Runtime) -> None:
    """At most once: its process died over it."""
    assert await _failed_for_good(line_runtime, "replying") == "presumed"
