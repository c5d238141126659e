"""Telephone numbers: which digits are one, of what kind, and in E.164."""

from collections.abc import Callable

import pytest

from forthwith.apps.cards.reading import CardReading

Read = Callable[..., CardReading]


def kinds(card: CardReading) -> list[tuple[str, str | None]]:
    return [(number.kind, number.e164) for number in card.phones]


@pytest.mark.parametrize(
    ("line", "kind", "e164"),
    [
        ("Tel: +886-2-2345-6789", "phone", "+886223456789"),
        ("T +81-3-3456-7890", "phone", "+81334567890"),
        ("M 0912-345-678 台北市", "mobile", "+886912345678"),
        ("行動電話：0912 345 678 台北市", "mobile", "+886912345678"),
        ("携帯 080-1234-5678", "mobile", "+818012345678"),
        ("FAX (852) 2345 6789", "fax", "+85223456789"),
        ("傳真 (02)2345-6789 台北市", "fax", "+886223456789"),
        ("Cell (503) 555-0142", "mobile", "+15035550142"),
        ("Direct Line: 020 7946 0958, London, UK", "phone", "+442079460958"),
        ("+0044 (0)1225 287842", "phone", "+441225287842"),
        ("Điện thoại: 028 3823 4567 TP.HCM", "phone", "+842838234567"),
        ("0171 / 392 00 56 Hamburg", "mobile", "+491713920056"),
        ("T503-555-0142", "phone", "+15035550142"),
    ],
)
def test_labelled_and_written_numbers_are_typed_and_normalised(
    read: Read, line: str, kind: str, e164: str
) -> None:
    assert kinds(read(line)) == [(kind, e164)]


def test_label_in_a_box_of_its_own_belongs_to_the_number_on_its_row(read: Read) -> None:
    card = read(("Fax", 30, 80, 100), ("+886 2 2345 6789", 30, 300, 100))

    assert kinds(card) == [("fax", "+886223456789")]


def test_numbers_behind_one_label_share_its_kind(read: Read) -> None:
    card = read("Tel: +91-40-39804646, 23321623 (D) 39804621")

    assert [number.kind for number in card.phones] == ["phone", "phone", "phone"]


def test_two_numbers_run_together_are_parted(read: Read) -> None:
    """Where an icon stood between a telephone and a fax, the reader leaves one string."""
    card = read("2345678923456780", "Hong Kong, Kowloon")

    assert [number.e164 for number in card.phones] == ["+85223456789", "+85223456780"]


def test_extension_is_kept_with_the_printed_number(read: Read) -> None:
    card = read("電話 02-2345-6789 分機 123", "台北市")

    assert card.phones[0].printed == "02-2345-6789 #123"


def test_internal_extension_has_no_international_form(read: Read) -> None:
    card = read("Phone : 76544", "WARANGAL, INDIA")

    assert kinds(card) == [("phone", None)]


def test_last_of_three_numbers_behind_icons_is_the_fax(read: Read) -> None:
    card = read("(02)2345-6789", "0912-345-678", "(02)2345-6780", "台北市")

    assert [number.kind for number in card.phones] == ["phone", "mobile", "fax"]


@pytest.mark.parametrize(
    "line",
    [
        "〒150-0001 東京都渋谷区",
        "T150-0001 東京都渋谷区",
        "ISO 9001:2015",
        "1420 Birch Street - Salem, OR 97301",
        "D-20459 Hamburg",
        "Hyderabad - 500 004, India",
        "統一編號 12345678",
        "CEP 01014-000 São Paulo",
        "P.O. Box 12345678",
        "since 1998",
    ],
)
def test_other_digits_are_no_telephone_number(read: Read, line: str) -> None:
    assert read(line).phones == ()


def test_number_cut_off_at_the_edge_is_left_out(read: Read) -> None:
    """Nine digits are no North American number: the rest was not on the picture."""
    card = read("T: 770-391-9071 F: 770-391-90")

    assert kinds(card) == [("phone", "+17703919071")]


def test_same_number_printed_twice_is_told_once(read: Read) -> None:
    card = read("Tel 02-2345-6789", "+886 2 2345 6789", "台北市")

    assert len(card.phones) == 1


def test_number_in_han_digits_of_a_vertical_card_is_read(read: Read) -> None:
    card = read("株式会社青空商事", "電話〇三一二三四五六七八")

    assert kinds(card) == [("phone", "+81312345678")]


def test_inner_extension_behind_a_hyphen_is_told_apart(read: Read) -> None:
    card = read("电话:0755-2345 6789-808", "深圳市")

    assert card.phones[0].e164 == "+8675523456789"


@pytest.mark.parametrize(
    ("line", "kind"), [("212.555.0198 fax", "fax"), ("(650) 269-0000 (cell)", "mobile")]
)
def test_label_behind_the_number_counts(read: Read, line: str, kind: str) -> None:
    assert [number.kind for number in read(line).phones] == [kind]


@pytest.mark.parametrize(
    ("line", "kind", "e164"),
    [
        ("TEL+81-3-3456-7890", "phone", "+81334567890"),
        ("Fax(852)2345 6789", "fax", "+85223456789"),
        ("Mobile0912-345-678 台北市", "mobile", "+886912345678"),
        ("JON248·343·5976", "phone", "+12483435976"),
    ],
)
def test_number_glued_to_its_label_is_found(read: Read, line: str, kind: str, e164: str) -> None:
    assert kinds(read(line)) == [(kind, e164)]


@pytest.mark.parametrize(
    ("line", "kind", "e164"),
    [
        ("T / 02-2539-O289 台北市", "phone", "+886225390289"),
        ("手机：+86 l37 5070 0883", "mobile", "+8613750700883"),
        ("FAX (04)2714-O586 台中市", "fax", "+886427140586"),
        ("+886 2 2351 0b56", "phone", "+886223510656"),
    ],
)
def test_letter_read_for_a_digit_is_mended(read: Read, line: str, kind: str, e164: str) -> None:
    assert kinds(read(line)) == [(kind, e164)]


def test_letter_of_a_house_is_no_digit(read: Read) -> None:
    card = read("Add: 广东省广州市天河区松月路1005号", "国际中心 B座1904室 2350060")

    assert card.phones == ()


def test_letter_of_a_house_before_a_postcode_is_no_label(read: Read) -> None:
    card = read("Bahnhofstraße 111 b | 80331 München")

    assert card.phones == ()
    assert [place.value for place in card.addresses] == ["Bahnhofstraße 111 b | 80331 München"]
