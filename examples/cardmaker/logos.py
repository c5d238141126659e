"""Simple logos."""

import math

from PIL import ImageDraw

from examples.cardmaker.icons import Colour, Paint, Point


def draw_logo(
    draw: ImageDraw.ImageDraw, kind: str, at: Point, size: float, ink: Colour, paper: Colour
) -> None:
    """Draw a logo of `size` pixels with its upper left corner at `at`."""
    LOGOS[kind](draw, at[0], at[1], size, ink, paper)


def _ring(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    draw.ellipse((x, y, x + s, y + s), outline=ink, width=max(3, round(s * 0.16)))
    draw.ellipse((x + s * 0.38, y + s * 0.38, x + s * 0.62, y + s * 0.62), fill=ink)


def _peaks(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.polygon(
        [(x, y + s * 0.9), (x + s * 0.42, y + s * 0.1), (x + s * 0.84, y + s * 0.9)], fill=ink
    )
    draw.polygon(
        [(x + s * 0.45, y + s * 0.9), (x + s * 0.72, y + s * 0.4), (x + s, y + s * 0.9)],
        fill=ink,
        outline=paper,
    )


def _hexagon(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.polygon(_corners(x + s / 2, y + s / 2, s / 2, 6), fill=ink)
    draw.polygon(_corners(x + s / 2, y + s / 2, s / 4, 3), fill=paper)


def _leaf(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    """Two quarter circles from the lower left to the upper right corner, and a vein."""
    turns = [math.pi / 2 * step / 24 for step in range(25)]
    upper = [(x + s - s * math.cos(turn), y + s - s * math.sin(turn)) for turn in turns]
    lower = [(x + s * math.sin(turn), y + s * math.cos(turn)) for turn in turns]
    draw.polygon([*upper, *reversed(lower)], fill=ink)
    vein = [(x + s * 0.12, y + s * 0.88), (x + s * 0.72, y + s * 0.28)]
    draw.line(vein, fill=paper, width=max(2, round(s * 0.05)))


def _bars(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    for index, height in enumerate((0.45, 0.75, 1.0, 0.6)):
        left = x + s * 0.26 * index
        draw.rectangle((left, y + s * (1 - height), left + s * 0.17, y + s), fill=ink)


def _sun(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.ellipse((x, y, x + s, y + s), fill=ink)
    for index in range(3):
        top = y + s * (0.58 + 0.13 * index)
        draw.rectangle((x, top, x + s, top + s * 0.05), fill=paper)


def _grid(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    for row in range(3):
        for column in range(3 - row):
            left, top = x + column * s * 0.36, y + row * s * 0.36
            draw.rectangle((left, top, left + s * 0.28, top + s * 0.28), fill=ink)


def _corners(x: float, y: float, radius: float, count: int) -> list[Point]:
    angles = (2 * math.pi * index / count - math.pi / 2 for index in range(count))
    return [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


LOGOS: dict[str, Paint] = {
    "ring": _ring,
    "peaks": _peaks,
    "hexagon": _hexagon,
    "leaf": _leaf,
    "bars": _bars,
    "sun": _sun,
    "grid": _grid,
}
