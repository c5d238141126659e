"""Pages made from flat cards stand for what a text reader sees."""

from random import Random

import pytest

from benchmarks.printed_pages import CLEAN, page_of
from examples.cardmaker import compose, fonts, layouts

pytestmark = pytest.mark.skipif(
    bool(fonts.missing()), reason=f"fonts are missing; install them with: {fonts.INSTALL}"
)


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a page to repeat, not a secret


def bare(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize("layout", layouts("ja"))
def test_without_mistakes_every_printed_string_is_on_the_page(layout: str) -> None:
    sheet, _ = compose(3, "ja", layout)

    page = page_of(sheet, dice(1), CLEAN)

    text = bare("".join(line.text for line in page.lines))
    assert [each.text for each in sheet.printed if bare(each.text) not in text] == []


def test_lines_stand_on_the_card() -> None:
    sheet, _ = compose(3, "en", "left")

    page = page_of(sheet, dice(1), CLEAN)

    for line in page.lines:
        for x, y in line.box:
            assert -0.05 * page.width < x < 1.05 * page.width
            assert -0.05 * page.height < y < 1.05 * page.height


def test_the_same_dice_make_the_same_mistakes() -> None:
    sheet, _ = compose(3, "de", "columns")

    assert page_of(sheet, dice(7)) == page_of(sheet, dice(7))
    assert page_of(sheet, dice(7)) != page_of(sheet, dice(8))
