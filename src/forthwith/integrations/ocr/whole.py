"""Everything that is read from one picture: lines, codes, and the cards they lie on."""

from PIL import Image

from forthwith.integrations.ocr import closer, codes, geometry, outlines, quality, sheets
from forthwith.integrations.ocr.engine import Engine, engine
from forthwith.integrations.ocr.looking import Look, look
from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.settings import OcrSettings


def read_picture(picture: Image.Image, settings: OcrSettings) -> Page:
    """Read an RGB picture, in its own pixels; what `reader.read_page` gives for a file."""
    reader = engine(settings.threads)
    first = look(reader, geometry.pixels(picture), settings.detection_pixels)
    seen, cards = _read(reader, first, settings)
    lines = tuple(line for card in cards for line in card.lines) or seen.lines
    height, width = seen.image.shape[:2]
    return Page(
        width=width,
        height=height,
        lines=lines,
        codes=codes.find_codes(seen.image),
        rotation=seen.rotation,
        sheets=tuple(card.box for card in cards),
        quality=quality.judge(seen.image, lines),
    )


def _read(
    reader: Engine, first: Look, settings: OcrSettings
) -> tuple[Look, tuple[sheets.Sheet, ...]]:
    """Read several cards one by one as soon as they are told apart, a single one as a whole."""
    found = outlines.find_outlines(first.image)
    cards = sheets.read_sheets(reader, first, found, settings)
    if cards:
        return first, cards
    seen = closer.look_closer(reader, first, settings)
    return seen, () if seen is first else sheets.read_sheets(reader, seen, found, settings)
