"""A flat card: text set in points on paper measured in millimetres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from examples.cardmaker import fonts
from examples.cardmaker.icons import draw_icon

PIXELS_PER_MM = 13.6
PIXELS_PER_POINT = PIXELS_PER_MM * 25.4 / 72
LEADING = 1.28  # line height over size; CJK fonts need more than Latin ones
ASCENT = 0.84  # letters above the baseline, over size
DESCENT = 0.2  # and below

Colour = tuple[int, int, int]
Align = Literal["left", "centre", "right"]
Valign = Literal["top", "middle", "bottom"]


@dataclass(frozen=True, slots=True)
class Typeface:
    """The two families of a card and the language whose letter forms CJK text takes."""

    latin: str
    cjk: str
    language: str

    def font(self, text: str, pixels: float, *, bold: bool) -> ImageFont.FreeTypeFont:
        """Pick the font that has every sign of the text; size in pixels per em."""
        size = max(6, round(pixels))
        if fonts.is_cjk(text):
            return fonts.cjk(self.cjk, self.language, size, bold=bold)
        return fonts.latin(self.latin, size, bold=bold)


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of paper, text, secondary text and decoration."""

    paper: Colour
    ink: Colour
    soft: Colour
    accent: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of text; size in points, gap above and tracking in parts of the size."""

    text: str
    size: float
    label: str = ""
    icon: str = ""
    bold: bool = False
    gap: float = 0.0
    tracking: float = 0.0
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in parts of the card's width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A string as it stands on the card, its sign left out; edges are pixels of the image.

    `value` is where its label ends: the text behind it starts there, after any gap.
    """

    label: str
    text: str
    icon: str
    left: float
    value: float
    right: float
    top: float
    bottom: float
    tracking: float = 0.0  # pixels between letters
    upright: bool = False  # set from top to bottom


