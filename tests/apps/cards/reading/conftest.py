"""Fictional pages, built from text: a line of text, its height, and where it stands."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from forthwith.apps.cards.reading import CardReading, extract
from forthwith.integrations.ocr.page import Box, Code, Line, Page

_LATIN_WIDTH = 0.5  # of the height of a letter


def _box(text: str, left: float, top: float, height: float) -> Box:
    width = sum(height if ord(sign) > 0x2E80 else _LATIN_WIDTH * height for sign in text)
    right, bottom = left + width, top + height
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _rows(rows: tuple[str | tuple[object, ...], ...]) -> Iterator[Line]:
    """A row is a text, or a text with its height, left edge and top edge in pixels."""
    top = 40.0
    for row in rows:
        text, *place = (row,) if isinstance(row, str) else row
        height, left, above = [*map(float, map(str, place)), *(None,) * 3][:3]
        height = height or 30.0
        start = top if above is None else above
        yield Line(str(text), 0.99, _box(str(text), 80.0 if left is None else left, start, height))
        top = start + height * 1.3


@pytest.fixture
def page_of() -> Callable[..., Page]:
    """Build a page whose lines stand under one another unless a place is given."""

    def build(*rows: str | tuple[object, ...], codes: tuple[str, ...] = ()) -> Page:
        corners = count(900, 100)
        marks = tuple(Code("QRCode", text, _box("", next(corners), 40.0, 90.0)) for text in codes)
        return Page(1200, 700, tuple(_rows(rows)), marks)

    return build


@pytest.fixture
def read(page_of: Callable[..., Page]) -> Callable[..., CardReading]:
    """Read the only card of such a page."""

    def reading(*rows: str | tuple[object, ...], codes: tuple[str, ...] = ()) -> CardReading:
        (card,) = extract(page_of(*rows, codes=codes))
        return card

    return reading
