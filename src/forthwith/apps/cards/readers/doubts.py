"""Why this machine's reading of a photo is worth a second look by a model.

Measured on 47 labelled photos, each also blurred and made smaller (`python -m
benchmarks.cards_doubts`): fields below 0.8 or a page below 0.95 ask for half of these 188, among
them 65 of the 71 that this machine reads wrong; of the photos as they were taken, for 11 of 47.
"""

import re
from collections.abc import Iterator
from typing import Final

from forthwith.apps.cards.reading import CardReading, Contact, Number, Text
from forthwith.apps.cards.schemas import Reading
from forthwith.integrations.ocr.page import Page

_KOREAN: Final = re.compile(
    r"[\u3131-\u318e\uac00-\ud7a3]|\+\s?82\b|\.kr\b|\bkorea\b", re.IGNORECASE
)
"""The local reader has no Hangul: of a Korean card it sees numbers and addresses only."""


_SURE_PAGE: Final = 0.95
"""Mean score of the lines; below it whole lines are missed, which no field tells."""


def doubts(page: Page, reading: Reading | None, bound: float) -> tuple[str, ...]:
    """Short codes of what is unsure; none where every field that matters is sure enough.

    Fields that matter are name, company, e-mail and numbers: those that make a card whole.
    """
    if reading is None or not reading.cards:
        return ("NOTHING_READ",)
    found = [code for card in reading.cards for code in _of_card(card, bound)]
    if page.quality is not None and page.quality.confidence < _SURE_PAGE:
        found.append("POOR_PHOTO")
    if any(_KOREAN.search(line.text) for line in page.lines):
        found.append("KOREAN")
    return tuple(dict.fromkeys(found))


def _of_card(card: CardReading, bound: float) -> Iterator[str]:
    if _is_unsure(card.name, bound):
        yield "NAME"
    if _is_unsure(card.company, bound):
        yield "COMPANY"
    if any(each.confidence < bound for each in card.emails):
        yield "EMAIL"
    if not card.phones and not card.emails:
        yield "NO_CONTACT"
    if any(_is_unsure_number(each, bound) for each in card.phones):
        yield "NUMBERS"


def _is_unsure(field: Text | Contact | None, bound: float) -> bool:
    return field is None or field.value is None or field.confidence < bound


def _is_unsure_number(number: Number, bound: float) -> bool:
    return number.e164 is None or number.confidence < bound
