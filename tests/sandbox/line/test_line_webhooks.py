"""The sandbox delivers events as LINE does: again, at once, in any order, each with one id."""

import asyncio
from collections import Counter

import pytest
from line_channel import Running

from forthwith.integrations.line.errors import ReplyTokenSpent
from forthwith.integrations.line.events import Image, Text
from forthwith.integrations.line.messages import answer, postback, say, text
from forthwith.sandbox.line import names
from forthwith.sandbox.line.knobs import LineKnobs

HELLO = answer(text("Hello"))


async def test_a_text_is_delivered_once_with_all_that_line_tells(channel: Running) -> None:
    await channel.phone.send_text("ann", "說明", quoted="77")
    (event,) = await channel.bot.heard()

    assert isinstance(event.message, Text)
    assert (event.message.text, event.message.quoted_message_id) == ("說明", "77")
    assert event.user == names.user_id("ann")
    assert event.reply_token
    assert not event.delivery_context.is_redelivery
    assert len(event.id) == 26


async def test_pictures_sent_in_one_go_are_one_set(channel: Running) -> None:
    """Three events, each with its place in the set."""
    ids = await channel.phone.send_images("ann", [b"one", b"two", b"three"])
    heard = await channel.bot.heard(3)
    images = sorted((each.message for each in heard), key=lambda image: image.id)

    assert [each.id for each in images] == ids
    assert [each.image_set.index for each in images] == [1, 2, 3]
    assert {each.image_set.total for each in images} == {3}
    assert len({each.image_set.id for each in images}) == 1


async def test_one_picture_is_no_set(channel: Running) -> None:
    """Nor are several that were sent one by one."""
    await channel.phone.send_images("ann", [b"one"])
    await channel.phone.send_images("ann", [b"two", b"three"], image_set=False)
    heard = await channel.bot.heard(3)

    assert [each.message.image_set for each in heard if isinstance(each.message, Image)] == [
        None,
        None,
        None,
    ]


async def test_an_event_that_failed_is_delivered_again_with_its_id_and_token(
    channel: Running,
) -> None:
    """Marked as a redelivery, and answerable still."""
    await channel.phone.set_knobs(LineKnobs(redelivery_seconds=0.05))
    channel.bot.answers = [500, 503]
    await channel.phone.send_text("ann", "hi")
    first, second, third = await channel.bot.heard(3)
    await channel.line.reply(third.reply_token or "", HELLO)
    deliveries = await channel.phone.deliveries()

    assert first.id == second.id == third.id
    assert first.reply_token == third.reply_token
    assert [first.delivery_context.is_redelivery, third.delivery_context.is_redelivery] == [
        False,
        True,
    ]
    assert [each.outcome for each in deliveries] == ["500", "503", "200"]


async def test_a_bot_that_does_not_answer_in_time_gets_it_again(channel: Running) -> None:
    await channel.phone.set_knobs(
        LineKnobs(webhook_timeout_seconds=0.0, redeliveries=1, redelivery_seconds=0.01)
    )
    await channel.phone.send_text("ann", "hi")
    while len(deliveries := await channel.phone.deliveries()) < 2:
        await asyncio.sleep(0.01)

    assert all("Timeout" in each.outcome for each in deliveries)


async def test_copies_come_although_they_were_answered(channel: Running) -> None:
    """Each event three times: the fault that makes bots say everything twice."""
    await channel.phone.set_knobs(LineKnobs(copies=2, redelivery_seconds=0.01))
    await channel.phone.send_text("ann", "one")
    await channel.phone.send_text("ben", "two")
    heard = await channel.bot.heard(6)

    assert sorted(Counter(each.id for each in heard).values()) == [3, 3]


async def test_held_events_come_together_and_in_another_order(channel: Running) -> None:
    """Of several people in one webhook; with one seed in one order."""
    orders = []
    for _ in range(2):
        await channel.phone.set_knobs(
            LineKnobs(hold_seconds=2.0, batch=10, is_shuffled=True, seed=3)
        )
        before = len(channel.bot.callbacks)
        for number in range(5):
            await channel.phone.send_text(f"user-{number % 2}", str(number))
        await channel.bot.heard(5 * (len(orders) + 1))
        (callback,) = channel.bot.callbacks[before:]
        orders.append([each.message.text for each in callback.events])

    assert orders[0] == orders[1]
    assert orders[0] != sorted(orders[0])
    assert sorted(orders[0]) == [str(number) for number in range(5)]


