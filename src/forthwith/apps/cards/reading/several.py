"""Several cards on one picture, each as a page of its own and back on the picture."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from forthwith.integrations.ocr.page import Box, Code, Line, Page, Point

from .fields import CardReading

Extract = Callable[[Page], list[CardReading]]


def read_each(page: Page, extract: Extract) -> list[CardReading]:
    """Read the cards of a page one by one; boxes stay in pixels of the whole page."""
    if not page.sheets:
        return extract(page)
    return [card for index in range(len(page.sheets)) for card in _read_one(page, index, extract)]


def _read_one(page: Page, index: int, extract: Extract) -> list[CardReading]:
    """The readings of one card, which is turned upright for it whichever way it lies."""
    sheet = page.sheets[index]
    lines = [line for line in page.lines if _home(line.box, page.sheets) == index]
    codes = [code for code in page.codes if _home(code.box, page.sheets) == index]
    boxes = [line.box for line in lines] + [code.box for code in codes]
    upright = {box: _upright(box, sheet) for box in boxes}
    alone = Page(
        width=round(math.dist(sheet[0], sheet[1])),
        height=round(math.dist(sheet[0], sheet[3])),
        lines=tuple(Line(each.text, each.score, upright[each.box]) for each in lines),
        codes=tuple(Code(each.format, each.text, upright[each.box]) for each in codes),
    )
    printed = {turned: box for box, turned in upright.items()}
    return [_replaced(card, printed) for card in extract(alone)]


def _home(box: Box, sheets: Sequence[Box]) -> int:
    """Which of the sheets a box lies on: the one whose middle it is nearest to, by its size."""
    middle = _middle(box)

    def remoteness(index: int) -> float:
        x, y = _coordinates(middle, sheets[index])
        sheet = sheets[index]
        across, down = math.dist(sheet[0], sheet[1]), math.dist(sheet[0], sheet[3])
        return max(abs(x / max(1.0, across) - 0.5), abs(y / max(1.0, down) - 0.5))

    return min(range(len(sheets)), key=remoteness)


def _middle(box: Box) -> Point:
    return sum(x for x, _ in box) / 4, sum(y for _, y in box) / 4


def _upright(box: Box, sheet: Box) -> Box:
    first, second, third, fourth = (_coordinates(corner, sheet) for corner in box)
    return first, second, third, fourth


def _coordinates(point: Point, sheet: Box) -> Point:
    """A point as seen from the sheet's first corner, along its upper edge and across it."""
    (left, top), (right, end) = sheet[0], sheet[1]
    length = max(1.0, math.dist(sheet[0], sheet[1]))
    cosine, sine = (right - left) / length, (end - top) / length
    x, y = point[0] - left, point[1] - top
    return x * cosine + y * sine, y * cosine - x * sine


def _replaced(value: Any, boxes: Mapping[Box, Box]) -> Any:
    """The same reading with every box put where it lies on the whole page."""
    if isinstance(value, msgspec.Struct):
        fields = {name: _replaced(getattr(value, name), boxes) for name in value.__struct_fields__}
        return type(value)(**fields)
    if isinstance(value, tuple):
        if value in boxes:
            return boxes[value]
        return tuple(_replaced(each, boxes) for each in value)
    return value
