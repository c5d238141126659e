"""Paper to set a menu on: an A4 page of 150 dots an inch, or a board."""

from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageFont

from examples.cardmaker import fonts

WIDTH, HEIGHT = 1240, 1754
MARGIN = 90
PALETTES = (
    ((253, 252, 247), (30, 26, 24), (150, 30, 28)),
    ((247, 238, 218), (52, 33, 20), (120, 60, 20)),
    ((30, 42, 40), (240, 236, 220), (240, 200, 90)),
    ((255, 255, 255), (20, 20, 20), (20, 20, 20)),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, its colours and its type."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    language: str
    family: str
    ink: tuple[int, int, int]
    accent: tuple[int, int, int]

    def font(self, size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Type of so many pixels."""
        return fonts.cjk(self.family, self.language, round(size), bold=bold)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        *,
        bold: bool = False,
        anchor: str = "lm",
        accent: bool = False,
    ) -> float:
        """Write one line; gives its width. `anchor` as Pillow has it."""
        font = self.font(size, bold=bold)
        colour = self.accent if accent else self.ink
        self.draw.text(at, text, font=font, fill=colour, anchor=anchor)
        return float(font.getlength(text))


def blank(rng: Random, language: str) -> Sheet:
    """An empty page."""
    paper, ink, accent = rng.choice(PALETTES)
    image = Image.new("RGB", (WIDTH, HEIGHT), paper)
    family = rng.choice(("sans", "sans", "serif"))
    return Sheet(image, ImageDraw.Draw(image), language, family, ink, accent)
