"""The product's client and the real SDK, over sockets, against the sandbox's LINE."""

import asyncio
import sys
from datetime import UTC, datetime
from ipaddress import ip_network
from subprocess import run
from uuid import UUID, uuid4

import pytest
from line_channel import Running, running
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forthwith.integrations.line import errors
from forthwith.integrations.line.client import Line
from forthwith.integrations.line.errors import MonthlyLimit, ReplyTokenSpent
from forthwith.integrations.line.events import ContentProvider, Event, Image
from forthwith.integrations.line.messages import answer, text
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import vendor
from forthwith.platform import clock
from forthwith.platform.errors import KeyRejected, Refused, TooLarge, Transient, Unavailable
from forthwith.platform.guard import DestinationRefused, Guard, Policy
from forthwith.platform.upstream import Throttled, Unanswered, Upstream, in_memory
from forthwith.sandbox import serving
from forthwith.sandbox.line.knobs import LineKnobs
from forthwith.sandbox.line.messaging import RATE

HELLO = answer(text("Hello"))
PUSH = "/v2/bot/message/push"
REPLY = "/v2/bot/message/reply"
PHOTO = b"\xff\xd8 a photo " * 1_000


async def said(channel: Running, words: str = "hi", user: str = "ann") -> Event:
    """The event of a text that a person writes now."""
    before = len(channel.bot.events)
    await channel.phone.send_text(user, words)
    return (await channel.bot.heard(before + 1))[before]


async def photographed(channel: Running) -> Image:
    """The message of a photo that a person sends now."""
    await channel.phone.send_images("ann", [PHOTO])
    message = (await channel.bot.heard())[0].message
    assert isinstance(message, Image)
    return message


async def texts_in_chat(channel: Running, user: str = "ann") -> list[str]:
    """What the bot said to a person."""
    view = await channel.phone.messages_of(user)
    return [each.message["text"] for each in view.entries if each.author == "bot"]


async def test_a_reply_arrives_and_tells_how_to_quote_it(channel: Running) -> None:
    event = await said(channel)
    sent = await channel.line.reply(event.reply_token or "", answer(text("One"), text("Two")))

    assert await texts_in_chat(channel) == ["One", "Two"]
    assert len(sent.ids) == len(sent.quote_tokens) == 2
    assert all(sent.quote_tokens)


async def test_a_reply_token_is_good_once(channel: Running) -> None:
    token = (await said(channel)).reply_token or ""
    await channel.line.reply(token, HELLO)

    with pytest.raises(ReplyTokenSpent):
        await channel.line.reply(token, HELLO)
    assert await texts_in_chat(channel) == ["Hello"]


async def test_a_reply_token_grows_too_old(channel: Running) -> None:
    await channel.phone.set_knobs(LineKnobs(reply_seconds=0.05))
    event = await said(channel)
    await asyncio.sleep(0.1)

    with pytest.raises(ReplyTokenSpent):
        await channel.line.reply(event.reply_token or "", HELLO)


async def test_a_push_with_the_same_retry_key_is_one_message(channel: Running) -> None:
    """The second is told the messages of the first."""
    user, key = (await said(channel)).user or "", uuid4()
    first = await channel.line.push(user, HELLO, retry_key=key)
    second = await channel.line.push(user, HELLO, retry_key=key)

    assert await texts_in_chat(channel) == ["Hello"]
    assert (first.was_repeated, second.was_repeated) == (False, True)
    assert first.ids == second.ids
    assert first.quote_tokens == second.quote_tokens


@pytest.mark.parametrize("kind", ["disconnect", "cut", "status"])
async def test_a_push_whose_answer_was_lost_is_repeated_without_a_second_message(
    channel: Running, kind: str
) -> None:
    """LINE had done it; only the answer is missing."""
    user, key = (await said(channel)).user or "", uuid4()
    await channel.behave(next_faults=[{"kind": kind, "after": kind != "cut"}])
    with pytest.raises(Transient):
        await channel.line.push(user, HELLO, retry_key=key)
    repeated = await channel.line.push(user, HELLO, retry_key=key)

    assert repeated.was_repeated
    assert await texts_in_chat(channel) == ["Hello"]


async def test_a_known_retry_key_means_sent_whatever_the_answer_says(channel: Running) -> None:
    """Or it would be tried for ever."""
    await channel.behave(next_faults=[{"kind": "status", "status": 409}])
    sent = await channel.line.push(f"U{'0' * 32}", HELLO, retry_key=uuid4())

    assert (sent.was_repeated, sent.ids) == (True, ())


