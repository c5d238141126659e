"""When a model is worth asking."""

import msgspec
import pytest

from forthwith.apps.cards.readers.doubts import doubts
from forthwith.apps.cards.reading import CardReading, Contact, Number, Text
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.integrations.ocr.page import Line, Page, Quality

BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
SURE = CardReading(
    name=Text("Ann Lee", 0.99),
    company=Text("Firm Ltd", 0.95),
    phones=(Number("mobile", "0912-345-678", "+886912345678", 0.97),),
    emails=(Contact("ann@firm.example", 0.99),),
)
PAGE = Page(100, 60, (Line("Ann Lee", 0.99, BOX),), quality=Quality(confidence=0.98))


def _reading(*cards: CardReading) -> Reading:
    return Reading(cards, "local", 1.0, Upright(100, 60, 0))


def _but(**fields: object) -> CardReading:
    return msgspec.structs.replace(SURE, **fields)


def test_a_sure_reading_of_a_good_photo_leaves_none() -> None:
    assert doubts(PAGE, _reading(SURE), 0.8) == ()


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (_but(name=None), "NAME"),
        (_but(name=Text(None, 0.99)), "NAME"),
        (_but(company=Text("F1rm", 0.5)), "COMPANY"),
        (_but(emails=(Contact("ann@firm.example", 0.5),)), "EMAIL"),
        (_but(phones=(Number("phone", "123", None, 0.99),)), "NUMBERS"),
        (_but(phones=(), emails=()), "NO_CONTACT"),
    ],
    ids=["no name", "unread name", "company", "e-mail", "number", "no contact"],
)
def test_an_unsure_field_that_matters_is_named(card: CardReading, code: str) -> None:
    assert doubts(PAGE, _reading(SURE, card), 0.8) == (code,)


def test_fields_that_make_no_card_whole_do_not_matter() -> None:
    assert doubts(PAGE, _reading(_but(title=None, websites=())), 0.8) == ()


def test_a_photo_on_which_lines_are_missed_is_doubtful_whatever_was_read() -> None:
    blurred = msgspec.structs.replace(PAGE, quality=Quality(confidence=0.8))

    assert doubts(blurred, _reading(SURE), 0.8) == ("POOR_PHOTO",)


@pytest.mark.parametrize("text", ["T. +82-2-123-4567", "www.firm.co.kr", "Seoul, Korea", "김민수"])
def test_a_korean_card_is_doubtful_whatever_was_read(text: str) -> None:
    korean = msgspec.structs.replace(PAGE, lines=(Line(text, 0.99, BOX),))

    assert doubts(korean, _reading(SURE), 0.8) == ("KOREAN",)


def test_nothing_read_is_the_greatest_doubt() -> None:
    assert doubts(PAGE, None, 0.8) == doubts(PAGE, _reading(), 0.8) == ("NOTHING_READ",)
