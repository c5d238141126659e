"""Messages are built within LINE's limits, and come out of the real SDK as they were built."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_channel import Running
from linebot.v3.messaging import ReplyMessageRequest

from forthwith.integrations.line import flex, messages
from forthwith.sandbox.line.rules import faults_of_messages

CARD = flex.bubble(
    flex.column(
        flex.words("王小明", weight="bold", size="lg", wrap=True),
        flex.separator(margin="md"),
        flex.baseline(
            flex.words("電話", color="#888888", flex=2),
            flex.words("+886 2 0000 0000", flex=5, wrap=True),
            spacing="sm",
        ),
        padding_all="12px",
    ),
    hero=flex.picture("https://pictures.example/1.jpg", size="full", aspect_ratio="3:2"),
    footer=flex.row(
        flex.button(messages.postback("Edit", "edit=1", shown="Edit"), style="primary"),
        flex.button(messages.open_uri("Call", "tel:+886200000000"), height="sm"),
    ),
    size="kilo",
)
WHOLE = messages.answer(
    messages.text("Here it is", quote_token="q1"),
    messages.flex("王小明", flex.carousel([CARD, CARD])),
    quick_replies=[
        messages.say("Batch", "批次"),
        messages.postback("Done", "done"),
        messages.camera("Camera"),
        messages.camera_roll("Photos"),
    ],
)


def test_the_sdk_sends_what_was_built() -> None:
    """Its models lose nothing of it, and add nothing but what LINE takes for granted."""
    request = ReplyMessageRequest.from_dict({"replyToken": "r", "messages": WHOLE})

    assert _without_defaults(request.to_dict()["messages"]) == WHOLE


async def test_everything_that_can_be_built_passes_lines_rules(channel: Running) -> None:
    """The published specification too, where it is at hand."""
    await channel.line.validate_reply(WHOLE)

    assert faults_of_messages({"messages": WHOLE}) == []


def test_quick_replies_hang_on_the_last_message() -> None:
    """LINE shows those of the last message only."""
    first, last = WHOLE

    assert "quickReply" not in first
    assert len(last["quickReply"]["items"]) == 4


@pytest.mark.parametrize(
    ("built", "most", "clipped"),
    [
        (messages.text, 5_000, "text"),
        (lambda words: messages.flex(words, CARD), 400, "altText"),
        (messages.say, 20, "label"),
        (lambda words: messages.say("ok", words), 300, "text"),
        (lambda words: messages.postback("ok", "a", shown=words), 300, "displayText"),
        (flex.words, 5_000, "text"),
    ],
)
def test_words_that_are_too_long_are_clipped(built: Any, most: int, clipped: str) -> None:
    """By an ellipsis within the limit; a text at the limit stays as it is."""
    assert built("x" * most)[clipped] == "x" * most
    assert built("x" * (most + 1))[clipped] == "x" * (most - 1) + "…"


@given(st.text(min_size=1), st.integers(1, 30))
def test_a_clipped_text_is_never_longer_than_line_counts(words: str, most: int) -> None:
    """In UTF-16 units, of which an emoji takes two and is never halved."""
    short = messages.clipped(words, most)

    assert messages.length(short) <= most
    assert short == words or words.startswith(short[:-1])
    assert short.encode()


@pytest.mark.parametrize(
    "build",
    [
        lambda: messages.text(""),
        messages.answer,
        lambda: messages.answer(*[messages.text("x")] * 6),
        lambda: messages.answer(messages.text("x"), quick_replies=[messages.say("x")] * 14),
        lambda: messages.postback("x", "d" * 301),
        lambda: messages.open_uri("x", "https://x.example/" + "u" * 1_000),
        lambda: flex.carousel([]),
        lambda: flex.carousel([CARD] * 13),
        lambda: flex.bubble(flex.column(*[flex.words("x" * 5_000)] * 7)),
        lambda: flex.carousel([flex.bubble(flex.column(*[flex.words("x" * 5_000)] * 5))] * 3),
    ],
)
def test_what_cannot_be_clipped_is_refused_here(build: Any) -> None:
    """Before LINE refuses the whole answer."""
    with pytest.raises(ValueError, match="LINE takes"):
        build()


def _without_defaults(value: Any) -> Any:
    """Without members that are None or False, as LINE takes those that are missing."""
    if isinstance(value, dict):
        return {name: _without_defaults(each) for name, each in value.items() if each}
    return [_without_defaults(each) for each in value] if isinstance(value, list) else value


def test_a_recording_is_behind_an_https_address() -> None:
    """LINE fetches it from nowhere else."""
    message = messages.audio("https://orders.example/voice", 8_120)

    assert message["duration"] == 8_120
    with pytest.raises(ValueError, match="https"):
        messages.audio("http://orders.example/voice", 8_120)