@dataclass(slots=True)
class Sheet:
    """The card under construction; `printed` keeps every string set on it, `smallest` the size."""

    width_mm: float
    height_mm: float
    typeface: Typeface
    palette: Palette
    printed: list[Printed] = field(default_factory=list)
    smallest: float = math.inf  # points
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        """Cut the paper."""
        size = (round(self.width_mm * PIXELS_PER_MM), round(self.height_mm * PIXELS_PER_MM))
        self.image = Image.new("RGB", size, self.palette.paper)
        self.draw = ImageDraw.Draw(self.image)

    def pixels(self, box: Box) -> tuple[float, float, float, float]:
        """Turn a box into pixel edges: left, top, right, bottom."""
        width, height = self.image.size
        return box.left * width, box.top * height, box.right * width, box.bottom * height

    def fill(self, box: Box, colour: Colour) -> None:
        """Paint a rectangle."""
        self.draw.rectangle(self.pixels(box), fill=colour)

    def place(
        self,
        lines: Sequence[Line],
        box: Box,
        align: Align = "left",
        valign: Valign = "top",
        *,
        tabular: bool = False,
    ) -> None:
        """Set lines in a box, smaller if they do not fit.

        With `tabular`, values stand in one column behind their labels.
        """
        left, top, right, bottom = self.pixels(box)
        lines = [line for line in lines if line.text]
        tab = max((self._label_width(line) for line in lines), default=0.0) if tabular else 0.0
        shrink = self._shrink(lines, right - left, bottom - top, tab)
        height = shrink * sum(_height(line) for line in lines)
        y = {"top": top, "middle": (top + bottom - height) / 2, "bottom": bottom - height}[valign]
        for line in lines:
            width = shrink * self._width(line, tab)
            x = {"left": left, "centre": (left + right - width) / 2, "right": right - width}[align]
            y += shrink * line.gap * line.size * PIXELS_PER_POINT
            self._set(line, x, y, shrink, tab * shrink)
            y += shrink * LEADING * line.size * PIXELS_PER_POINT

    def paste(self, picture: Image.Image, centre: tuple[float, float], height: float) -> None:
        """Paste a square picture about a point; `height` in parts of the card's height."""
        side = round(height * self.image.height)
        x, y = centre[0] * self.image.width - side / 2, centre[1] * self.image.height - side / 2
        resized = picture.resize((side, side), Image.Resampling.NEAREST)
        self.image.paste(resized, (round(x), round(y)))

    def vertical(
        self,
        text: str,
        right: float,
        top: float,
        size: float,
        *,
        bold: bool = False,
        bottom: float = 0.94,
    ) -> float:
        """Set a column of upright text, its right edge at `right`, and return its left edge.

        Edges are parts of the card, size in points. The column shrinks to end above `bottom`.
        """
        room = (bottom - top) * self.image.height
        font = fonts.cjk(
            self.typeface.cjk, self.typeface.language, round(size * PIXELS_PER_POINT), bold=bold
        )
        length = font.getlength(text, direction="ttb")
        if length > room:
            size *= room / length
            font = fonts.cjk(
                self.typeface.cjk, self.typeface.language, int(size * PIXELS_PER_POINT), bold=bold
            )
        place = (right * self.image.width - font.size / 2, top * self.image.height)
        self.draw.text(place, text, fill=self.palette.ink, font=font, direction="ttb", anchor="mt")
        self._note_column(text, place, float(font.size))
        return right - font.size * 1.1 / self.image.width

    def _note_column(self, text: str, top: tuple[float, float], size: float) -> None:
        middle, start = top
        column = Printed(
            label="",
            text=text,
            icon="",
            left=middle - size / 2,
            value=middle - size / 2,
            right=middle + size / 2,
            top=start,
            bottom=start + size * len(text),
            upright=True,
        )
        self.printed.append(column)

    def _shrink(self, lines: Sequence[Line], width: float, height: float, tab: float) -> float:
        widest = max((self._width(line, tab) for line in lines), default=1.0)
        tallest = sum(_height(line) for line in lines) or 1.0
        return min(1.0, width / widest, height / tallest)

    def _label_width(self, line: Line) -> float:
        pixels = line.size * PIXELS_PER_POINT
        if line.icon:
            return pixels * 1.5
        return self._length(line.label, pixels, bold=False) if line.label else 0.0

    def _width(self, line: Line, tab: float) -> float:
        pixels = line.size * PIXELS_PER_POINT
        spread = line.tracking * pixels * (len(line.text) - 1)
        return (
            (tab or self._label_width(line))
            + self._length(line.text, pixels, bold=line.bold)
            + spread
        )

    def _length(self, text: str, pixels: float, *, bold: bool) -> float:
        return self.typeface.font(text, pixels, bold=bold).getlength(text)

    def _set(self, line: Line, x: float, y: float, shrink: float, tab: float) -> None:
        pixels = line.size * PIXELS_PER_POINT * shrink
        baseline = y + pixels * 1.0
        colour = line.colour or self.palette.ink
        start = tab or self._label_width(line) * shrink
        if line.icon:
            draw_icon(
                self.draw, line.icon, (x, y + pixels * 0.14), pixels, colour, self.palette.paper
            )
        elif line.label:
            font = self.typeface.font(line.label, pixels, bold=False)
            self.draw.text((x, baseline), line.label, fill=colour, font=font, anchor="ls")
        font = self.typeface.font(line.text, pixels, bold=line.bold)
        spread = line.tracking * pixels
        self._run(line.text, (x + start, baseline), font, colour, spread)
        printed = Printed(
            label=line.label,
            text=line.text,
            icon=line.icon,
            left=x,
            value=x + start,
            right=x + start + font.getlength(line.text) + spread * (len(line.text) - 1),
            top=baseline - ASCENT * pixels,
            bottom=baseline + DESCENT * pixels,
            tracking=spread,
        )
        self.printed.append(printed)
        self.smallest = min(self.smallest, line.size * shrink)

    def _run(
        self,
        text: str,
        at: tuple[float, float],
        font: ImageFont.FreeTypeFont,
        colour: Colour,
        spread: float,
    ) -> None:
        if not spread:
            self.draw.text(at, text, fill=colour, font=font, anchor="ls")
            return
        x, y = at
        for sign in text:
            self.draw.text((x, y), sign, fill=colour, font=font, anchor="ls")
            x += font.getlength(sign) + spread


def _height(line: Line) -> float:
    return (LEADING + line.gap) * line.size * PIXELS_PER_POINT
