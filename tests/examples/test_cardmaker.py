"""The generator tells the truth about the cards it draws."""

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import phonenumbers
import pytest
import zxingcpp
from stdnum.tw import ubn

from examples.cardmaker import compose, fonts, generate, invent, languages, layouts, levels
from examples.cardmaker.fonts import FontsMissing

pytestmark = pytest.mark.slow  # pictures are drawn and read

SEEDS = range(2)
READABLE_POINTS = 3.0  # the smallest print of real cards is about four points

with_fonts = pytest.mark.skipif(
    bool(fonts.missing()), reason=f"fonts are missing; install them with: {fonts.INSTALL}"
)
every_language = pytest.mark.parametrize("language", languages())


composed = cache(compose)  # two tests look at the same hundreds of cards


def plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(sign for sign in folded if sign.isalnum())


def values(fields: dict[str, Any]) -> list[str]:
    """Every text that a label says is on the card."""
    flat = [value if isinstance(value, list) else [value] for value in fields.values()]
    return [item["printed"] if isinstance(item, dict) else item for group in flat for item in group]


@with_fonts
@every_language
def test_a_label_names_only_what_is_printed(language: str) -> None:
    for layout in layouts(language):
        for seed in SEEDS:
            sheet, truth = composed(seed, language, layout)
            printed = plain("".join(each.label + each.text for each in sheet.printed))

            assert [v for v in values(truth["fields"]) if plain(v) not in printed] == [], layout


@with_fonts
@every_language
def test_no_text_shrinks_below_what_a_press_prints(language: str) -> None:
    for layout in layouts(language):
        smallest = min(composed(seed, language, layout)[0].smallest for seed in SEEDS)

        assert smallest >= READABLE_POINTS, layout


@with_fonts
def test_one_seed_is_one_person_in_every_layout() -> None:
    people = {compose(3, "ja", layout)[1]["fields"]["name"][0] for layout in layouts("ja")}

    assert len(people) == 1


@with_fonts
@pytest.mark.parametrize("level", levels())
def test_the_same_arguments_give_the_same_pixels(level: str) -> None:
    first, truth = generate(5, "zh-Hant", "left", level)
    second, same = generate(5, "zh-Hant", "left", level)

    assert truth == same
    assert np.array_equal(np.asarray(first), np.asarray(second))


@with_fonts
def test_another_seed_gives_another_card() -> None:
    first, _ = generate(1, "en", "left")
    second, _ = generate(2, "en", "left")

    assert not np.array_equal(np.asarray(first), np.asarray(second))


@with_fonts
def test_a_photo_is_at_most_1280_pixels_long() -> None:
    for layout in ("left", "portrait"):
        picture, truth = generate(1, "en", layout)

        assert truth["kind"] == "photo"
        assert max(picture.size) == 1280


@with_fonts
def test_a_code_repeats_the_card_as_a_vcard() -> None:
    picture, truth = generate(2, "de", "qr")

    (code,) = zxingcpp.read_barcodes(picture)

    assert code.text.startswith("BEGIN:VCARD\r\n")
    assert f"EMAIL:{truth['fields']['email'][0]}\r\n" in code.text


@with_fonts
def test_upright_text_is_left_to_scripts_that_have_it() -> None:
    assert "vertical" in layouts("ja")
    with pytest.raises(ValueError, match="no layout vertical for language en"):
        compose(1, "en", "vertical")


def test_an_unknown_level_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="not moonlight"):
        generate(1, "en", "left", "moonlight")


def test_a_missing_font_says_how_to_install_it() -> None:
    with pytest.raises(FontsMissing, match=r"apt-get install .* fonts-noto-cjk"):
        fonts.find("NoSuchFont.ttf")


@every_language
def test_a_thousand_seeds_are_nearly_a_thousand_people(language: str) -> None:
    invented = (invent(seed, language) for seed in range(1000))

    assert len({(person.name, person.company) for person in invented}) > 980


@every_language
def test_numbers_are_valid_and_match_their_printed_form(language: str) -> None:
    for seed in range(150):
        person = invent(seed, language)
        for number in person.numbers:
            parsed = phonenumbers.parse(number.printed, person.region)

            assert phonenumbers.is_valid_number(parsed)
            assert number.e164 == f"+{parsed.country_code}{parsed.national_number}"


@every_language
def test_every_host_is_reserved_or_says_it_is_an_example(language: str) -> None:
    for seed in range(150):
        host = invent(seed, language).email.partition("@")[2]

        assert host.endswith(".example") or "-example." in host


def test_taiwanese_tax_numbers_have_a_right_check_sum() -> None:
    numbers = [invent(seed, "zh-Hant").tax_id for seed in range(150)]

    assert all(ubn.is_valid(number) for number in numbers if number)
    assert any(numbers)
