"""Webhook events are read whatever LINE sends, and nothing of it raises but no webhook at all."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_channel import specification

from forthwith.integrations.line.events import (
    Audio,
    Event,
    File,
    Image,
    OtherMessage,
    Text,
    parse,
)
from forthwith.platform.errors import BadRequest

PHOTO: dict[str, Any] = {
    "type": "message",
    "webhookEventId": "01JDQ8Z6W3B5M7N9P1R3T5V7X9",
    "timestamp": 1_732_264_000_123,
    "mode": "active",
    "deliveryContext": {"isRedelivery": True},
    "source": {"type": "user", "userId": "U" + "0" * 32},
    "replyToken": "r1",
    "message": {
        "type": "image",
        "id": "501",
        "quoteToken": "q1",
        "contentProvider": {"type": "line"},
        "imageSet": {"id": "SET", "index": 2, "total": 3},
    },
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(*events: Any) -> tuple[Event, ...]:
    """These events, as they come over the wire."""
    body = {"destination": "U" + "1" * 32, "events": list(events)}
    return parse(json.dumps(body).encode()).events


def changed(**members: Any) -> dict[str, Any]:
    """The photo's event with other members."""
    return copy.deepcopy(PHOTO) | members


def test_a_photo_tells_its_set_its_sender_and_how_to_quote_it() -> None:
    (event,) = read(PHOTO)

    assert isinstance(event.message, Image)
    assert event.message.image_set is not None
    assert (event.message.image_set.index, event.message.image_set.total) == (2, 3)
    assert (event.message.id, event.message.quote_token) == ("501", "q1")
    assert (event.user, event.reply_token) == ("U" + "0" * 32, "r1")
    assert event.at == datetime(2024, 11, 22, 8, 26, 40, 123_000, UTC)
    assert event.delivery_context.is_redelivery
    assert event.is_active


def test_a_picture_of_another_server_tells_its_address() -> None:
    provider = {"type": "external", "originalContentUrl": "https://pictures.example/1.jpg"}
    (event,) = read(changed(message={"type": "image", "id": "1", "contentProvider": provider}))

    assert isinstance(event.message, Image)
    assert event.message.provider.original_content_url == "https://pictures.example/1.jpg"


@pytest.mark.parametrize(
    ("source", "chat", "user"),
    [
        ({"type": "user", "userId": "U1"}, "U1", "U1"),
        ({"type": "group", "groupId": "C1", "userId": "U1"}, "C1", "U1"),
        ({"type": "group", "groupId": "C1"}, "C1", None),
        ({"type": "room", "roomId": "R1", "userId": "U1"}, "R1", "U1"),
        ({"type": "planet"}, None, None),
    ],
)
def test_an_answer_goes_where_it_was_said(
    source: dict[str, str], chat: str | None, user: str | None
) -> None:
    """In a group to the group, even where LINE does not tell the person."""
    (event,) = read(changed(source=source))

    assert event.source is not None
    assert (event.source.chat, event.user) == (chat, user)


def test_other_kinds_keep_what_is_needed_of_them() -> None:
    postback, unsend, text, audio, file = read(
        changed(type="postback", message=None, postback={"data": "a=1"}),
        changed(type="unsend", message=None, unsend={"messageId": "9"}),
        changed(message={"type": "text", "id": "1", "text": "說明", "quotedMessageId": "0"}),
        changed(message={"type": "audio", "id": "1", "duration": 5_000}),
        changed(message={"type": "file", "id": "1", "fileName": "a.pdf", "fileSize": 3}),
    )

    assert postback.postback is not None
    assert postback.postback.data == "a=1"
    assert unsend.unsend is not None
    assert unsend.unsend.message_id == "9"
    assert isinstance(text.message, Text)
    assert (text.message.text, text.message.quoted_message_id) == ("說明", "0")
    assert isinstance(audio.message, Audio)
    assert audio.message.duration == 5_000
    assert isinstance(file.message, File)
    assert (file.message.file_name, file.message.file_size) == ("a.pdf", 3)


def test_a_test_ping_has_no_events() -> None:
    assert read() == ()


def test_an_event_for_another_bot_says_so() -> None:
    (event,) = read(changed(mode="standby", replyToken=None))

    assert not event.is_active


def test_unknown_kinds_are_kept_as_such() -> None:
    """Of event and of message; the events beside them are read as ever."""
    future = changed(type="teleport", teleport={"to": "moon"})
    hologram = changed(message={"type": "hologram", "id": "7"})
    events = read(future, hologram, PHOTO)

    assert events[0].type == "teleport"
    assert events[1].message == OtherMessage(kind="hologram", id="7")
    assert isinstance(events[2].message, Image)


@pytest.mark.parametrize(
    "broken",
    [
        {"timestamp": "soon"},
        {"timestamp": 10**18},
        {"source": "somewhere"},
        {"deliveryContext": {"isRedelivery": "yes"}},
        {"replyToken": 5},
    ],
)
def test_an_event_of_another_form_does_not_lose_the_others(broken: dict[str, Any]) -> None:
    """Its kind and its id are kept, so that it is seen once and can be counted."""
    events = read(changed(**broken), PHOTO)

    assert (events[0].type, events[0].id) == ("message", PHOTO["webhookEventId"])
    assert events[0].message is None
    assert isinstance(events[1].message, Image)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"events":{}}',
        b'{"events":[1]}',
        b'{"events":[],"destination":7}',
        b'{"events":[' * 100_000,
    ],
)
def test_what_is_no_webhook_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(body)


def test_every_sample_event_of_line_is_read() -> None:
    """The 28 of its SDK's own tests; each with its kind, none without its time."""
    folder = specification()
    if folder is None:
        pytest.skip("the contracts of ../shared (or FORTHWITH_SHARED) are not here")
    body = (folder / "webhook-events-sample.json").read_bytes()
    given_events = json.loads(body)["events"]
    events = parse(body).events

    assert [each.type for each in events] == [each["type"] for each in given_events]
    assert all(each.timestamp for each in events)
    kinds = [each.message for each in events if each.type == "message"]
    assert all(kinds)
    assert [each for each in kinds if isinstance(each, OtherMessage) and not each.kind] == []


@given(st.binary())
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    try:
        parse(body)
    except BadRequest:
        return


@given(st.dictionaries(st.sampled_from([*PHOTO, "postback", "unsend"]), json_values), json_values)
def test_no_member_of_any_form_raises(members: dict[str, Any], in_message: Any) -> None:
    """Whatever stands where something else should: an event comes out, of the kind it has."""
    message = PHOTO["message"] | in_message if isinstance(in_message, dict) else in_message
    events = read(changed(message=message), changed(**members))

    assert len(events) == 2
    assert events[0].type == "message"
