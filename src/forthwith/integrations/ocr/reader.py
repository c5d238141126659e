"""Read one picture: a first look, and a closer one where the first saw too little."""

import re
from typing import Final

import cv2
import numpy as np

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.codes import find_codes
from forthwith.integrations.ocr.engine import Engine, engine
from forthwith.integrations.ocr.geometry import Pixels
from forthwith.integrations.ocr.looking import Look, look
from forthwith.integrations.ocr.page import Line, Page
from forthwith.integrations.ocr.settings import OcrSettings
from forthwith.platform import images
from forthwith.platform.pool import ProcessPool

_CONFIDENT: Final = 0.85  # mean score of a page that needs no second look
_LEGIBLE: Final = 12.0  # pixels of text height in the picture detection works on
_COMFORTABLE: Final = 28.0  # pixels of text height that the second look aims at
_CONTACT: Final = re.compile(r"@|(?:\d[\s().-]*){7}")  # a mail address or a telephone number


def read_page(data: bytes, settings: OcrSettings | None = None) -> Page:
    """Read a JPEG, PNG, WebP or HEIC; keeps the cores busy for about a second.

    Args:
        data: The file.
        settings: Those of the environment if None.

    Returns:
        Lines scored 0.5 or better and all codes, on the page turned upright, in pixels of the
        picture scaled to at most `settings.long_side_pixels`.

    Raises:
        BadRequest, TooLarge, UnsupportedMedia, Unprocessable, Unavailable: As `images.decode`.
    """
    settings = settings or OcrSettings()
    image = _pixels(data, settings.long_side_pixels)
    seen = _look_twice(engine(settings.threads), image, settings)
    height, width = seen.image.shape[:2]
    return Page(width, height, seen.lines, find_codes(seen.image), seen.rotation)


def load() -> None:
    """Load the models into this process, so that the first picture need not wait."""
    engine(OcrSettings().threads)


async def read(pool: ProcessPool, data: bytes) -> Page:
    """Read a picture in a process of the pool.

    Raises:
        TimeoutError: It took longer than OCR_TIMEOUT_SECONDS.
        ForthwithError: As `read_page` and `ProcessPool.run`.
    """
    settings = OcrSettings()
    return await pool.run(read_page, data, settings, timeout=settings.timeout_seconds)


def _pixels(data: bytes, long_side: int) -> Pixels:
    rgb = np.asarray(images.decode(data, long_side))
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _look_twice(reader: Engine, image: Pixels, settings: OcrSettings) -> Look:
    first = look(reader, image, settings.detection_pixels)
    if _suffices(first, settings.detection_pixels):
        return first
    second = _look_closer(reader, first, settings.closer_detection_pixels)
    return max(first, second, key=lambda one: one.worth)


def _suffices(seen: Look, detection_side: int) -> bool:
    scale = min(1.0, detection_side / max(seen.image.shape[:2]))
    return (
        seen.confidence >= _CONFIDENT
        and seen.text_height * scale >= _LEGIBLE
        and _CONTACT.search(seen.text) is not None
    )


def _look_closer(reader: Engine, first: Look, detection_side: int) -> Look:
    """Look at the part around all text, so that a small card in a large photo grows."""
    boxes = [np.array(line.box, dtype=np.float32) for line in first.lines]
    rows, columns = geometry.surroundings(boxes, first.image)
    part = first.image[rows, columns]
    scale = _enlargement(part, first.text_height, detection_side)
    part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    seen = look(reader, part, detection_side)
    if seen.rotation:  # a few lines decided otherwise than the whole page; believe the page
        return first
    lines = tuple(_placed(line, scale, columns.start, rows.start) for line in seen.lines)
    return Look(first.image, first.rotation, lines)


def _enlargement(part: Pixels, text_height: float, detection_side: int) -> float:
    """How much larger small text is read better: not beyond what detection looks at."""
    wanted = _COMFORTABLE / max(text_height, 1.0)
    height, width = part.shape[:2]
    return max(1.0, min(wanted, detection_side / max(int(width), int(height))))


def _placed(line: Line, scale: float, right: int, down: int) -> Line:
    """The line where it is on the whole page."""
    first, second, third, fourth = ((x / scale + right, y / scale + down) for x, y in line.box)
    return Line(line.text, line.score, (first, second, third, fourth))
