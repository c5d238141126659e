"""Text that people print, brought to forms that compare and validate."""

import pytest

from forthwith.platform import text


def test_full_width_and_invisible_signs_are_made_plain() -> None:
    assert text.nfkc("ＴＥＬ：\u200b０２ー２３４５  ６７８９") == "TEL:02ー2345 6789"


def test_dashes_of_every_kind_become_hyphens() -> None:
    assert text.nfkc("02–2345—6789−1") == "02-2345-6789-1"


def test_variants_of_one_character_fold_to_the_same() -> None:
    pytest.importorskip("opencc")

    assert text.fold("營業") == text.fold("営業") == text.fold("营业")


def test_comparable_text_has_letters_and_digits_only() -> None:
    assert text.comparable("ACME Tools, Inc. (2)") == "acmetoolsinc2"


def test_accents_and_the_crossed_d_are_taken_off() -> None:
    assert text.unaccented("Đặng São Müller") == "Dang Sao Muller"


@pytest.mark.parametrize(
    ("printed", "region", "mended"),
    [
        ("平镇區", "TW", "平鎮區"),
        ("别册裝订", "TW", "別冊裝訂"),
        ("干后里台", "TW", "干后里台"),
        ("香港湾仔", "HK", "香港灣仔"),
        ("携带電話", "JP", "携帯電話"),
        ("軟件工程師", "CN", "软件工程师"),
        ("平镇區", "US", "平镇區"),
    ],
)
def test_only_letters_foreign_to_the_script_are_mended(
    printed: str, region: str, mended: str
) -> None:
    """后 and 干 exist in both scripts, so a name that has them stays as printed."""
    pytest.importorskip("opencc")

    assert text.mend_variants(printed, region) == mended


@pytest.mark.parametrize(
    ("printed", "region", "e164", "kind"),
    [
        ("0912-345-678", "TW", "+886912345678", "mobile"),
        ("(02)2345-6789", "TW", "+886223456789", "fixed"),
        ("+81 90-1234-5678", None, "+819012345678", "mobile"),
        ("98480 12345", "IN", "+919848012345", "mobile"),
        ("83097 65922", "IN", "+918309765922", "unknown"),
        ("(503) 555-0142", "US", "+15035550142", "unknown"),
    ],
)
def test_numbers_are_parsed_by_the_plan_of_their_region(
    printed: str, region: str | None, e164: str, kind: str
) -> None:
    number = text.phone_number(printed, region)

    assert number is not None
    assert (number.e164, number.kind) == (e164, kind)


def test_extension_of_a_number_is_parsed() -> None:
    number = text.phone_number("02-2345-6789 ext. 12", "TW")

    assert number is not None
    assert number.extension == "12"


def test_text_without_a_number_is_no_number() -> None:
    assert text.phone_number("call me", "TW") is None


def test_number_of_wrong_length_is_not_valid() -> None:
    number = text.phone_number("12345", "TW")

    assert number is not None
    assert not number.valid


def test_mail_address_gets_a_lower_case_domain() -> None:
    assert text.email_address("Ann.Lee@HarbourPine.COM") == "Ann.Lee@harbourpine.com"


@pytest.mark.parametrize("wrong", ["ann@harbourpine", "ann.harbourpine.com", "a b@c.com", "@c.com"])
def test_what_cannot_be_a_mail_address_is_refused(wrong: str) -> None:
    assert text.email_address(wrong) is None


@pytest.mark.parametrize(
    ("printed", "sound"),
    [
        ("www.harbourpine.com.tw", True),
        ("https://harbourpine.io/people?id=1", True),
        ("harbourpine.notatld", False),
        ("harbour pine.com", False),
    ],
)
def test_web_addresses_need_a_public_suffix(printed: str, sound: bool) -> None:  # noqa: FBT001
    assert (text.web_address(printed) == printed) is sound


def test_registered_domain_and_its_owners_word_are_told() -> None:
    assert text.registered_domain("mail.firma.com.tw") == "firma.com.tw"
    assert text.domain_label("mail.firma.com.tw") == "firma"


def test_endings_reserved_for_documentation_count_as_suffixes() -> None:
    assert text.registered_domain("www.firma.example") == "firma.example"


def test_bare_suffix_has_no_owner() -> None:
    assert text.domain_label("com.tw") is None


@pytest.mark.parametrize(
    ("number", "region", "holds"),
    [
        ("04595257", "TW", True),
        ("04595258", "TW", False),
        ("T7000012050002", "JP", True),
        ("11.222.333/0001-81", "BR", True),
        ("12345678", "XX", False),
    ],
)
def test_check_digits_of_tax_numbers(number: str, region: str, holds: bool) -> None:  # noqa: FBT001
    assert text.tax_id_holds(number, region) is holds