async def test_the_months_limit_ends_pushes_but_no_replies(
    channel: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the next month; the channel's token is none the worse for it."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 31, 23, 0, tzinfo=UTC))
    await channel.phone.set_knobs(LineKnobs(monthly_limit=1))
    event = await said(channel)
    user = event.user or ""
    await channel.line.push(user, HELLO, retry_key=uuid4())

    with pytest.raises(MonthlyLimit) as limit:
        await channel.line.push(user, HELLO, retry_key=uuid4())
    assert limit.value.resets_at == datetime(2027, 1, 1, tzinfo=UTC)
    await channel.line.reply(event.reply_token or "", HELLO)
    assert await texts_in_chat(channel) == ["Hello", "Hello"]


async def test_the_limit_of_rate_makes_a_push_wait_its_second(channel: Running) -> None:
    """The other 429: the same call goes through a second later."""
    user = (await said(channel)).user or ""
    await channel.line.push(user, HELLO, retry_key=uuid4())
    await channel.behave(quota={"per_minute": 1, "minute_seconds": 1.0})
    await asyncio.gather(*(channel.line.push(user, HELLO, retry_key=uuid4()) for _ in range(2)))
    outcomes = [each["outcome"] for each in await channel.calls(PUSH)]

    assert "429" in outcomes
    assert await texts_in_chat(channel) == ["Hello"] * 3


async def test_the_limit_of_rate_is_told_when_it_lasts(channel: Running) -> None:
    user = (await said(channel)).user or ""
    await channel.behave(quota={"per_minute": 0})

    with pytest.raises(Throttled):
        await channel.line.push(user, HELLO, retry_key=uuid4())
    refused = await channel.control.post(PUSH)
    assert refused.json() == {"message": RATE}


async def test_a_rejected_token_is_the_keys_fault(channel: Running) -> None:
    await channel.behave(quota={"refused_keys": [channel.sandbox.channel.token]})

    with pytest.raises(KeyRejected):
        await channel.line.push(f"U{'0' * 32}", HELLO, retry_key=uuid4())


async def test_what_line_refuses_is_said_in_its_words(channel: Running) -> None:
    """With the place that is wrong."""
    with pytest.raises(Refused, match=r"messages\[0\]\.text: May not be empty"):
        await channel.line.validate_reply([{"type": "text", "text": ""}])
    with pytest.raises(Refused, match="The property, 'to'"):
        await channel.line.push("nobody", HELLO, retry_key=uuid4())


async def test_messages_are_looked_at_without_being_sent(channel: Running) -> None:
    await channel.line.validate_reply(HELLO)

    assert await channel.calls("/v2/bot/message/validate/reply")


async def test_the_quota_tells_what_is_left(channel: Running) -> None:
    await channel.phone.set_knobs(LineKnobs(monthly_limit=3))
    event = await said(channel)
    await channel.line.push(event.user or "", HELLO, retry_key=uuid4())
    await channel.line.reply(event.reply_token or "", HELLO)
    quota = await channel.line.quota()

    assert (quota.limit, quota.used, quota.left) == (3, 1, 2)


async def test_a_channel_without_a_limit_has_always_some_left(channel: Running) -> None:
    assert (await channel.line.quota()).left == float("inf")


async def test_the_quota_is_asked_for_once_in_a_while(channel: Running) -> None:
    """Fifty answers at once ask for it once."""
    await asyncio.gather(*(channel.line.quota() for _ in range(50)))

    assert len(await channel.calls("/v2/bot/message/quota")) == 1


@pytest.mark.parametrize(("asked", "shown"), [(1, 5), (12, 15), (20, 20), (300, 60)])
async def test_the_loading_animation_lasts_in_steps_of_five_seconds(
    channel: Running, asked: float, shown: int
) -> None:
    user = (await said(channel)).user or ""
    await channel.line.show_loading(user, asked)

    assert shown - 5 < (await channel.phone.messages_of("ann")).loading_seconds <= shown


async def test_a_message_ends_the_loading_animation(channel: Running) -> None:
    user = (await said(channel)).user or ""
    await channel.line.show_loading(user)
    await channel.line.push(user, HELLO, retry_key=uuid4())

    assert (await channel.phone.messages_of("ann")).loading_seconds == 0


async def test_a_photo_is_fetched_as_it_was_sent(channel: Running) -> None:
    message = await photographed(channel)

    assert await channel.line.content(message, most_bytes=100_000) == PHOTO


async def test_content_in_preparation_is_asked_for_again(channel: Running) -> None:
    """202 is no empty photo; and no other call has to wait for it."""
    await channel.phone.set_knobs(LineKnobs(content_seconds=600))
    message = await photographed(channel)
    with pytest.raises(Transient) as preparing:
        await channel.line.content(message, most_bytes=100_000)
    channel.sandbox.channel.contents.add(message.id, PHOTO, "image/jpeg", 0)

    assert preparing.value.retry_after == 2.0
    assert await channel.line.content(message, most_bytes=100_000) == PHOTO


async def test_a_photo_that_was_taken_back_is_gone(channel: Running) -> None:
    message = await photographed(channel)
    await channel.phone.take_back("ann", message.id)

    with pytest.raises(Refused, match="410"):
        await channel.line.content(message, most_bytes=100_000)


async def test_a_photo_that_never_was_is_not_found(channel: Running) -> None:
    with pytest.raises(Refused, match="404"):
        await channel.line.content(Image(id="../../quota"), most_bytes=100_000)


async def test_a_photo_too_large_is_not_read_to_its_end(channel: Running) -> None:
    message = await photographed(channel)

    with pytest.raises(TooLarge, match="9,999"):
        await channel.line.content(message, most_bytes=9_999)


def elsewhere(url: str) -> Image:
    """A picture that another server keeps."""
    return Image(id="1", provider=ContentProvider(type="external", original_content_url=url))


async def pictures(request: Request) -> Response:
    """Another server: it answers what it saw of the caller, or the status it was asked for."""
    status = int(request.path_params["status"])
    return Response(request.headers.get("authorization", "no token"), status)


async def test_content_of_another_server_is_fetched_without_the_token() -> None:
    """And bounded, and with its failures told apart."""
    loopback = Policy(networks=(ip_network("127.0.0.0/8"),), plain_http=True)
    server = Starlette(routes=[Route("/{status}", pictures)])
    async with running(Guard(loopback)) as channel, serving(server) as url:
        assert await channel.line.content(elsewhere(f"{url}/200"), most_bytes=10) == b"no token"
        with pytest.raises(TooLarge):
            await channel.line.content(elsewhere(f"{url}/200"), most_bytes=7)
        with pytest.raises(Refused, match="404"):
            await channel.line.content(elsewhere(f"{url}/404"), most_bytes=10)
        with pytest.raises(Transient, match="503"):
            await channel.line.content(elsewhere(f"{url}/503"), most_bytes=10)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://169.254.169.254/", "file:///x", ""]
)
async def test_content_inside_our_network_is_not_fetched(channel: Running, url: str) -> None:
    with pytest.raises(DestinationRefused):
        await channel.line.content(elsewhere(url), most_bytes=10)


