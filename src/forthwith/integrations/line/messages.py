"""Messages as LINE takes them: plain JSON, so that a message can be stored before it is sent.

Limits are those of https://developers.line.biz/en/reference/messaging-api/ (2026-07). LINE
counts characters in UTF-16 units and refuses a request for one letter too many, so words are
clipped; a wrong number of parts is a mistake of ours, and raises ValueError.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

MOST_MESSAGES: Final = 5
"""Messages of one reply or push."""
MOST_QUICK_REPLIES: Final = 13
TEXT_LENGTH: Final = 5_000
ALT_TEXT_LENGTH: Final = 400
"""What old clients show; the newest take 1,500."""
LABEL_LENGTH: Final = 20
DATA_LENGTH: Final = 300
"""Data of a postback, and the text that a tap says."""
URI_LENGTH: Final = 1_000
AUDIO_URL_LENGTH: Final = 2_000

_UNIT: Final = "utf-16-le"


def length(words: str) -> int:
    """How long LINE finds a text: a character beyond the first 65,536 counts twice."""
    return len(words.encode(_UNIT, "surrogatepass")) // 2


def clipped(words: str, most: int) -> str:
    """The text, or as much of it as leaves room for an ellipsis within `most` units.

    Raises ValueError for an empty text, which LINE refuses.
    """
    if not words:
        raise ValueError("LINE takes no empty text")
    if length(words) <= most:
        return words
    kept = words.encode(_UNIT, "surrogatepass")[: 2 * (most - 1)]
    return kept.decode(_UNIT, "ignore").rstrip() + "…"


def text(words: str, *, quote_token: str | None = None) -> Json:
    """A text; with the quote token of a person's message it is shown as an answer to that."""
    message = {"type": "text", "text": clipped(words, TEXT_LENGTH)}
    return message if quote_token is None else message | {"quoteToken": quote_token}


def audio(url: str, milliseconds: int) -> Json:
    """A recording to play: m4a or mp3 behind an https address, and how long it plays.

    Raises ValueError for an address that LINE does not take.
    """
    if not url.startswith("https://") or length(url) > AUDIO_URL_LENGTH:
        raise ValueError(f"LINE takes https addresses of {AUDIO_URL_LENGTH} characters")
    return {"type": "audio", "originalContentUrl": url, "duration": milliseconds}


def flex(alt_text: str, container: Json) -> Json:
    """A Flex message; `alt_text` is what notifications, lists of chats and old clients show."""
    alternative = clipped(alt_text, ALT_TEXT_LENGTH)
    return {"type": "flex", "altText": alternative, "contents": container}


def answer(*messages: Json, quick_replies: Sequence[Json] = ()) -> list[Json]:
    """What one reply or push says: 1 to 5 messages, up to 13 actions under the last one."""
    if not 1 <= len(messages) <= MOST_MESSAGES:
        raise ValueError(f"LINE takes 1 to {MOST_MESSAGES} messages at once")
    if len(quick_replies) > MOST_QUICK_REPLIES:
        raise ValueError(f"LINE takes {MOST_QUICK_REPLIES} quick replies at most")
    if not quick_replies:
        return list(messages)
    items = [{"type": "action", "action": action} for action in quick_replies]
    return [*messages[:-1], messages[-1] | {"quickReply": {"items": items}}]


def say(label: str, words: str | None = None) -> Json:
    """An action that says `words`, or its label, in the person's name."""
    said = clipped(words or label, DATA_LENGTH)
    return {"type": "message", "label": clipped(label, LABEL_LENGTH), "text": said}


def postback(label: str, data: str, *, shown: str | None = None) -> Json:
    """An action that sends `data` to the bot, and shows a text in the person's name if given.

    Raises ValueError when the data is too long: cut data would mean something else.
    """
    if length(data) > DATA_LENGTH:
        raise ValueError(f"LINE takes {DATA_LENGTH} characters of postback data")
    action = {"type": "postback", "label": clipped(label, LABEL_LENGTH), "data": data}
    return action if shown is None else action | {"displayText": clipped(shown, DATA_LENGTH)}


def open_uri(label: str, uri: str) -> Json:
    """An action that opens a page, calls (`tel:`) or writes a mail (`mailto:`).

    Raises ValueError when the address is too long: a cut one would lead elsewhere.
    """
    if length(uri) > URI_LENGTH:
        raise ValueError(f"LINE takes addresses of {URI_LENGTH} characters")
    return {"type": "uri", "label": clipped(label, LABEL_LENGTH), "uri": uri}


def camera(label: str) -> Json:
    """A quick reply that opens the camera."""
    return {"type": "camera", "label": clipped(label, LABEL_LENGTH)}


def camera_roll(label: str) -> Json:
    """A quick reply that opens the photos of the phone."""
    return {"type": "cameraRoll", "label": clipped(label, LABEL_LENGTH)}