async def test_a_standby_bot_gets_no_reply_tokens(channel: Running) -> None:
    await channel.phone.set_knobs(LineKnobs(is_standby=True))
    await channel.phone.send_text("ann", "hi")
    (event,) = await channel.bot.heard()

    assert (event.is_active, event.reply_token) == (False, None)


async def test_a_group_is_answered_in_the_group(channel: Running) -> None:
    await channel.phone.send_text("ann", "hi", group="family")
    (event,) = await channel.bot.heard()
    await channel.line.reply(event.reply_token or "", HELLO)
    view = await channel.phone.messages_of(names.group_id("family"))

    assert event.source is not None
    assert event.source.chat == names.group_id("family")
    assert [each.message["text"] for each in view.entries] == ["hi", "Hello"]


async def test_taps_say_or_post_back_what_the_bot_wrote(channel: Running) -> None:
    """And show in the chat what a phone would show."""
    await channel.phone.tap("ann", say("Batch", "批次"))
    await channel.phone.tap("ann", postback("Done", "done=1", shown="Done!"))
    await channel.phone.tap("ann", postback("Quiet", "done=2"))
    events = {each.type: each for each in await channel.bot.heard(3)}
    posted = [each.postback.data for each in channel.bot.events if each.postback]
    view = await channel.phone.messages_of("ann")

    assert isinstance(events["message"].message, Text)
    assert events["message"].message.text == "批次"
    assert sorted(posted) == ["done=1", "done=2"]
    assert [each.message["text"] for each in view.entries] == ["批次", "Done!"]


async def test_what_is_taken_back_leaves_the_chat_and_is_told(channel: Running) -> None:
    (photo,) = await channel.phone.send_images("ann", [b"photo"])
    await channel.bot.heard()
    await channel.phone.take_back("ann", photo)
    event = (await channel.bot.heard(2))[1]

    assert event.unsend is not None
    assert (event.unsend.message_id, event.reply_token) == (photo, None)
    assert (await channel.phone.messages_of("ann")).entries == ()


async def test_who_blocks_the_bot_is_neither_heard_nor_reached(channel: Running) -> None:
    """Until they add it again."""
    await channel.phone.do("ann", "unfollow", is_answerable=False)
    await channel.phone.send_text("ann", "unheard")
    await channel.phone.do("ann", "follow", members={"follow": {"isUnblocked": True}})
    await channel.phone.send_text("ann", "heard")
    heard = await channel.bot.heard(3)

    assert Counter(each.type for each in heard) == {"unfollow": 1, "follow": 1, "message": 1}


async def test_a_reply_token_dies_twenty_minutes_after_its_event(
    channel: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However lately it was delivered again."""
    await channel.phone.send_text("ann", "hi")
    (event,) = await channel.bot.heard()
    tokens = channel.sandbox.channel.reply_tokens
    monkeypatch.setattr(tokens._tokens[event.reply_token or ""], "made_at", -20 * 60.0)
    await channel.phone.send_text("ann", "later")
    await channel.bot.heard(2)

    with pytest.raises(ReplyTokenSpent):
        await channel.line.reply(event.reply_token or "", HELLO)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "knobs", {"batch": 0}),
        ("PUT", "knobs", {"unknown": 1}),
        ("PUT", "webhook", []),
        ("POST", "chats/ann/texts", {}),
        ("POST", "chats/ann/taps", {"action": {}}),
        ("POST", "id-tokens", {"user": 1}),
        ("GET", "chats/ann?after=x", None),
    ],
)
async def test_what_no_phone_does_is_refused(
    channel: Running, method: str, path: str, body: object
) -> None:
    refused = await channel.control.request(method, f"/_sandbox/line/{path}", json=body)

    assert refused.status_code == 422
