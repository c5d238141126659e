"""Whatever the recogniser returns, reading it ends, and quickly."""

import json
import time
from collections.abc import Callable

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from forthwith.apps.cards import reading
from forthwith.integrations.ocr.page import Code, Line, Page

_NUMBER = st.floats(-50, 2000, allow_nan=False)
_POINT = st.tuples(_NUMBER, _NUMBER)
_BOX = st.tuples(_POINT, _POINT, _POINT, _POINT)
_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.text(
    alphabet="0123456789+-() /.@TelFaxM:市區路號株式会社有限公司王田Inc&,", max_size=40
)
_LINES = st.lists(st.builds(Line, _TEXT, st.floats(0, 1), _BOX), max_size=12).map(tuple)
_CODES = st.lists(st.builds(Code, st.just("QRCode"), _TEXT, _BOX), max_size=2).map(tuple)


@given(st.builds(Page, st.integers(1, 2000), st.integers(1, 2000), _LINES, _CODES))
@settings(deadline=None, max_examples=60)
def test_any_page_gives_cards_that_can_be_stored(page: Page) -> None:
    for card in reading.extract(page):
        assert msgspec.json.decode(msgspec.json.encode(card), type=reading.CardReading) == card


def test_json_of_a_card_has_exactly_the_agreed_members(
    read: Callable[..., reading.CardReading],
) -> None:
    card = json.loads(msgspec.json.encode(read(("Nora Whitfield", 44), "nora@larkspur.com")))

    assert list(card) == [
        "name", "company", "department", "title", "phones", "emails", "websites", "addresses",
        "tax_id", "line_id", "notes", "flags",
    ]  # fmt: skip
    assert set(card["name"]) == {
        "value", "confidence", "boxes", "alternatives", "other_languages",
    }  # fmt: skip
    assert set(card["emails"][0]) == {"value", "confidence", "boxes", "alternatives"}


def test_long_page_of_noise_is_read_in_bounded_time(page_of: Callable[..., Page]) -> None:
    """A page of a book is no card; it must not hold a worker up."""
    rows = [f"Line {n} of 2{n:03} words, and 555-01{n:02} things & more of" for n in range(120)]
    reading.extract(page_of("warm up"))
    start = time.process_time()

    reading.extract(page_of(*rows))

    assert time.process_time() - start < 5.0


def test_public_names_are_declared() -> None:
    assert all(hasattr(reading, name) for name in reading.__all__)
