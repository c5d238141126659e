import math

import numpy as np
import pytest

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.geometry import Corners
from forthwith.integrations.ocr.page import Line


def box(left: float, top: float, width: float = 100, height: float = 20) -> Corners:
    right, bottom = left + width, top + height
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def line(text: str, left: float, top: float, *, degrees: float = 0.0) -> Line:
    """A line on a page that is turned clockwise around its top left corner."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned = box(left, top) @ np.array([[cosine, sine], [-sine, cosine]])
    return Line(text, 1.0, geometry.as_box(turned.astype(np.float32)))


@pytest.mark.parametrize("degrees", [-20, 0, 8, 20])
def test_lines_are_read_row_by_row_on_a_page_askew(degrees: float) -> None:
    lines = [
        line("d", 400, 104, degrees=degrees),
        line("b", 400, 0, degrees=degrees),
        line("c", 0, 100, degrees=degrees),
        line("a", 0, 4, degrees=degrees),
    ]

    assert "".join(one.text for one in geometry.in_reading_order(lines)) == "abcd"


def test_staggered_columns_do_not_chain_into_one_row() -> None:
    lines = [
        line(text, left, top)
        for text, left, top in (("a", 0, 0), ("b", 400, 8), ("c", 0, 16), ("d", 400, 24))
    ]

    assert "".join(one.text for one in geometry.in_reading_order(lines[::-1])) == "abcd"


def test_no_lines_have_an_order_too() -> None:
    assert geometry.in_reading_order([]) == ()


def test_a_picture_is_turned_clockwise() -> None:
    image = np.array([[[1], [2]], [[3], [4]]], np.uint8)

    assert geometry.turn(image, 90)[:, :, 0].tolist() == [[3, 1], [4, 2]]


def test_lines_that_nearly_all_run_downwards_lie_on_their_side() -> None:
    assert geometry.mostly_tall([box(0, 0, 20, 200), box(40, 0, 20, 300), box(0, 0)])


@pytest.mark.parametrize("boxes", [[], [box(0, 0)], [box(0, 0, 20, 200), box(40, 0, 150, 20)]])
def test_other_lines_do_not(boxes: list[Corners]) -> None:
    assert not geometry.mostly_tall(boxes)


def test_the_height_of_text_is_that_of_the_middle_line() -> None:
    assert geometry.text_height([box(0, 0, 99, 10), box(0, 0, 99, 12), box(0, 0, 99, 80)]) == 12


def test_the_surroundings_of_text_stay_within_the_picture() -> None:
    image = np.zeros((100, 400, 3), np.uint8)

    assert geometry.surroundings([box(10, 50)], image) == (slice(0, 100), slice(0, 160))


def test_the_surroundings_of_nothing_are_the_picture() -> None:
    image = np.zeros((100, 400, 3), np.uint8)

    assert geometry.surroundings([], image) == (slice(0, 100), slice(0, 400))
