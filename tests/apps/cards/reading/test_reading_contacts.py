"""E-mail, web addresses, LINE ids and tax numbers."""

from collections.abc import Callable

import pytest

from forthwith.apps.cards.reading import CardReading

Read = Callable[..., CardReading]


@pytest.mark.parametrize(
    ("line", "mail"),
    [
        ("E: ann.lee@harbourpine.com.hk", "ann.lee@harbourpine.com.hk"),
        ("E-mailann@harbourpine.com", "ann@harbourpine.com"),
        ("Email ann @ harbourpine . com", "ann@harbourpine.com"),
        ("ann@harbourpine, com", "ann@harbourpine.com"),
        ("ann(at)harbourpine.com", "ann@harbourpine.com"),
        ("ann@harbourpinecom", "ann@harbourpine.com"),
        ("信箱：ann@harbourpine.com.tw", "ann@harbourpine.com.tw"),
        ("ann©harbourpine.com", "ann@harbourpine.com"),
    ],
)
def test_mail_addresses_are_found_and_repaired(read: Read, line: str, mail: str) -> None:
    assert [found.value for found in read(line).emails] == [mail]


def test_mail_address_that_goes_on_below_is_joined(read: Read) -> None:
    card = read("mandy.longworth@", "harbourpine.com.hk")

    assert [found.value for found in card.emails] == ["mandy.longworth@harbourpine.com.hk"]


def test_misread_at_sign_is_mended_by_the_printed_domain(read: Read) -> None:
    card = read("Email: annleegharbourpine.com", "www.harbourpine.com")

    assert [found.value for found in card.emails] == ["annlee@harbourpine.com"]


def test_letter_label_glued_to_the_address_is_taken_off(read: Read) -> None:
    card = read("T503-555-0142", "Evictor@quillmark.com")

    assert [found.value for found in card.emails] == ["victor@quillmark.com"]


def test_capital_of_a_name_in_front_of_the_address_stays(read: Read) -> None:
    card = read("Tel: 503-555-0142", "Eric@quillmark.com")

    assert [found.value for found in card.emails] == ["Eric@quillmark.com"]


@pytest.mark.parametrize(
    ("line", "site"),
    [
        ("www.harbourpine.com", "www.harbourpine.com"),
        ("URL http://www.harbourpine.co.jp/", "http://www.harbourpine.co.jp/"),
        ("https:www.harbourpine.com", "https://www.harbourpine.com"),
        ("www harbourpine.com", "www.harbourpine.com"),
        ("wwwharbourpine.com", "www.harbourpine.com"),
        ("harbourpine.com.tw", "harbourpine.com.tw"),
        ("Co.,Ltd", None),
        ("B.P.CHANDRA", None),
        ("Ph.D", None),
    ],
)
def test_web_addresses_are_found(read: Read, line: str, site: str | None) -> None:
    assert [found.value for found in read(line).websites] == ([site] if site else [])


def test_path_on_the_next_line_belongs_to_the_web_address(read: Read) -> None:
    card = read("http://universe.harbourpine.com/", "people/annlee/Profile")

    assert [s.value for s in card.websites] == [
        "http://universe.harbourpine.com/people/annlee/Profile"
    ]


def test_lost_dot_of_a_host_comes_back_from_the_mail_address(read: Read) -> None:
    card = read("ann@harbourpine.com.tw", "www.harbourpinecom.tw")

    assert [site.value for site in card.websites] == ["www.harbourpine.com.tw"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("LINE ID: annlee88", "annlee88"),
        ("LINE：@harbourpine", "@harbourpine"),
        ("Line@harbourpine", "@harbourpine"),
        ("LINE 帳號：ann_lee", "ann_lee"),
    ],
)
def test_line_id_is_read_behind_its_label(read: Read, line: str, value: str) -> None:
    found = read(line).line_id

    assert found is not None
    assert found.value == value


def test_direct_line_is_a_telephone_and_no_line_id(read: Read) -> None:
    card = read("Direct Line: 503-555-0142")

    assert card.line_id is None
    assert len(card.phones) == 1


def test_tax_number_with_a_wrong_check_digit_is_kept_and_said_to_be_invalid(read: Read) -> None:
    tax_id = read("統编：04595258").tax_id

    assert tax_id is not None
    assert (tax_id.value, tax_id.valid) == ("04595258", False)


def test_tax_number_beside_its_label_is_read(read: Read) -> None:
    tax_id = read(("統一編號", 30, 80, 100), ("04595257", 30, 260, 100)).tax_id

    assert tax_id is not None
    assert tax_id.valid


@pytest.mark.parametrize(
    "line",
    ["ann@harbour-pineexample", "ann@harbourpine.examp1e", "annaharbour-pine.example"],
)
def test_domain_that_is_printed_twice_is_mended_by_the_site(read: Read, line: str) -> None:
    site = "harbourpine.example" if "-" not in line else "harbour-pine.example"

    assert [mail.value for mail in read(line, f"www.{site}").emails] == [f"ann@{site}"]


def test_site_that_lost_its_dot_is_mended_by_the_mail_address(read: Read) -> None:
    card = read("ann@harbour-pine.example", "www.harbour-pineexample")

    assert [site.value for site in card.websites] == ["www.harbour-pine.example"]


def test_two_different_domains_stay_as_printed(read: Read) -> None:
    card = read("ann@harbourpine.com", "www.harbourpine.com.hk")

    assert [mail.value for mail in card.emails] == ["ann@harbourpine.com"]
    assert [site.value for site in card.websites] == ["www.harbourpine.com.hk"]
