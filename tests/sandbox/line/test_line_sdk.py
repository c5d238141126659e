"""What the sandbox answers is read by LINE's own SDK, and what that sends is understood."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from line_channel import Running

messaging = pytest.importorskip(
    "linebot.v3.messaging", reason="needs the extra: pip install 'forthwith[line]'"
)
WebhookParser = pytest.importorskip("linebot.v3").WebhookParser

USER = "U" + "a" * 32
HELLO = messaging.TextMessage(text="Hello")


@pytest.fixture
async def api(channel: Running) -> AsyncIterator[Any]:
    """The SDK's own client."""
    async with _client(channel) as client:
        yield messaging.AsyncMessagingApi(client)


def _client(channel: Running) -> Any:
    configuration = messaging.Configuration(
        host=channel.sandbox.url, access_token=channel.sandbox.channel.token
    )
    return messaging.AsyncApiClient(configuration)


async def test_every_answer_is_read(channel: Running, api: Any) -> None:
    """The ones that the product's client does not ask for included."""
    await channel.phone.send_text(USER, "hi")
    (event,) = await channel.bot.heard()
    reply = messaging.ReplyMessageRequest(replyToken=event.reply_token, messages=[HELLO])
    push = messaging.PushMessageRequest(to=USER, messages=[HELLO])
    multicast = messaging.MulticastRequest(to=[USER], messages=[HELLO])
    loading = messaging.ShowLoadingAnimationRequest(chatId=USER, loadingSeconds=5)

    assert (await api.reply_message(reply)).sent_messages[0].quote_token
    assert (await api.push_message(push)).sent_messages[0].id
    assert await api.multicast(multicast) == {}
    assert await api.show_loading_animation(loading) == {}
    assert (await api.get_profile(USER)).user_id == USER
    assert (await api.get_bot_info()).chat_mode == "bot"
    assert (await api.get_message_quota()).type == "none"
    assert (await api.get_message_quota_consumption()).total_usage == 2
    for validate in (api.validate_push, api.validate_multicast, api.validate_broadcast):
        await validate(messaging.ValidateMessageRequest(messages=[HELLO]))


async def test_webhooks_are_read_by_the_sdks_own_parser(channel: Running) -> None:
    """Signature and all."""
    await channel.phone.send_text(USER, "hi")
    await channel.phone.send_images(USER, [b"one", b"two"])
    await channel.phone.do(USER, "postback", members={"postback": {"data": "a=1"}})
    await channel.bot.heard(4)
    parser = WebhookParser(channel.sandbox.channel.secret)
    parsed = [
        event
        for body, header in channel.bot.received
        for event in parser.parse(body.decode(), header)
    ]

    assert sorted(each.webhook_event_id for each in parsed) == sorted(
        each.id for each in channel.bot.events
    )
    assert {type(each).__name__ for each in parsed} == {"MessageEvent", "PostbackEvent"}


async def test_contents_are_read(channel: Running) -> None:
    """With their preview, and the state of those that are not prepared."""
    (photo,) = await channel.phone.send_images(USER, [b"photo"])
    async with _client(channel) as client:
        blobs = messaging.AsyncMessagingApiBlob(client)

        assert await blobs.get_message_content(photo) == b"photo"
        assert await blobs.get_message_content_preview(photo) == b"photo"
        with pytest.raises(messaging.ApiException) as refused:
            await blobs.get_message_content_transcoding_by_message_id(photo)
    assert refused.value.status == 400


async def test_a_repeated_retry_key_names_the_request_that_was_accepted(
    channel: Running, api: Any
) -> None:
    request = messaging.PushMessageRequest(to=USER, messages=[HELLO])
    key = "123e4567-e89b-12d3-a456-426614174000"
    first = await api.push_message_with_http_info(request, x_line_retry_key=key)
    with pytest.raises(messaging.ApiException) as repeated:
        await api.push_message(request, x_line_retry_key=key)

    assert repeated.value.status == 409
    accepted = repeated.value.headers["x-line-accepted-request-id"]
    assert accepted == first.headers["x-line-request-id"]
    assert repeated.value.headers["x-line-request-id"] != accepted


@pytest.mark.parametrize(
    ("to", "messages", "key", "said"),
    [
        ("U1", [HELLO], None, "The property, 'to'"),
        (USER, [messaging.TextMessage(text="")], None, "May not be empty"),
        (USER, [messaging.TextMessage(text="x" * 5_001)], None, "between 0 and 5000"),
        (USER, [HELLO], "not-a-uuid", "retry key"),
    ],
)
async def test_what_line_refuses_is_refused(
    api: Any, to: str, messages: list[Any], key: str | None, said: str
) -> None:
    request = messaging.PushMessageRequest(to=to, messages=messages)
    with pytest.raises(messaging.ApiException) as refused:
        await api.push_message(request, x_line_retry_key=key)

    assert refused.value.status == 400
    assert said in refused.value.body


async def test_nobody_is_served_without_the_token(channel: Running) -> None:
    answers = [
        await channel.control.get("/v2/bot/message/quota", headers=headers)
        for headers in ({}, {"authorization": "Bearer wrong"})
    ]

    assert [each.status_code for each in answers] == [401, 401]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"{}", b'{"messages":{}}'])
@pytest.mark.parametrize("path", ["reply", "push", "multicast", "validate/reply"])
async def test_a_body_that_is_none_is_a_bad_request(
    channel: Running, path: str, body: bytes
) -> None:
    """It breaks the contract too, of course."""
    headers = {"authorization": f"Bearer {channel.sandbox.channel.token}"}
    url = f"/v2/bot/message/{path}"
    answer = await channel.control.post(url, content=body, headers=headers)
    if channel.sandbox.contract is not None:
        channel.sandbox.contract.broken.clear()

    assert answer.status_code == 400
    assert answer.json()["message"]
