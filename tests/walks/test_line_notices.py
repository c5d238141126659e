"""People are notified in LINE as they are by mail: once for each event."""

import pytest
from line_bot import Bot

from forthwith.apps.cards.line.channel import channel
from forthwith.platform.notify import Address, Notice, Template, notify, templates
from forthwith.sandbox import Fault, Knobs
from forthwith.sandbox.line.names import user_id

WELCOME = Template(
    "test.line_welcome",
    subject={"en": "Welcome", "zh-TW": "歡迎"},
    body={"en": "Good to see you, {name}.", "zh-TW": "{name}，很高興見到您。"},
)
templates.register(WELCOME)


async def _welcome(bot: Bot, event: str) -> None:
    """Tell Fang, who writes Chinese, in a transaction of its own."""
    async with bot.runtime.db.transaction() as session:
        notice = Notice(
            owner=await channel(bot.runtime).owner(),
            event_key=event,
            template=WELCOME.name,
            to=[Address("line", user_id("Fang"))],
            data={"name": "方"},
            language="zh-TW",
        )
        await notify(session, bot.runtime.jobs, notice)


@pytest.mark.parametrize("failures", [0, 1])
async def test_a_notification_is_pushed_once_for_an_event(bot: Bot, failures: int) -> None:
    await bot.ask("Fang", "help")
    before = len((await bot.phone.messages_of("Fang")).entries)
    await bot.behave(Knobs(next_faults=(Fault(kind="status", status=500, after=True),) * failures))
    await _welcome(bot, "first visit")
    await _welcome(bot, "first visit")
    await bot.until("select 1 from platform.notifications where state = 'sent'")

    entries = (await bot.phone.messages_of("Fang")).entries[before:]
    told = [each for each in entries if each.sent_by == "push"]
    assert [each.message["text"] for each in told] == ["歡迎\n\n方，很高興見到您。"]
