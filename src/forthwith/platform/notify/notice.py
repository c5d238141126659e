"""What an application asks for, and what is kept of it for a channel to send."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from forthwith.platform.crypto import place
from forthwith.platform.notify.templates import Datum

ALL: Final = "*"
"""As the target of `webhook` or `push`: every receiver that the owner registered."""
MACHINES: Final = frozenset({"webhook"})
"""Channels that wake nobody: no quiet hours, no digests."""
_TARGET: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,4096}")
_CHANNEL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a message goes: an e-mail address by `mail`, a receiver's id by `webhook` or `push`.

    Raises ValueError for what is no name of a channel, or a target with control characters.
    """

    channel: str
    target: str

    def __post_init__(self) -> None:
        if not _CHANNEL.fullmatch(self.channel):
            raise ValueError(f"{self.channel!r} is no name of a channel")
        if not _TARGET.fullmatch(self.target):
            raise ValueError(f"the target of a {self.channel} is empty, long, or not printable")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell: the event that happened, to whom, in which words.

    The same `event_key` of an owner reaches a target once. `data` fills the template and is
    what webhooks carry. `person` is whom it is about, where that is not the owner. `urgent`
    passes quiet hours, digests and muting: for what somebody waits for at this moment.
    """

    owner: UUID
    event_key: str
    template: str
    to: Sequence[Address]
    data: Mapping[str, Datum]
    language: str = "zh-TW"
    person: str | None = None
    urgent: bool = False


class Content(msgspec.Struct, frozen=True):
    """What is sealed of a message. After it was sent only target, subject and language stay."""

    target: str
    subject: str
    language: str
    body: str = ""
    data: dict[str, Datum] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends. `id` never changes, however often it is tried."""

    id: UUID
    owner: UUID
    target: str
    template: str
    language: str
    subject: str
    body: str
    data: Mapping[str, Datum]
    urgent: bool
    created_at: datetime


def content_place(notification: UUID) -> bytes:
    """Where the content of a message is bound to."""
    return place("platform.notifications", "content", notification)