async def test_a_line_that_is_down_is_a_failure_that_passes(channel: Running) -> None:
    await channel.behave(faults=[{"kind": "status", "status": 500}], fault_rate=1.0)

    with pytest.raises(Transient):
        await channel.line.push(f"U{'0' * 32}", HELLO, retry_key=UUID(int=1))


def test_the_room_is_imported_without_the_sdk() -> None:
    """So that neither the front door nor a command waits for it."""
    code = (
        "import sys, forthwith.integrations.line.client, forthwith.integrations.line.events,"
        "forthwith.integrations.line.flex, forthwith.integrations.line.liff\n"
        "print({'linebot', 'aiohttp', 'pydantic.v1'} & set(sys.modules))"
    )
    printed = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "set()"


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A laptop behind one can try the bot, too."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with running() as channel:
        assert (await channel.line.quota()).used == 0


async def test_a_line_that_cannot_be_reached_was_not_asked() -> None:
    """Told apart from one that did not answer: here nothing can have been sent."""
    upstream = Upstream(vendor(LineSettings(LINE_CHANNEL_ACCESS_TOKEN="t")), in_memory())
    line = Line(upstream, base_url="http://127.0.0.1:9")
    with pytest.raises(Transient) as failed:
        await line.reply("token", HELLO)
    await line.close()

    assert not isinstance(failed.value, Unanswered)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, "<html>", Refused),
        (400, '{"message":"Invalid reply token"}', ReplyTokenSpent),
        (403, '{"message":"Access to this API is not available for your account"}', Refused),
        (404, None, Refused),
        (409, '{"message":"The retry key is already accepted"}', Refused),
        (429, '{"message":"You have sent too much"}', Throttled),
        (500, "", Transient),
    ],
)
def test_errors_are_told_apart(status: int, body: str | None, kind: type[Exception]) -> None:
    """Those without words, too; a refused operation does not retire the token."""
    assert type(errors.refused("line", status, None, body)) is kind


async def test_an_installation_without_the_sdk_says_how_to_get_it(
    channel: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "linebot.v3.messaging", None)
    monkeypatch.delitem(sys.modules, "forthwith.integrations.line.sdk", raising=False)

    with pytest.raises(Unavailable, match=r"pip install 'forthwith\[line\]'"):
        await channel.line.quota()
