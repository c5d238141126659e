"""Everything that is read from one picture: lines, codes, and the cards they lie on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar, TypeVarTuple

from PIL import Image

from forthwith.integrations.ocr import closer, codes, geometry, outlines, quality, sheets
from forthwith.integrations.ocr.engine import Engine, engine
from forthwith.integrations.ocr.looking import Look, look
from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.settings import OcrSettings

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_READING: Final = ThreadPoolExecutor(1, thread_name_prefix="reading")


def load(settings: OcrSettings) -> None:
    """Load the models, so that the first picture need not wait."""
    in_reading_thread(engine, settings.threads)


def read_picture(picture: Image.Image, settings: OcrSettings) -> Page:
    """Read an RGB picture, in its own pixels; what `reader.read_page` gives for a file."""
    return in_reading_thread(_read_picture, picture, settings)


def in_reading_thread(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """Call a function in the thread in which numbers below 1e-38 count as zero.

    ONNX Runtime 1.31 sets the core so for its own threads and for the one that makes the first
    session of a process, for good. No other code shall compute like that.
    """
    return _READING.submit(function, *args).result()


def _read_picture(picture: Image.Image, settings: OcrSettings) -> Page:
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
