"""What was said in each chat, as a phone would show it."""

import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from forthwith.platform import clock
from forthwith.sandbox.line.rules import Json

KEPT: Final = 1_000
"""Messages of one chat; the oldest go first."""


class Entry(msgspec.Struct, frozen=True):
    """One message of a chat. `number` grows over all chats; `at` is in ms since 1970."""

    number: int
    at: int
    author: Literal["person", "bot"]
    message: Json
    sent_by: Literal["reply", "push", "person"]


@dataclass(slots=True)
class Chat:
    """A chat with a person or a group."""

    id: str
    name: str
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    loading_until: float = 0.0
    is_blocked: bool = False

    @property
    def loading_seconds(self) -> float:
        """How long the animation is still shown."""
        return max(0.0, self.loading_until - clock.monotonic())


class Chats:
    """All chats of the channel."""

    def __init__(self) -> None:
        self._by_id: dict[str, Chat] = {}
        self._numbers = itertools.count(1)

    def __getitem__(self, chat_id: str) -> Chat:
        """The chat, begun if need be."""
        return self.named(chat_id, chat_id)

    def __contains__(self, chat_id: str) -> bool:
        return chat_id in self._by_id

    def named(self, chat_id: str, name: str) -> Chat:
        """The chat, begun under this name if need be."""
        return self._by_id.setdefault(chat_id, Chat(chat_id, name))

    def all(self) -> list[Chat]:
        """In the order of their beginning."""
        return list(self._by_id.values())

    def add_of_person(self, chat: Chat, message: Json) -> None:
        """A person writes."""
        chat.entries.append(self._entry("person", message, "person"))

    def add_of_bot(self, chat_id: str, message: Json, sent_by: Literal["reply", "push"]) -> None:
        """The bot writes, which ends the animation. Who has blocked it never sees it."""
        chat = self[chat_id]
        if not chat.is_blocked:
            chat.loading_until = 0.0
            chat.entries.append(self._entry("bot", message, sent_by))

    def take_back(self, chat: Chat, message_id: str) -> None:
        """Remove a message as if it had never been."""
        left = [each for each in chat.entries if each.message.get("id") != message_id]
        chat.entries = deque(left, maxlen=KEPT)

    def _entry(
        self,
        author: Literal["person", "bot"],
        message: Json,
        sent_by: Literal["reply", "push", "person"],
    ) -> Entry:
        at = int(clock.now().timestamp() * 1000)
        return Entry(next(self._numbers), at, author, message, sent_by)
