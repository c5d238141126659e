"""Closer looks, where the first saw too little."""

import re
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.engine import Engine
from forthwith.integrations.ocr.geometry import Pixels
from forthwith.integrations.ocr.looking import Look, look
from forthwith.integrations.ocr.page import Line
from forthwith.integrations.ocr.settings import OcrSettings

_CONFIDENT: Final = 0.85  # mean score of a page that needs no second look
_LEGIBLE: Final = 18.0  # pixels a line is high in the picture detection works on
_COMFORTABLE: Final = 36.0  # pixels of line height that a closer look aims at
_CLOSER_LOOKS: Final = 2  # the first may find where the text is, the second read it
_WORTHWHILE: Final = 1.2  # times the magnification before; less shows nothing new
CONTACT: Final = re.compile(r"@|(?:\d[\s().-]*){7}")
"""Finds a mail address or a telephone number, if only roughly."""


def look_closer(reader: Engine, first: Look, settings: OcrSettings) -> Look:
    """Look again, closer each time, while too little is seen and closer is possible."""
    best, magnification = first, _magnification(first.image, settings.detection_pixels)
    for _ in range(_CLOSER_LOOKS):
        if _suffices(best, magnification):
            break
        part = _Part.around_text(best, settings.closer_detection_pixels)
        if part.magnification < _WORTHWHILE * magnification:
            break
        magnification = part.magnification
        best = max(best, part.look(reader), key=lambda seen: seen.worth)
    return best


def _magnification(image: Pixels, detection_side: int) -> float:
    """Pixels detection works on for each pixel of the picture, along one side."""
    return min(1.0, detection_side / float(max(image.shape)))


def _suffices(seen: Look, magnification: float) -> bool:
    return (
        seen.confidence >= _CONFIDENT
        and seen.text_height * magnification >= _LEGIBLE
        and CONTACT.search(seen.text) is not None
    )


@dataclass(frozen=True)
class _Part:
    """The part of a page around all text, enlarged where its text is small."""

    page: Look
    left: int
    top: int
    image: Pixels
    scale: float
    detection_side: int

    @classmethod
    def around_text(cls, page: Look, detection_side: int) -> Self:
        """Cut it out, so that a small card in a large photo grows."""
        boxes = [np.array(line.box, dtype=np.float32) for line in page.lines]
        rows, columns = geometry.surroundings(boxes, page.image)
        image = np.ascontiguousarray(page.image[rows, columns])
        scale = 1.0
        if page.lines:
            wanted = _COMFORTABLE / max(page.text_height, 1.0)
            scale = max(1.0, min(wanted, detection_side / max(image.shape)))
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return cls(page, columns.start, rows.start, image, scale, detection_side)

    @property
    def magnification(self) -> float:
        return self.scale * _magnification(self.image, self.detection_side)

    def look(self, reader: Engine) -> Look:
        """What is read here, placed on the page; the page itself if it lies otherwise."""
        seen = look(reader, self.image, self.detection_side)
        if seen.rotation and self.page.lines:  # these lines decided otherwise than all together
            return self.page
        if seen.rotation:
            return seen
        lines = tuple(self._placed(line) for line in seen.lines)
        return Look(self.page.image, self.page.rotation, lines)

    def _placed(self, line: Line) -> Line:
        first, second, third, fourth = (
            (x / self.scale + self.left, y / self.scale + self.top) for x, y in line.box
        )
        return Line(line.text, line.score, (first, second, third, fourth))
