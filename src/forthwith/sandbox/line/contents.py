"""Bytes that people have sent, kept for a while as LINE does."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from forthwith.platform import clock

KEPT_BYTES: Final = 256_000_000
"""Of all contents; the oldest go first, and are gone (410)."""


@dataclass(frozen=True, slots=True)
class Content:
    """One file, being prepared until `ready_at` (monotonic)."""

    data: bytes
    media_type: str
    ready_at: float

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched."""
        return clock.monotonic() >= self.ready_at


class Contents:
    """All files by message id."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._by_message: dict[str, Content | None] = {}
        self._most_bytes = most_bytes
        self._bytes = 0

    def add(self, message_id: str, data: bytes, media_type: str, prepare_seconds: float) -> None:
        """Keep a file."""
        ready_at = clock.monotonic() + prepare_seconds
        self._by_message[message_id] = Content(data, media_type, ready_at)
        self._bytes += len(data)
        if self._bytes > self._most_bytes:
            self._drop_oldest()

    def drop(self, message_id: str) -> None:
        """Forget the bytes, not that they were there."""
        dropped = self._by_message.get(message_id)
        if dropped is not None:
            self._bytes -= len(dropped.data)
            self._by_message[message_id] = None

    def find(self, message_id: str) -> Content | HTTPStatus:
        """The file, or why there is none: 202 not yet, 404 never, 410 not any more."""
        if message_id not in self._by_message:
            return HTTPStatus.NOT_FOUND
        content = self._by_message[message_id]
        if content is None:
            return HTTPStatus.GONE
        return content if content.is_ready else HTTPStatus.ACCEPTED

    def transcoding(self, message_id: str) -> str | HTTPStatus:
        """How far a recording or video is; pictures and files are never prepared."""
        content = self._by_message.get(message_id)
        if content is None:
            return HTTPStatus.NOT_FOUND
        if not content.media_type.startswith(("audio/", "video/")):
            return HTTPStatus.BAD_REQUEST
        return "succeeded" if content.is_ready else "processing"

    def _drop_oldest(self) -> None:
        for oldest in list(self._by_message):
            if self._bytes <= self._most_bytes:
                return
            self.drop(oldest)
