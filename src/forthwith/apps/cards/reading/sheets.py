# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Several cards on one picture: parted where wide gaps run between groups of lines."""

import re
import statistics
from collections.abc import Callable, Sequence

from forthwith.integrations.ocr.page import Line


def split(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The lines of each card. One card stays whole, whatever its columns.

    A gap parts two cards only if it is wide, and each side has what a card has: several lines
    and an e-mail address of its own.
    """
    if not lines:
        return []
    for axis in (_down, _across):
        cut = _widest_gap(lines, axis)
        if cut is None:
            continue
        first = tuple(line for line in lines if axis(line)[1] <= cut)
        second = tuple(line for line in lines if axis(line)[0] >= cut)
        if _is_card(first) and _is_card(second) and not _same_address(first, second):
            return [*split(first), *split(second)]
    return [tuple(lines)]


def _down(line: Line) -> tuple[float, float]:
    edges = [y for _, y in line.box]
    return min(edges), max(edges)


def _across(line: Line) -> tuple[float, float]:
    edges = [x for x, _ in line.box]
    return min(edges), max(edges)


def _widest_gap(lines: Sequence[Line], axis: Callable[[Line], tuple[float, float]]) -> float | None:
    """The middle of the widest empty band, if it is wider than three lines are high."""
    height = statistics.median(_down(line)[1] - _down(line)[0] for line in lines)
    spans = sorted(map(axis, lines))
    reached, best, cut = spans[0][1], 3 * height, None
    for start, end in spans[1:]:
        if start - reached > best:
            best, cut = start - reached, (start + reached) / 2
        reached = max(reached, end)
    return cut


def _is_card(lines: Sequence[Line]) -> bool:
    return len(lines) >= 4 and bool(_addresses(lines))


def _same_address(first: Sequence[Line], second: Sequence[Line]) -> bool:
    return bool(_addresses(first) & _addresses(second))


def _addresses(lines: Sequence[Line]) -> set[str]:
    found = (re.search(r"[\w.+-]+\s?@\s?[\w.-]+", line.text) for line in lines)
    return {match[0].casefold() for match in found if match}
