"""Several cards on one page, whichever way each of them lies."""

import math
from collections.abc import Callable

import msgspec

from forthwith.apps.cards.reading import extract
from forthwith.apps.cards.reading.several import read_each
from forthwith.integrations.ocr.page import Box, Code, Line, Page, Point

FIRST = ("Harbour Tools Ltd", "Ada Brook", "Sales Manager", "ada@harbourtools.example")
SECOND = ("Millstone Mining Inc", "Carl Finch", "Engineer", "carl@millstone.example")


def laid(page: Page, degrees: int, at: Point) -> tuple[tuple[Line, ...], Box]:
    """The lines of a page turned clockwise about its first corner, which lies somewhere."""
    turn = math.radians(degrees)

    def place(point: Point) -> Point:
        x, y = point
        return (
            at[0] + x * math.cos(turn) - y * math.sin(turn),
            at[1] + x * math.sin(turn) + y * math.cos(turn),
        )

    def move(box: Box) -> Box:
        first, second, third, fourth = map(place, box)
        return first, second, third, fourth

    edges = ((0.0, 0.0), (page.width, 0.0), (page.width, page.height), (0.0, page.height))
    return tuple(Line(line.text, line.score, move(line.box)) for line in page.lines), move(edges)


def together(*cards: tuple[tuple[Line, ...], Box], codes: tuple[Code, ...] = ()) -> Page:
    lines = tuple(line for card, _ in cards for line in card)
    return Page(3000, 2000, lines, codes, sheets=tuple(sheet for _, sheet in cards))


def test_each_card_gives_a_reading(page_of: Callable[..., Page]) -> None:
    page = together(laid(page_of(*FIRST), 0, (100, 100)), laid(page_of(*SECOND), 0, (100, 1000)))

    cards = read_each(page, extract)

    assert [card.emails[0].value for card in cards] == [FIRST[3], SECOND[3]]
    assert [card.name.value for card in cards if card.name] == ["Ada Brook", "Carl Finch"]


def test_cards_lying_otherwise_are_read_as_if_upright(page_of: Callable[..., Page]) -> None:
    """One stands on its head, the other on its side."""
    page = together(
        laid(page_of(*FIRST), 180, (1300, 900)), laid(page_of(*SECOND), 90, (2900, 100))
    )

    upright = [extract(page_of(*texts))[0] for texts in (FIRST, SECOND)]
    turned = read_each(page, extract)

    for one, other in zip(upright, turned, strict=True):
        assert other.name is not None
        assert one.name is not None
        assert (other.name.value, other.name.confidence) == (one.name.value, one.name.confidence)
        assert [each.value for each in other.emails] == [each.value for each in one.emails]


def test_boxes_stay_where_they_are_on_the_picture(page_of: Callable[..., Page]) -> None:
    page = together(laid(page_of(*FIRST), 180, (1300, 900)), laid(page_of(*SECOND), 0, (100, 1000)))
    printed = {line.text: line.box for line in page.lines}

    first, second = read_each(page, extract)

    assert first.emails[0].boxes == (printed[FIRST[3]],)
    assert second.emails[0].boxes == (printed[SECOND[3]],)


def test_a_contact_code_belongs_to_the_card_it_is_printed_on(page_of: Callable[..., Page]) -> None:
    code = "MECARD:N:Finch,Carl;TEL:+442079460137;;"
    place = ((900.0, 1300.0), (1000.0, 1300.0), (1000.0, 1400.0), (900.0, 1400.0))
    page = together(
        laid(page_of(*FIRST), 0, (100, 100)),
        laid(page_of(*SECOND), 0, (100, 1000)),
        codes=(Code("QRCode", code, place),),
    )

    first, second = read_each(page, extract)

    assert first.phones == ()
    assert [number.e164 for number in second.phones] == ["+442079460137"]


def test_a_page_without_sheets_is_read_as_a_whole(page_of: Callable[..., Page]) -> None:
    page = page_of(*FIRST)

    assert read_each(page, extract) == extract(page)


def test_a_reading_keeps_its_shape(page_of: Callable[..., Page]) -> None:
    """What was placed back can be stored and read again."""
    page = together(laid(page_of(*FIRST), 0, (0, 0)), laid(page_of(*SECOND), 0, (0, 1000)))

    cards = read_each(page, extract)
    stored = msgspec.json.encode(cards)

    assert msgspec.json.decode(stored, type=list[type(cards[0])]) == cards
