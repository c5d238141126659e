"""Read the text of one picture."""

import numpy as np

from forthwith.integrations.ocr.codes import find_codes
from forthwith.integrations.ocr.engine import Corners, Pixels, engine
from forthwith.integrations.ocr.page import Box, Line, Page
from forthwith.integrations.ocr.settings import OcrSettings
from forthwith.platform import images
from forthwith.platform.pool import ProcessPool


def read_page(data: bytes, settings: OcrSettings | None = None) -> Page:
    """Read a JPEG, PNG, WebP or HEIC; keeps a core busy for about a second.

    Raises:
        BadRequest, TooLarge, UnsupportedMedia, Unprocessable, Unavailable: As `images.decode`.
    """
    settings = settings or OcrSettings()
    image = _pixels(data, settings.long_side_pixels)
    reader = engine(settings.threads)
    boxes = reader.detect(image, settings.detection_pixels)
    lines = [
        Line(reading.text, reading.score, _box(box))
        for box, reading in zip(boxes, reader.recognise(image, boxes), strict=True)
        if reading.text.strip()
    ]
    height, width = image.shape[:2]
    return Page(width, height, tuple(lines), find_codes(image))


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


def _box(corners: Corners) -> Box:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return (first, second, third, fourth)
