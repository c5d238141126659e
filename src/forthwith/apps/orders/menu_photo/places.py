"""Where text stands on a page once its lines are level."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from forthwith.integrations.ocr.page import Box

_STEPS: Final = 6  # to each side of what the boxes say
_LEVEL_STEP: Final = 0.004  # of slope
_CHANGE_STEP: Final = 0.006  # of slope, over the height of the page
_SAME_ROW: Final = 0.5  # of a height
_APART: Final = 4.0  # heights, from which two pieces of a row say something about its slope


class Place(msgspec.Struct, frozen=True):
    """Where a piece of text is, in pixels of the page once its lines are level."""

    left: float
    right: float
    middle: float
    height: float

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.middle - self.height / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.middle + self.height / 2

    def covers(self, other: "Place") -> float:
        """How much of the narrower one lies below or above the other, 0 to 1."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        narrower = min(self.right - self.left, other.right - other.left)
        return max(0.0, shared / narrower) if narrower > 0 else 0.0

    def is_in_row_of(self, other: "Place") -> bool:
        """Whether both stand beside one another."""
        return abs(self.middle - other.middle) <= min(self.height, other.height) / 2


class _Row(msgspec.Struct, frozen=True):
    """A line as the reader saw it: its middle and its size."""

    x: float
    y: float
    width: float
    height: float


def leveller(boxes: Sequence[Box]) -> Callable[[Box], Place]:
    """Gives places on the page made level.

    Rows of a page seen from the side rise at the top and fall at the bottom, or the other way
    round: the slope is a straight line over the height. The boxes say it roughly, as their
    edges are short; of the slopes nearby, that one is right which brings most pieces into rows.
    """
    rows = [_row(box) for box in boxes]
    height = max((row.y for row in rows), default=0.0) or 1.0
    level = statistics.median([_slope(box) for box in boxes if _is_long(box)] or [0.0])
    best = max(_nearby(level, height), key=lambda slope: (_in_rows(rows, *slope), -abs(slope[1])))

    def place(box: Box) -> Place:
        row = _row(box)
        left, right = row.x - row.width / 2, row.x + row.width / 2
        return Place(left, right, _level(row, *best), row.height)

    return place


def _nearby(level: float, height: float) -> Iterable[tuple[float, float]]:
    steps = range(-_STEPS, _STEPS + 1)
    for change in steps:
        for each in steps:
            fall = change * _CHANGE_STEP / height
            yield level + each * _LEVEL_STEP - fall * height / 2, fall


def _level(row: _Row, slope: float, change: float) -> float:
    return row.y - (slope + change * row.y) * row.x


def _in_rows(rows: Sequence[_Row], slope: float, change: float) -> float:
    """How well pieces that stand far from each other make rows."""
    ordered = sorted(((_level(row, slope, change), row) for row in rows), key=lambda each: each[0])
    return sum(
        1 - (below - above) / (_SAME_ROW * min(first.height, second.height))
        for number, (above, first) in enumerate(ordered)
        for below, second in ordered[number + 1 : number + 5]
        if below - above < _SAME_ROW * min(first.height, second.height)
        and abs(first.x - second.x) > _APART * first.height
    )


def _row(box: Box) -> _Row:
    x, y = (sum(axis) / len(box) for axis in zip(*box, strict=True))
    width = max(abs(box[1][0] - box[0][0]), abs(box[2][0] - box[3][0]))
    height = (abs(box[3][1] - box[0][1]) + abs(box[2][1] - box[1][1])) / 2
    return _Row(x, y, width, height)


def _slope(box: Box) -> float:
    return (box[1][1] - box[0][1] + box[2][1] - box[3][1]) / 2 / (box[1][0] - box[0][0])


def _is_long(box: Box) -> bool:
    """Long enough that its slope says something."""
    return box[1][0] - box[0][0] > 3 * abs(box[3][1] - box[0][1])
