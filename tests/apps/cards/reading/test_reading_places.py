"""Addresses and their normal forms."""

from collections.abc import Callable

import pytest

from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.reading.postal import normalise

Read = Callable[..., CardReading]


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("台北市大安區和平東路二段100號", "106 臺北市大安區和平東路二段100號"),
        ("40756台中市西屯區市政路1號", "40756 臺中市西屯區市政路1號"),
        ("台灣新竹市東區光復路1號", "300 新竹市東區光復路1號"),
        ("員林市中山路1號", "510 彰化縣員林市中山路1號"),
        ("中山區南京東路1號", None),
        ("某處", None),
    ],
)
def test_taiwanese_addresses_get_postcode_and_official_county(
    printed: str, normal: str | None
) -> None:
    assert normalise(printed, "TW") == normal


def test_japanese_address_gets_its_mark() -> None:
    assert normalise("150-0001東京都渋谷区1-2-3", "JP") == "〒150-0001 東京都渋谷区1-2-3"


def test_addresses_of_other_countries_have_no_normal_form() -> None:
    assert normalise("1420 Birch Street", "US") is None


def test_address_over_two_lines_is_one(read: Read) -> None:
    card = read("地址：湖北省武汉市洪山区", "知春里大街469号3号楼308室")

    assert [a.value for a in card.addresses] == ["湖北省武汉市洪山区知春里大街469号3号楼308室"]


def test_addresses_of_several_shops_are_told_apart(read: Read) -> None:
    card = read("Av. Rio das Flores, 1553", "Av. Santa Clara, 2449", "Rua do Sol, 2283", "Ltda")

    assert len(card.addresses) == 3


def test_head_office_in_front_is_no_part_of_the_address(read: Read) -> None:
    card = read("Head Office 2-10-14, Minami, Matsue City, Shimane, 690-0826 JAPAN")

    assert card.addresses[0].value == "2-10-14, Minami, Matsue City, Shimane, 690-0826 JAPAN"


def test_office_manager_above_an_address_is_no_label(read: Read) -> None:
    card = read("Office Manager", "1420 Birch Street, Salem, OR 97301")

    assert card.addresses[0].value == "1420 Birch Street, Salem, OR 97301"


def test_postal_mark_read_as_a_letter_is_restored(read: Read) -> None:
    card = read("T060-0001", "北海道札幌市中央区青葉台4丁目2番12号")

    assert card.addresses[0].value.startswith("〒060-0001")


def test_odd_simplified_letter_in_a_traditional_address_is_mended(read: Read) -> None:
    """The recogniser mixes variants; only the letter that Big5 lacks is replaced."""
    pytest.importorskip("opencc")
    card = read("桃園市平镇區中豐路100號")

    assert card.addresses[0].value == "桃園市平鎮區中豐路100號"


def test_building_above_the_street_belongs_to_its_address(read: Read) -> None:
    """No word tells it; it is set as the lines below it and is nothing else."""
    card = read(
        ("Ann Lee", 50), "Larkspur University", ("Packard Physics Annex", 30, 80, 300),
        ("350 Serra Mall, Room 170", 30, 80, 339), ("Stanford, CA 94305", 30, 80, 378),
        "ann@larkspur.edu",
    )  # fmt: skip

    assert [a.value for a in card.addresses] == [
        "Packard Physics Annex 350 Serra Mall, Room 170 Stanford, CA 94305"
    ]


def test_slogan_in_another_style_above_the_street_is_no_building(read: Read) -> None:
    card = read(
        ("Ann Lee", 50), ("Quietly precise work", 20, 80, 300),
        ("350 Serra Mall, Room 170", 30, 80, 330), ("Stanford, CA 94305", 30, 80, 369),
    )  # fmt: skip

    assert card.addresses[0].value == "350 Serra Mall, Room 170 Stanford, CA 94305"


def test_state_before_a_postcode_is_no_legal_form(read: Read) -> None:
    card = read("4253 Juniper Road,", "Boulder, CO 80302")

    assert [a.value for a in card.addresses] == ["4253 Juniper Road, Boulder, CO 80302"]


def test_quarter_of_a_town_between_street_and_town_belongs_to_the_address(read: Read) -> None:
    card = read("Rua das Acácias, 2903", "Santa Luzia -", "Rio de Janeiro - RJ", "Cep: 22067-051")

    assert [a.value for a in card.addresses] == [
        "Rua das Acácias, 2903 Santa Luzia Rio de Janeiro - RJ Cep: 22067-051"
    ]


def test_line_of_places_goes_on_an_address_without_a_street_word(read: Read) -> None:
    card = read("3-27-14 Tsukimidai,", "Kanazawa, Ishikawa", "920-0061, Japan")

    assert len(card.addresses) == 1


def test_unit_and_street_are_one_address(read: Read) -> None:
    card = read("Unit 4420, 44/F, Vailai Tower,", "222 Lantern Street, Tsuen Wan, N.T., Hong Kong")

    assert len(card.addresses) == 1


def test_han_label_does_not_part_a_latin_address(read: Read) -> None:
    card = read("地址：No. 344 Wangchuan Street,", "Nanshan District, Shenzhen,", "China")

    assert [a.value for a in card.addresses] == [
        "No. 344 Wangchuan Street, Nanshan District, Shenzhen, China"
    ]


def test_house_number_glued_to_its_street_is_seen(read: Read) -> None:
    card = read("Kupferstraße155", "D-50667 Köln")

    assert [a.value for a in card.addresses] == ["Kupferstraße155 D-50667 Köln"]
