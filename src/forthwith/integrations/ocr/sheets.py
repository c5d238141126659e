"""Several cards on one picture: each is cut out, turned upright and read for itself.

A card taken for two is worse than two taken for one, so everything must say that there are
several: outlines of things shaped like cards, apart from one another, each with lines of its
own and, once it was read by itself, a telephone number or a mail address.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import cv2
import numpy as np

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.closer import CONTACT, look_closer
from forthwith.integrations.ocr.engine import Engine
from forthwith.integrations.ocr.geometry import Corners
from forthwith.integrations.ocr.looking import Look, look
from forthwith.integrations.ocr.outlines import Outline, overlap, rectangle
from forthwith.integrations.ocr.page import Box, Line
from forthwith.integrations.ocr.settings import OcrSettings

_SEVERAL: Final = 2
_LINES_SEEN: Final = 2  # within an outline at the first look, when print is small
_LINES_READ: Final = 3  # on a card that was looked at by itself
_NEAR: Final = 3.0  # heights of a line, from a card to a line of the same card
_APART: Final = 0.03  # of a card's short side, between two cards
_MARGIN: Final = 0.03  # of a card's sides, kept around it
_MAIL: Final = re.compile(r"[\w.+-]+\s?@\s?[\w.-]+")


@dataclass(frozen=True)
class Sheet:
    """One card: its corners as it reads, its lines; both in pixels of the whole picture."""

    box: Box
    lines: tuple[Line, ...]


def read_sheets(
    reader: Engine, page: Look, outlines: Sequence[Outline], settings: OcrSettings
) -> tuple[Sheet, ...]:
    """Read each of several cards; nothing where the picture may show only one.

    Takes half a second and more for each card, and no time where there is only one.
    """
    regions = _regions(page, outlines)
    sheets = [_read(reader, page, region, settings) for region in regions]
    cards = [sheet for sheet in sheets if _is_card(sheet)]
    return tuple(cards) if _are_several(cards) else ()


def _is_card(sheet: Sheet) -> bool:
    return len(sheet.lines) >= _LINES_READ and _tells_contact(sheet.lines)


def _tells_contact(lines: Sequence[Line]) -> bool:
    return any(CONTACT.search(line.text) for line in lines)


def _are_several(cards: Sequence[Sheet]) -> bool:
    """Two sides of one card, with the same mail address on both, are left together."""
    mails = [_mails(card.lines) for card in cards]
    shared = set.intersection(*mails) if mails else set()
    return len(cards) >= _SEVERAL and not shared


def _mails(lines: Sequence[Line]) -> set[str]:
    found = (_MAIL.search(line.text) for line in lines)
    return {match[0].replace(" ", "").casefold() for match in found if match}


@dataclass(eq=False)
class _Region:
    """A part of the picture that seems to be one card, and the lines seen on it."""

    corners: Corners
    lines: list[Line] = field(default_factory=list)

    def distance(self, points: Corners) -> float:
        """Pixels from the nearest of some points; negative within."""
        hull = self.corners.reshape(-1, 1, 2)
        return min(-cv2.pointPolygonTest(hull, (float(x), float(y)), True) for x, y in points)

    def grow(self, points: Corners, lines: Sequence[Line]) -> None:
        """Take in what lies beside."""
        self.corners = rectangle(np.concatenate([self.corners, points]))
        self.lines += lines

    def is_beside(self, other: "_Region") -> bool:
        """Whether two patches are rather parts of one card."""
        gap = min(self.distance(other.corners), other.distance(self.corners))
        mails, others = _mails(self.lines), _mails(other.lines)
        distinct = bool(mails) and bool(others) and mails.isdisjoint(others)
        return gap < _APART * min(self.short_side, other.short_side) and not distinct

    @property
    def short_side(self) -> float:
        """In pixels."""
        sides = np.linalg.norm(np.roll(self.corners, -1, axis=0) - self.corners, axis=1)
        return float(sides.min())


def _regions(page: Look, outlines: Sequence[Outline]) -> list[_Region]:
    """The cards that may lie here, judged by outlines and by lines seen from afar."""
    found = [_Region(outline.corners) for outline in outlines]
    rest: list[Line] = []
    for line in page.lines:
        home = next((region for region in found if region.distance(_centre(line)) < 0), None)
        (home.lines if home else rest).append(line)
    regions = [region for region in found if len(region.lines) >= _LINES_SEEN]
    strays = [line for region in found if region not in regions for line in region.lines]
    if len(regions) < _SEVERAL:
        return []
    outside = [line for line in (*rest, *strays) if not _taken_in(line, regions)]
    if len(outside) >= _LINES_READ and _tells_contact(outside):  # a card without an outline
        points = np.concatenate([_corners(line) for line in outside])
        region = _Region(rectangle(points), outside)
        regions += [region] if all(_apart(region, other) for other in regions) else []
    joined = _joined(regions)
    return joined if len(joined) >= _SEVERAL else []


def _apart(one: _Region, other: _Region) -> bool:
    return overlap(one.corners, other.corners) == 0


def _taken_in(line: Line, regions: Sequence[_Region]) -> bool:
    """Give a line to the card it nearly touches, such as a word on a band of another colour."""
    corners = _corners(line)
    nearest = min(regions, key=lambda region: region.distance(corners))
    near = nearest.distance(corners) < _NEAR * geometry.text_height([corners])
    if near:
        nearest.grow(corners, [line])
    return near


def _joined(regions: list[_Region]) -> list[_Region]:
    """Patches that lie side by side become one, until all lie apart."""
    pair = next(_besides(regions), None)
    while pair is not None:
        first, second = pair
        first.grow(second.corners, second.lines)
        regions = [region for region in regions if region is not second]
        pair = next(_besides(regions), None)
    return regions


def _besides(regions: Sequence[_Region]) -> Iterator[tuple[_Region, _Region]]:
    pairs = itertools.combinations(regions, 2)
    return ((first, second) for first, second in pairs if first.is_beside(second))


def _corners(line: Line) -> Corners:
    return np.array(line.box, dtype=np.float32)


def _centre(line: Line) -> Corners:
    return np.asarray(_corners(line).mean(axis=0, keepdims=True), dtype=np.float32)


def _read(reader: Engine, page: Look, region: _Region, settings: OcrSettings) -> Sheet:
    """Look at one card as if it were the picture, and place what was read on the page."""
    middle = region.corners.mean(axis=0)
    corners = np.asarray(middle + (region.corners - middle) * (1 + 2 * _MARGIN), dtype=np.float32)
    across, down = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    width, height = max(1, round(float(across))), max(1, round(float(down)))
    flat = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32)
    matrix = cv2.getAffineTransform(corners[[0, 1, 3]], flat)
    cut = cv2.warpAffine(page.image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    seen = look_closer(reader, look(reader, cut, settings.detection_pixels), settings)
    back = cv2.invertAffineTransform(matrix) @ _unturned(seen.rotation, width, height)
    lines = (Line(line.text, line.score, _placed(line.box, back)) for line in seen.lines)
    tall, wide = seen.image.shape[:2]
    whole: Box = ((0.0, 0.0), (wide, 0.0), (wide, tall), (0.0, tall))
    return Sheet(_placed(whole, back), tuple(lines))


def _unturned(rotation: int, width: int, height: int) -> Any:
    """From the upright card, as homogeneous points, to the card as it was cut out."""
    return {
        0: np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        90: np.array([[0, 1, 0], [-1, 0, height], [0, 0, 1]]),
        180: np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]]),
        270: np.array([[0, -1, width], [1, 0, 0], [0, 0, 1]]),
    }[rotation]


def _placed(box: Box, back: Any) -> Box:
    points = np.column_stack([np.array(box), np.ones(4)]) @ back.T
    return geometry.as_box(points.astype(np.float32))
