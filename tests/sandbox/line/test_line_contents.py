"""Contents are kept for a while, and their absence has a reason."""

from http import HTTPStatus

import pytest

from forthwith.sandbox.line.chats import Chats
from forthwith.sandbox.line.contents import Content, Contents
from forthwith.sandbox.line.tokens import RetryKeys


def test_the_oldest_contents_go_first() -> None:
    """They are gone then, not unknown."""
    contents = Contents(most_bytes=10)
    for name in ("one", "two", "three"):
        contents.add(name, b"12345", "image/jpeg", 0)

    assert contents.find("one") == HTTPStatus.GONE
    assert isinstance(contents.find("two"), Content)
    assert isinstance(contents.find("three"), Content)
    assert contents.find("four") == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "seconds", "told"),
    [
        ("video/mp4", 60, "processing"),
        ("audio/mp4", 0, "succeeded"),
        ("image/jpeg", 0, HTTPStatus.BAD_REQUEST),
    ],
)
def test_recordings_and_videos_tell_how_far_they_are(
    kind: str, seconds: float, told: str | HTTPStatus
) -> None:
    """Pictures are never asked about."""
    contents = Contents()
    contents.add("one", b"12345", kind, seconds)

    assert contents.transcoding("one") == told
    assert contents.transcoding("two") == HTTPStatus.NOT_FOUND


def test_who_blocks_the_bot_sees_nothing_of_it() -> None:
    chats = Chats()
    chats["U1"].is_blocked = True
    chats.add_of_bot("U1", {"type": "text", "text": "hi"}, "push")

    assert [each.id for each in chats.all()] == ["U1"]
    assert list(chats["U1"].entries) == []


def test_a_request_without_a_retry_key_is_never_a_repetition() -> None:
    keys = RetryKeys()
    keys.accept(None, "request", {})

    assert keys.find(None) is None
