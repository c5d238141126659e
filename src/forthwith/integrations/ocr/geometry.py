"""Where lines of text are, and what that says about the page they are on."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from forthwith.integrations.ocr.page import Box, Line

Pixels = npt.NDArray[np.uint8]
"""Height by width by three colours, blue first, as OpenCV has them."""

Corners = npt.NDArray[np.float32]
"""Four rows of x and y: top left, top right, bottom right, bottom left."""

_TALL: Final = 1.5  # height over width from which RapidOCR takes a line to run downwards
_MOSTLY: Final = 0.75  # of the length of all lines; upright East Asian cards mix both directions
_SAME_ROW: Final = 0.5  # of a line's height


def pixels(picture: Image.Image) -> Pixels:
    """The pixels of an RGB picture."""
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def turn(image: Pixels, degrees: int) -> Pixels:
    """Turn a picture clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(image, k=-degrees // 90))


def mostly_tall(boxes: Sequence[Corners]) -> bool:
    """Whether nearly all text runs from top to bottom: the picture lies on its side."""
    lengths = np.array([max(_extent(box)) for box in boxes])
    tall = np.array([_is_tall(box) for box in boxes])
    return bool(boxes) and lengths[tall].sum() >= _MOSTLY * lengths.sum()


def text_height(boxes: Sequence[Corners]) -> float:
    """The median height of the lines in pixels; 0.0 without lines."""
    return float(np.median([min(_extent(box)) for box in boxes])) if boxes else 0.0


def surroundings(boxes: Sequence[Corners], image: Pixels) -> tuple[slice, slice]:
    """Rows and columns that hold all lines, and wide margins for those not found yet."""
    if not boxes:
        return slice(0, image.shape[0]), slice(0, image.shape[1])
    points = np.concatenate(boxes)
    least, most = points.min(axis=0), points.max(axis=0)
    margin = (most - least).max() / 2
    left, top = (max(0, int(edge)) for edge in least - margin)
    right, bottom = (int(edge) for edge in most + margin)
    height, width = image.shape[:2]
    return slice(top, min(bottom, height)), slice(left, min(right, width))


def as_box(corners: Corners) -> Box:
    """The corners as plain numbers."""
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return (first, second, third, fourth)


def in_reading_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Rows from top to bottom, each from left to right, also where the page is a little askew."""
    if not lines:
        return ()
    boxes = [np.array(line.box, dtype=np.float32) for line in lines]
    level = _level(boxes)
    heights = [min(_extent(box)) for box in boxes]
    first, *others = (int(index) for index in np.argsort(level[:, 1], kind="stable"))
    rows = [[first]]
    for line in others:
        head = rows[-1][0]  # not the line before: staggered columns would chain into one row
        drop = level[line, 1] - level[head, 1]
        if drop > _SAME_ROW * min(heights[head], heights[line]):
            rows.append([])
        rows[-1].append(line)
    return tuple(lines[index] for row in rows for index in sorted(row, key=lambda i: level[i, 0]))


def _level(boxes: Sequence[Corners]) -> npt.NDArray[np.float64]:
    """The middles of the lines on the page turned so that the usual line is level."""
    tops = np.array([box[1] - box[0] for box in boxes])
    angle = float(np.median(np.arctan2(tops[:, 1], tops[:, 0])))
    cosine, sine = np.cos(angle), np.sin(angle)
    middles = np.array([box.mean(axis=0) for box in boxes], dtype=np.float64)
    turned: npt.NDArray[np.float64] = middles @ np.array([[cosine, -sine], [sine, cosine]])
    return turned


def _extent(box: Corners) -> tuple[float, float]:
    """Width and height of a line, along its own edges."""
    return float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[3] - box[0]))


def _is_tall(box: Corners) -> bool:
    """Whether a line runs from top to bottom."""
    width, height = _extent(box)
    return height >= _TALL * width
