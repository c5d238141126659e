"""Contacts in QR codes."""

from collections.abc import Callable

from forthwith.apps.cards.reading import CardReading

Read = Callable[..., CardReading]

VCARD = """BEGIN:VCARD
VERSION:3.0
N:Whitfield;Nora;;;
FN:Nora Whitfield
ORG:Larkspur\\, Inc.;Sales
TITLE:Office Manager
TEL;TYPE=CELL:+15035550142
TEL;TYPE=WORK,FAX:+15035550143
EMAIL;TYPE=INTERNET:nora@larkspur.com
URL:https://larkspur.com
ADR;TYPE=WORK:;;1420 Birch Street;Salem;OR;97301;USA
NOTE:met at a fair
END:VCARD
"""


def test_vcard_alone_fills_a_card(read: Read) -> None:
    card = read(codes=(VCARD,))

    assert card.name is not None
    assert card.name.value == "Nora Whitfield"
    assert card.company is not None
    assert card.company.value == "Larkspur, Inc."
    assert [(n.kind, n.e164) for n in card.phones] == [
        ("mobile", "+15035550142"),
        ("fax", "+15035550143"),
    ]
    assert card.addresses[0].value == "1420 Birch Street Salem OR 97301 USA"
    assert "contact_code" in card.flags


def test_vcard_wins_over_the_printed_name_which_stays_as_alternative(read: Read) -> None:
    card = read(("Nora Whitfie1d", 44), "nora@larkspur.com", codes=(VCARD,))

    assert card.name is not None
    assert card.name.value == "Nora Whitfield"


def test_number_of_the_code_that_is_printed_too_is_told_once(read: Read) -> None:
    card = read("Cell (503) 555-0142", codes=(VCARD,))

    assert [n.e164 for n in card.phones].count("+15035550142") == 1


def test_mecard_is_read_with_the_family_name_first_in_han(read: Read) -> None:
    card = read(codes=("MECARD:N:林,語晴;TEL:0912345678;EMAIL:lin@spruce-tw.com;ORG:雲杉精密;;",))

    assert card.name is not None
    assert card.name.value == "林語晴"
    assert [mail.value for mail in card.emails] == ["lin@spruce-tw.com"]


def test_folded_and_quoted_printable_lines_are_decoded(read: Read) -> None:
    text = (
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9E=97;=E6=99=B4\n"
        "TITLE:Senior\n  Engineer\nEND:VCARD"
    )

    card = read(codes=(text,))

    assert card.name is not None
    assert card.name.value == "林晴"
    assert card.title is not None
    assert card.title.value == "Senior Engineer"


def test_other_codes_are_left_alone(read: Read) -> None:
    card = read(("Nora Whitfield", 44), "nora@larkspur.com", codes=("https://u.wechat.com/abc",))

    assert card.flags == ()
