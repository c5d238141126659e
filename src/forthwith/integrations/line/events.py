"""Webhook events: what people did, as small frozen objects.

Shapes: webhook.yml of line/line-openapi. LINE adds kinds and members without notice, so an
unknown kind is an event or message of that kind with nothing in it, never an error.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from forthwith.platform import logging
from forthwith.platform.errors import BadRequest

log = logging.get(__name__)


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of an event, named in JSON as LINE does."""


class Source(_Part, frozen=True):
    """Who did it and where; a person in a group may be unnamed."""

    type: str
    user_id: str | None = None
    group_id: str | None = None
    room_id: str | None = None

    @property
    def chat(self) -> str | None:
        """Where an answer goes: the group, the room, or else the person."""
        return self.group_id or self.room_id or self.user_id


class ContentProvider(_Part, frozen=True):
    """Who keeps the bytes of a picture, video or recording: LINE, or a server of anybody's."""

    type: str = "line"
    original_content_url: str | None = None


class ImageSet(_Part, frozen=True):
    """Pictures sent in one go; old clients tell neither index (from 1) nor total."""

    id: str
    index: int | None = None
    total: int | None = None


class Text(_Part, frozen=True, tag_field="type", tag="text"):
    """A text; `quoted_message_id` is of the message that it answers."""

    id: str
    text: str
    quote_token: str | None = None
    quoted_message_id: str | None = None


class Media(_Part, frozen=True):
    """Bytes that are fetched by the message's id, or from `provider`."""

    id: str
    provider: ContentProvider = msgspec.field(name="contentProvider", default=ContentProvider())
    quote_token: str | None = None


class Image(Media, frozen=True, tag_field="type", tag="image"):
    """A picture."""

    image_set: ImageSet | None = None


class Audio(Media, frozen=True, tag_field="type", tag="audio"):
    """A recording; its duration is in ms."""

    duration: int | None = None


class Video(Media, frozen=True, tag_field="type", tag="video"):
    """A video; its duration is in ms."""

    duration: int | None = None


class File(_Part, frozen=True, tag_field="type", tag="file"):
    """A file; its bytes are fetched by the message's id."""

    id: str
    file_name: str = ""
    file_size: int = 0


class Sticker(_Part, frozen=True, tag_field="type", tag="sticker"):
    """A sticker."""

    id: str
    quote_token: str | None = None


class OtherMessage(_Part, frozen=True, tag_field="type", tag="other"):
    """A message of a kind that is not read here."""

    kind: str = ""
    id: str = ""


Message: TypeAlias = Text | Image | Audio | Video | File | Sticker | OtherMessage


class Postback(_Part, frozen=True):
    """What a tapped button carries."""

    data: str
    params: dict[str, Any] = {}


class Unsent(_Part, frozen=True):
    """A message that its sender took back: what was made of it should go too."""

    message_id: str


class DeliveryContext(_Part, frozen=True):
    """How the event came."""

    is_redelivery: bool = False


class Event(_Part, frozen=True):
    """One event. The member of its kind is set, all others are None.

    `id` is equal for every delivery of one event. An event of `mode` standby is another
    bot's to answer. `timestamp` is in milliseconds.
    """

    type: str = ""
    id: str = msgspec.field(name="webhookEventId", default="")
    timestamp: int = 0
    mode: str = "active"
    delivery_context: DeliveryContext = DeliveryContext()
    source: Source | None = None
    reply_token: str | None = None
    message: Message | None = None
    postback: Postback | None = None
    unsend: Unsent | None = None

    @property
    def at(self) -> datetime:
        """When it happened, by LINE's clock."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)

    @property
    def user(self) -> str | None:
        """The person who did it, where LINE tells."""
        return self.source.user_id if self.source else None

    @property
    def is_active(self) -> bool:
        """Whether this bot is to answer."""
        return self.mode == "active"


class Callback(msgspec.Struct, frozen=True):
    """One webhook: the bot it is for, and its events in no order. A test ping has none."""

    destination: str
    events: tuple[Event, ...]


class _Body(msgspec.Struct):
    events: list[dict[str, Any]]
    destination: str = ""


def parse(body: bytes) -> Callback:
    """Read the body of a webhook whose signature was verified.

    Raises:
        BadRequest: It is no JSON object with a list of events.
    """
    try:
        read = msgspec.json.decode(body, type=_Body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("This is no webhook of LINE; send what LINE sends.") from error
    return Callback(read.destination, tuple(_event(each) for each in read.events))


def _event(given: dict[str, Any]) -> Event:
    message = given.pop("message", None)
    try:
        event = msgspec.convert(given, Event)
        event.at  # noqa: B018 - a moment outside of all calendars is unreadable too
    except (msgspec.ValidationError, ValueError, OverflowError, OSError):
        kind = _text(given, "type")
        log.warning("line_event_unreadable", type=kind[:40])
        return Event(type=kind, id=_text(given, "webhookEventId"))
    if isinstance(message, dict):
        return msgspec.structs.replace(event, message=_message(message))
    return event


def _message(given: Mapping[str, Any]) -> Message:
    try:
        message: Message = msgspec.convert(given, Message)
    except msgspec.ValidationError:
        return OtherMessage(kind=_text(given, "type"), id=_text(given, "id"))
    return message


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""
