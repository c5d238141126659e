"""Where cards lie on a picture: their outlines against the table."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from forthwith.integrations.ocr.geometry import Corners, Pixels

_SIDE: Final = 480  # pixels of the picture that is searched; text is gone, edges are left
_LEVELS: Final = 10  # thresholds in each channel, spread over its range
_EDGES: Final = (15, 30, 60)  # lower thresholds of Canny, for paper that is hardly lighter
_SHARE: Final = (0.02, 0.5)  # of the picture; a lone large card needs no outline
_CONVEX: Final = 0.88  # area over that of the convex hull
_RECTANGULAR: Final = 0.86  # area over that of the smallest rectangle, keystone included
_PROPORTION: Final = (1.35, 2.05)  # long side over short: 1.42 to 1.83 seen at an angle
_OVERLAP: Final = 0.05  # of the smaller of two outlines


class Outline(NamedTuple):
    """A rectangle around a card, its first edge the one nearest to level, and its area."""

    corners: Corners
    area: float


def find_outlines(image: Pixels) -> list[Outline]:
    """The outlines of things shaped like cards, largest first, none upon another.

    Corners are in pixels of `image`; about 60 ms on one core. What is printed within a card
    loses against the card, since it is smaller.
    """
    scale = min(1.0, _SIDE / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = sorted(_candidates(cv2.medianBlur(small, 5)), key=lambda one: -one.area)
    kept: list[Outline] = []
    for outline in found:
        if all(overlap(outline.corners, other.corners) < _OVERLAP for other in kept):
            kept.append(outline)
    return [Outline(one.corners / scale, one.area / scale**2) for one in kept]


def overlap(one: Corners, other: Corners) -> float:
    """The area two outlines share, in parts of the smaller."""
    shared, _ = cv2.intersectConvexConvex(one, other)
    return float(shared / max(1.0, min(cv2.contourArea(one), cv2.contourArea(other))))


def rectangle(points: Corners) -> Corners:
    """The smallest rectangle around points, from the corner that stands top left."""
    corners: Corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(points)), dtype=np.float32)
    edges = np.roll(corners, -1, axis=0) - corners
    level = int(np.argmax(edges[:, 0] / np.maximum(1e-6, np.linalg.norm(edges, axis=1))))
    return np.roll(corners, -level, axis=0)


def _candidates(small: Pixels) -> Iterator[Outline]:
    for mask in _masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = _card_shaped(contour, small.shape[0] * small.shape[1])
            if hull is not None:
                yield Outline(rectangle(hull), float(cv2.contourArea(hull)))


def _masks(small: Pixels) -> Iterator[Any]:
    """Black and white forms of the picture, in which a card is one patch or one frame."""
    for channel in cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2LAB)):
        low, high = np.percentile(channel, (2, 98))
        for level in np.linspace(low, high, _LEVELS + 2)[1:-1]:
            _, mask = cv2.threshold(channel, level, 255, cv2.THRESH_BINARY)
            yield cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    for low in _EDGES:
        yield cv2.dilate(cv2.Canny(grey, low, 2.5 * low), np.ones((3, 3), np.uint8))


def _card_shaped(contour: Any, picture_area: int) -> Any:
    """The convex hull of a contour that may be a card's, or None."""
    area = cv2.contourArea(contour)
    if not _SHARE[0] * picture_area < area < _SHARE[1] * picture_area:
        return None
    hull = cv2.convexHull(contour)
    _, sides, _ = cv2.minAreaRect(hull)
    short, long = sorted(sides)
    convex = area >= _CONVEX * cv2.contourArea(hull)
    rectangular = cv2.contourArea(hull) >= _RECTANGULAR * short * long
    proportioned = _PROPORTION[0] <= long / max(1.0, short) <= _PROPORTION[1]
    return hull if convex and rectangular and proportioned else None
