"""The lines of a page taken apart: names, prices and sizes, each in its place on a level page."""

import unicodedata
from typing import Final

import msgspec

from forthwith.apps.orders.menu_photo import tags
from forthwith.apps.orders.menu_photo.places import Place, leveller
from forthwith.apps.orders.menu_photo.tags import Tag
from forthwith.integrations.ocr.page import Box, Line, Page

_NARROW: Final = 0.55
"""The width of a Latin letter in that of a Chinese one."""
_WIDE: Final = frozenset("WF")


class Name(msgspec.Struct, frozen=True):
    """Text that is no price; `box` is the reader's own."""

    text: str
    place: Place
    score: float
    box: Box


class Price(msgspec.Struct, frozen=True):
    """One price, with the name that stands before it in the same line, if any."""

    tag: Tag
    place: Place
    score: float
    name: Name | None


class Pieces(msgspec.Struct, frozen=True):
    """All there is on a page; `sizes` are headings of columns of prices."""

    names: tuple[Name, ...]
    prices: tuple[Price, ...]
    sizes: tuple[Name, ...]


def pieces(page: Page) -> Pieces:
    """Take the lines of a page apart."""
    names: list[Name] = []
    prices: list[Price] = []
    sizes: list[Name] = []
    place_of = leveller([line.box for line in page.lines])
    for line in page.lines:
        text = tags.plain(line.text)
        place = place_of(line.box)
        found = tags.tags(text)
        name = _name(line, text, tags.name_before(text, found), place)
        prices += (Price(tag, _part(text, place, tag), line.score, name) for tag in found)
        if name is not None:
            (names if tags.size_of(name.text) is None or found else sizes).append(name)
    return Pieces(tuple(names), tuple(prices), tuple(sizes))


def _name(line: Line, whole: str, text: str, place: Place) -> Name | None:
    if not any(character.isalnum() for character in text):
        return None
    right = place.left + (place.right - place.left) * _share(whole, len(text))
    return Name(text, msgspec.structs.replace(place, right=right), line.score, line.box)


def _part(text: str, place: Place, tag: Tag) -> Place:
    """Where a price is in its line, if every character were as wide as its like."""
    width = place.right - place.left
    return msgspec.structs.replace(
        place,
        left=place.left + width * _share(text, tag.start),
        right=place.left + width * _share(text, tag.end),
    )


def _share(text: str, end: int) -> float:
    """The part of a line's width that its first characters take."""
    return width(text[:end]) / width(text)


def width(text: str) -> float:
    """How wide a text is, in Chinese characters."""
    return sum(
        1.0 if unicodedata.east_asian_width(character) in _WIDE else _NARROW for character in text
    )
