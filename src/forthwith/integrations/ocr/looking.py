"""One look at a picture: find its lines, see which way is up, read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np

from forthwith.integrations.ocr import geometry
from forthwith.integrations.ocr.engine import Engine, Reading, cut_out
from forthwith.integrations.ocr.geometry import Corners, Pixels
from forthwith.integrations.ocr.page import Line

Rotation: TypeAlias = Literal[0, 90, 180, 270]

_NOISE: Final = 0.5  # readings scored lower are rarely text


@dataclass(frozen=True)
class Look:
    """What was seen; `image` stands upright, `rotation` degrees clockwise from how it came."""

    image: Pixels
    rotation: Rotation
    lines: tuple[Line, ...]

    @cached_property
    def confidence(self) -> float:
        """The mean score of the lines; 0.0 without lines."""
        return sum(line.score for line in self.lines) / len(self.lines) if self.lines else 0.0

    @cached_property
    def text(self) -> str:
        """All lines, in reading order."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def worth(self) -> float:
        """Characters read, each counted as much as it is certain."""
        return sum(len(line.text) * line.score for line in self.lines)

    @cached_property
    def text_height(self) -> float:
        """The median height of the lines in pixels of `image`."""
        return geometry.text_height([np.array(line.box, dtype=np.float32) for line in self.lines])


def look(engine: Engine, image: Pixels, detection_side: int) -> Look:
    """Read a picture that may lie on its side or stand on its head."""
    crops, boxes = _find(engine, image, detection_side)
    flipped = engine.upside_down(crops)
    rotation = _rotation(boxes, crops, flipped)
    if rotation:  # text that stands upright is found better
        image = geometry.turn(image, rotation)
        crops, boxes = _find(engine, image, detection_side)
        flipped = engine.upside_down(crops)
    lines = _lines(boxes, _read(engine, crops, flipped))
    return Look(image, rotation, geometry.in_reading_order(lines))


def _find(engine: Engine, image: Pixels, side: int) -> tuple[list[Pixels], list[Corners]]:
    boxes = engine.detect(image, side)
    return cut_out(image, boxes), boxes


def _rotation(
    boxes: Sequence[Corners], crops: Sequence[Pixels], flipped: Sequence[bool]
) -> Rotation:
    """Degrees clockwise until the page is upright, by what most of its text says."""
    lengths = np.array([crop.shape[1] for crop in crops])
    on_its_head = bool(lengths[np.array(flipped, dtype=bool)].sum() * 2 > lengths.sum())
    if geometry.mostly_tall(boxes):  # `cut_out` turned these anticlockwise
        return 90 if on_its_head else 270
    return 180 if on_its_head else 0


def _read(engine: Engine, crops: Sequence[Pixels], flipped: Sequence[bool]) -> list[Reading]:
    """Read all lines upright, and the few that seem to stand on their heads both ways."""
    readings = engine.recognise(crops)
    doubtful = [index for index, one in enumerate(flipped) if one]
    second = engine.recognise([geometry.turn(crops[index], 180) for index in doubtful])
    for index, reading in zip(doubtful, second, strict=True):
        readings[index] = max(readings[index], reading, key=lambda one: one.score)
    return readings


def _lines(boxes: Sequence[Corners], readings: Sequence[Reading]) -> list[Line]:
    return [
        Line(reading.text, reading.score, geometry.as_box(box))
        for box, reading in zip(boxes, readings, strict=True)
        if reading.text and reading.score >= _NOISE
    ]
