"""What the reader saw on one picture, as plain data that can be stored and replayed."""

from typing import TypeAlias

import msgspec

Point: TypeAlias = tuple[float, float]
"""x and y in pixels of the upright page, from its top left corner."""

Box: TypeAlias = tuple[Point, Point, Point, Point]
"""Corners of a text line: top left, top right, bottom right, bottom left, as the text reads."""


class Line(msgspec.Struct, frozen=True):
    """One line of text; `score` is the recogniser's own, from 0 to 1."""

    text: str
    score: float
    box: Box


class Code(msgspec.Struct, frozen=True):
    """One QR or bar code; `format` is the symbology's name, such as `QRCode`."""

    format: str
    text: str
    box: Box


class Quality(msgspec.Struct, frozen=True):
    """How good a picture is for reading, measured where its text is.

    `confidence` is the mean score of the lines, 0 to 1; `text_height` their median height in
    pixels; `sharpness` how much the edges of letters stand out, below 0.2 on a blurred photo;
    `brightness` the lighter of paper and ink, 0 to 255; `glare` the share of the text's
    surroundings that reflects; `cut_lines` how many lines run out of the picture.
    """

    confidence: float = 0.0
    text_height: float = 0.0
    sharpness: float = 0.0
    brightness: float = 0.0
    glare: float = 0.0
    cut_lines: int = 0


class Page(msgspec.Struct, frozen=True):
    """One picture, upright: its size in pixels, its lines from top to bottom, its codes.

    `rotation` is how far the picture was turned clockwise to stand upright: 0, 90, 180, 270.
    `sheets` are the corners of each card, as it reads, where several lie on the picture; then
    the lines stand card by card. `quality` is None on pages of other sources.
    """

    width: int
    height: int
    lines: tuple[Line, ...] = ()
    codes: tuple[Code, ...] = ()
    rotation: int = 0
    sheets: tuple[Box, ...] = ()
    quality: Quality | None = None
