"""The same person on two cards, and two people who share almost everything."""

import pytest

from forthwith.apps.cards.matching import Reason, identifiers, same_person
from forthwith.apps.cards.reading import Alternative, CardReading, Contact, Number, Text


def card(
    name: str | None = None,
    company: str | None = None,
    *,
    mail: str | None = None,
    mobile: str | None = None,
    phone: str | None = None,
    other_name: str | None = None,
) -> CardReading:
    numbers = [("mobile", mobile), ("phone", phone)]
    others = (Alternative(other_name, 0.8),) if other_name else ()
    return CardReading(
        name=Text(name, 0.9, other_languages=others) if name else None,
        company=Text(company, 0.9) if company else None,
        emails=(Contact(mail, 0.9),) if mail else (),
        phones=tuple(Number(kind, each, each, 0.9) for kind, each in numbers if each),  # type: ignore[arg-type]
    )


def test_colleagues_with_one_switchboard_are_two_people() -> None:
    """Company and landline are shared; the names differ."""
    one = card("Ana Lima", "Lumen Ltda", phone="+551130000000")
    other = card("Rui Costa", "Lumen Ltda", phone="+551130000000")

    assert same_person(one, other) is None


def test_a_mail_address_of_their_own_decides() -> None:
    """Even when the company has changed its name."""
    one = card("Ana Lima", "Lumen Ltda", mail="ana.lima@lumen.example")
    other = card("A. Lima", "Lumen S.A.", mail="Ana.Lima@lumen.example")

    assert same_person(one, other) is Reason.EMAIL


def test_a_shared_mailbox_does_not_make_colleagues_one() -> None:
    """info@ is everybody's."""
    one = card("Ana Lima", mail="info@lumen.example")
    other = card("Rui Costa", mail="info@lumen.example")

    assert same_person(one, other) is None
    assert same_person(one, card("Ana Lima", mail="info@lumen.example")) is Reason.EMAIL


def test_a_mobile_number_decides() -> None:
    """A mobile is carried by one person."""
    one, other = card("王大文", mobile="+886912345678"), card(None, mobile="+886912345678")

    assert same_person(one, other) is Reason.MOBILE


@pytest.mark.parametrize(
    ("first", "second"),
    [("黃國榮", "黄国荣"), ("Jürgen Weiß", "JURGEN WEISS"), ("Nguyễn Văn An", "Nguyen Van An")],
)
def test_name_and_company_in_other_spellings_are_the_same(first: str, second: str) -> None:
    """Variant characters, marks and case do not make another person."""
    one, other = card(first, "Blue River Co., Ltd."), card(second, "BLUE RIVER CO LTD")

    assert same_person(one, other) is Reason.NAME_AND_COMPANY


def test_a_name_in_the_other_language_of_a_card_counts() -> None:
    """A card with both names meets a card with only one of them."""
    one = card("林佳穎", "Faraway", other_name="Lin Chia-ying")
    other = card("LIN CHIA-YING", "Faraway")

    assert same_person(one, other) is Reason.NAME_AND_COMPANY


def test_cards_that_can_match_share_an_identifier() -> None:
    """Look-ups go by identifiers alone, so each exact reason must have one."""
    one = card("Ana Lima", "Lumen", mail="a@lumen.example", mobile="+5511999999999")

    for other in (
        card(mail="A@LUMEN.example"),
        card(mobile="+5511999999999"),
        card("ANA LIMA", "LUMEN"),
    ):
        assert identifiers(one) & identifiers(other)
