"""Several cards on one table are told apart, and one card never is."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from drawing import card, jpeg, photo
from PIL import Image, ImageDraw, ImageFont

from forthwith.integrations.ocr.geometry import pixels
from forthwith.integrations.ocr.outlines import find_outlines, rectangle
from forthwith.integrations.ocr.page import Box, Page
from forthwith.integrations.ocr.reader import read_page

OTHER = ("Ivo Castellan", "Quarry Surveyor", "ivo@greystone.example", "+44 20 7946 0951")


FOLDED = ("Marine Engineering", "Harbour 7, Quay 2", "+44 20 7946 0951", "Open at high tide")


def lettered(texts: Sequence[str]) -> Image.Image:
    """One column of lines on coloured paper."""
    image = Image.new("RGB", (1000, 560), (226, 232, 240))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(40)
    for row, text in enumerate(texts):
        draw.text((80, 90 + 100 * row), text, fill=(20, 30, 60), font=font)
    return image


def table(*cards: tuple[Image.Image, tuple[int, int], int]) -> Image.Image:
    """Cards 700 pixels wide, each with its upper left corner and turned anticlockwise."""
    scene = Image.new("RGB", (1800, 1300), (92, 74, 58))
    for picture, place, degrees in cards:
        small = picture.resize((700, 392)).convert("RGBA")
        turned = small.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        scene.paste(turned, place, turned)
    return scene


def texts_on(page: Page, sheet: Box) -> list[str]:
    xs, ys = [x for x, _ in sheet], [y for _, y in sheet]
    return [
        line.text
        for line in page.lines
        if min(xs) <= line.box[0][0] <= max(xs) and min(ys) <= line.box[0][1] <= max(ys)
    ]


def slant(box: Sequence[tuple[float, float]]) -> float:
    """Degrees clockwise by which the first edge of a box is off the level."""
    (left, top), (right, end) = box[:2]
    return math.degrees(math.atan2(end - top, right - left))


@pytest.fixture(scope="module")
def two() -> Page:
    """One card a little askew, the other below it on its head."""
    return read_page(jpeg(table((card(), (150, 120), 4), (lettered(OTHER), (900, 750), 180))))


def test_each_card_is_a_sheet(two: Page) -> None:
    assert len(two.sheets) == 2


def test_the_lines_of_each_card_lie_on_its_sheet(two: Page) -> None:
    first, second = sorted(two.sheets, key=lambda sheet: min(y for _, y in sheet))

    assert "marta@saltwind.example" in texts_on(two, first)
    assert sorted(texts_on(two, second)) == sorted(OTHER)


def test_a_sheet_names_its_corners_as_the_card_reads(two: Page) -> None:
    askew, headlong = sorted(two.sheets, key=lambda sheet: min(y for _, y in sheet))

    assert slant(askew) == pytest.approx(-4, abs=1.5)
    assert abs(slant(headlong)) == pytest.approx(180, abs=1.5)


def test_one_card_on_a_table_is_no_sheet() -> None:
    assert read_page(jpeg(photo(card(), (1600, 1200), width=900, degrees=3))).sheets == ()


def test_two_panels_of_one_card_are_no_sheets() -> None:
    """A card folded open, in two colours and with a contact on each, touches itself."""
    scene = Image.new("RGB", (1600, 1250), (92, 74, 58))
    scene.paste(card().resize((900, 504)), (350, 120))
    scene.paste(lettered(FOLDED).resize((900, 504)), (350, 624))

    assert read_page(jpeg(scene)).sheets == ()


def test_an_outline_lies_around_its_card() -> None:
    (outline,) = find_outlines(pixels(photo(card(), (1600, 1200), width=900, degrees=0)))

    assert outline.corners[0] == pytest.approx([350, 348], abs=8)
    assert outline.corners[2] == pytest.approx([1250, 852], abs=8)


def test_a_picture_without_edges_has_no_outline() -> None:
    assert find_outlines(np.full((600, 800, 3), 200, dtype=np.uint8)) == []


@pytest.mark.parametrize("degrees", [0, 20, -20, 44, -44])
def test_a_rectangle_begins_where_its_level_edge_does(degrees: int) -> None:
    turn = math.radians(degrees)
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    points = np.array([[0, 0], [90, 0], [90, 54], [0, 54]]) @ matrix

    corners = rectangle(points.astype(np.float32))

    assert corners == pytest.approx(points, abs=1e-3)
