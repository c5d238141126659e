"""How good a photo is for reading, measured where its text is."""

from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.engine import cut_out
from forthwith.integrations.ocr.geometry import Corners, Pixels
from forthwith.integrations.ocr.page import Line, Quality

_HEIGHT: Final = 32  # pixels that every line is scaled to, so that sharpness can be compared
_LINES: Final = 12  # the longest; more say the same
_SATURATED: Final = 250  # grey level from which nothing is left to read
_PAPER: Final = 238  # the same for paper: where all of it is that light, no patch is a glare
_SOFT: Final = 12.0  # grey levels from pixel to pixel; a glare fades, a white field ends
_BORDER: Final = 0.1  # of a line's height, between it and the edge of the photo
_PRINT: Final = 1.6  # usual heights; larger letters are a logo, whose box reaches beyond it
_CUT_LETTERS: Final = 6  # fewer at the edge are a mark or the edge itself


def judge(image: Pixels, lines: Sequence[Line]) -> Quality:
    """Measure a picture whose lines are known; about 15 ms on one core."""
    boxes = [np.array(line.box, dtype=np.float32) for line in lines]
    if not boxes:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return Quality(brightness=float(np.percentile(grey, 90)))
    longest = sorted(zip(lines, boxes, strict=True), key=lambda pair: -len(pair[0].text))[:_LINES]
    crops = [_grey(crop) for crop in cut_out(image, [box for _, box in longest])]
    return Quality(
        confidence=sum(line.score for line in lines) / len(lines),
        text_height=geometry.text_height(boxes),
        sharpness=float(np.median([_sharpness(crop) for crop in crops])),
        brightness=float(np.median([np.percentile(crop, 95) for crop in crops])),
        glare=_glare(image, boxes),
        cut_lines=sum(_is_cut(box, image) for box in _print(lines, boxes)),
    )


def _grey(crop: Pixels) -> Any:
    return cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)


def _sharpness(crop: Any) -> float:
    """The variance of the Laplacian over that of the letters, at one height for all lines."""
    scale = _HEIGHT / max(1, crop.shape[0])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    letters = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=how).astype(np.float32)
    return float(cv2.Laplacian(letters, cv2.CV_32F).var() / max(1.0, letters.var()))


def _glare(image: Pixels, boxes: Sequence[Corners]) -> float:
    """The share of the part with text that lies under patches of light without an edge."""
    rows, columns = _part(image, boxes)
    grey = cv2.cvtColor(np.ascontiguousarray(image[rows, columns]), cv2.COLOR_BGR2GRAY)
    scale = min(1.0, 480 / max(grey.shape))
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if np.median(grey) >= _PAPER:
        return 0.0
    patches = cv2.morphologyEx(
        (grey >= _SATURATED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)
    )
    count, labels, stats, _ = cv2.connectedComponentsWithStats(patches)
    steepness = _steepness(grey)
    lost = 0
    for label in range(1, count):
        patch = (labels == label).astype(np.uint8)
        edge = cv2.dilate(patch, np.ones((7, 7), np.uint8)) - patch
        if np.median(steepness[edge > 0]) < _SOFT:
            lost += int(stats[label, cv2.CC_STAT_AREA])
    return float(lost / grey.size)


def _steepness(grey: Any) -> Any:
    """How much neighbouring pixels differ, in grey levels."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    return cv2.magnitude(across, down)


def _part(image: Pixels, boxes: Sequence[Corners]) -> tuple[slice, slice]:
    """Rows and columns from the first line to the last."""
    points = np.concatenate(boxes)
    height, width = image.shape[:2]
    left, top = np.clip(points.min(axis=0), 0, (width - 2, height - 2)).astype(int)
    right, bottom = np.clip(points.max(axis=0), (left + 2, top + 2), (width, height)).astype(int)
    return slice(top, bottom), slice(left, right)


def _print(lines: Sequence[Line], boxes: Sequence[Corners]) -> list[Corners]:
    """The boxes of what is surely text, and not decoration."""
    most = _PRINT * geometry.text_height(boxes)
    return [
        box
        for line, box in zip(lines, boxes, strict=True)
        if len(line.text) >= _CUT_LETTERS and geometry.text_height([box]) <= most
    ]


def _is_cut(box: Corners, image: Pixels) -> bool:
    """Whether a line runs out of the picture."""
    reach = max(1.0, _BORDER * geometry.text_height([box]))
    height, width = image.shape[:2]
    least, most = box.min(axis=0), box.max(axis=0)
    return bool((least <= reach).any() or (most >= (width - 1 - reach, height - 1 - reach)).any())
