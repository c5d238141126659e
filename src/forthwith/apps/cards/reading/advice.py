"""What to do better when a photo is taken again; nothing where it could be read.

The bounds are measured (docs/cards.md): no photo that reads well may be nagged about, so most
advice needs two signs, a poor measure and a reader that was unsure.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from forthwith.integrations.ocr.page import Page, Quality

_SURE: Final = 0.95  # mean score; 36 of the 37 development cards have more
_BLURRED: Final = 0.45  # sharpness at which unsure reading is blamed on blur
_VERY_BLURRED: Final = 0.05  # lines are missed without a trace; readable photos have 0.06 to 4
_SMALL_PIXELS: Final = 14.0  # height of a line with its margins
_DARK: Final = 70.0  # grey level of the paper at which unsure reading is blamed on the light
_VERY_DARK: Final = 28.0  # lines are missed without a trace; from 30 on photos read well
_GLARE: Final = 0.03  # share of the part with text


class Advice(msgspec.Struct, frozen=True):
    """A short code for programs, a sentence for people."""

    code: str
    message: str


MESSAGES: Final = {
    "BLURRED": "The photo is blurred. Hold still, and tap the card so that the camera focuses.",
    "GLARE": "Light reflects on the card. Tilt it or move the lamp, and take the photo again.",
    "TOO_SMALL": "The text is very small. Move closer, until the card fills the photo.",
    "CUT_OFF": "Text runs out of the photo. Take it again with the whole card in view.",
    "TOO_DARK": "The photo is dark. Take it again with more light.",
}


def advise(page: Page) -> tuple[Advice, ...]:
    """What would help most comes first; empty for a page that was not judged."""
    if page.quality is None:
        return ()
    return tuple(Advice(code, MESSAGES[code]) for code in _codes(page, page.quality))


def _codes(page: Page, quality: Quality) -> Iterator[str]:
    unsure = bool(page.lines) and quality.confidence < _SURE
    small = unsure and quality.text_height < _SMALL_PIXELS
    dark = quality.brightness < (_DARK if unsure else _VERY_DARK)
    if dark:
        yield "TOO_DARK"
    if small:
        yield "TOO_SMALL"
    blurred = quality.sharpness < (_BLURRED if unsure else _VERY_BLURRED)
    if page.lines and blurred and not dark and not small:
        yield "BLURRED"
    if quality.cut_lines:
        yield "CUT_OFF"
    if quality.glare > _GLARE:
        yield "GLARE"
