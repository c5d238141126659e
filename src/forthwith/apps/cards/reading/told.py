"""A contact that somebody tells field by field, such as a model that looked at the card.

Every value passes the checks and takes the forms of what this reader finds by itself. What no
card has in such a place is dropped, whoever says it: a photo may carry text that is meant to
make a model say something else.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from rapidfuzz import fuzz

from forthwith.integrations.ocr.page import Box, Line
from forthwith.platform import text as texts

from . import lines, numbers, postal, regions, spelling, tax_ids
from .fields import Address, CardReading, Contact, Number, NumberKind, TaxId, Text

SEEN: Final = 0.97
"""Told, and read at its place by this reader too. Like the other two a judgement, not a measure."""
TOLD: Final = 0.9
"""Told by one who looked, and nobody else has."""
UNSEEN: Final = 0.7
"""Told, but not found where this reader has looked."""
_ALIKE: Final = 90  # of 100
_SHORTEST: Final = 3  # letters by which a place is found; of Han letters two are a name
_LONGEST_NAME: Final = 60
_LONGEST: Final = 160
_LONGEST_NOTES: Final = 300
_MOST_OF_A_KIND: Final = 8
_MOST_WORDS: Final = 7
_MARKUP: Final = re.compile(r"[<>{}\[\]`\\]|://|@")
_ORDER: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.*\b(?:instructions?|prompts?|previous|above|rules)\b"
    r"|\b(?:system|developer) (?:prompt|message)\b|\byou are (?:now|an?)\b|忽略.*(?:指示|指令|提示)"
    r"|以下の指示|指示を無視",
    re.IGNORECASE,
)
_DIALLED: Final = re.compile(r"[\d+()\-./·•*# ]+(?:(?:ext|x)\.? ?\d{1,6})?", re.IGNORECASE)
_LINE_ID: Final = re.compile(r"@?[a-z0-9][a-z0-9._-]{2,30}", re.IGNORECASE)
_DIGITS: Final = range(5, 21)

T = TypeVar("T", Number, Contact, Address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was said of one card; nothing of it is believed yet."""

    name: str | None = None
    company: str | None = None
    department: str | None = None
    title: str | None = None
    numbers: Sequence[tuple[NumberKind, str]] = ()
    emails: Sequence[str] = ()
    websites: Sequence[str] = ()
    addresses: Sequence[str] = ()
    tax_id: str | None = None
    line_id: str | None = None
    notes: str | None = None


def checked(told: Told, seen: Sequence[Line] | None = None) -> CardReading | None:
    """The card that was told, of plausible values only; None where none is.

    `seen` are the lines that this reader found on the same photo, None when it has not looked:
    they tell where a value stands, and how sure it is.
    """
    mails = [mail for each in told.emails if (mail := texts.email_address(texts.nfkc(each)))]
    check = _Check(_region(told, mails), seen)
    card = CardReading(
        name=check.words(_name(told.name), spelling.of_person),
        company=check.words(_phrase(told.company), spelling.of_firm),
        department=check.words(_phrase(told.department), spelling.of_words),
        title=check.words(_phrase(told.title), spelling.of_words),
        phones=_distinct(check.number(*each) for each in told.numbers),
        emails=_distinct(check.contact(each) for each in mails),
        websites=_distinct(check.contact(_site(each)) for each in told.websites),
        addresses=_distinct(check.address(each) for each in told.addresses),
        tax_id=check.tax_id(told.tax_id),
        line_id=check.contact(_line_id(told.line_id)),
        notes=_notes(told.notes),
    )
    return None if card == CardReading(notes=card.notes) else card


class _Check:
    """Values of one card, in the forms of its country."""

    def __init__(self, region: str, seen: Sequence[Line] | None) -> None:
        self._region = region
        self._seen = (
            None if seen is None else [(texts.comparable(each.text), each.box) for each in seen]
        )

    def words(self, value: str | None, spelled: Callable[[str, str], str]) -> Text | None:
        if value is None:
            return None
        confidence, boxes = self._found(value)
        return Text(spelled(value, self._region), confidence, boxes)

    def number(self, kind: NumberKind, printed: str) -> Number | None:
        value = texts.nfkc(printed)
        if not _DIALLED.fullmatch(value) or sum(map(str.isdigit, value)) not in _DIGITS:
            return None
        confidence, boxes = self._found(value)
        number = numbers.told(kind, value, self._region, confidence, boxes)
        return number if number.e164 else Number(kind, value, None, min(confidence, UNSEEN), boxes)

    def contact(self, value: str | None) -> Contact | None:
        return None if value is None else Contact(value, *self._found(value))

    def address(self, printed: str) -> Address | None:
        plain = _plain(printed, _LONGEST)
        if plain is None:
            return None
        confidence, boxes = self._found(plain)
        value = spelling.of_place(plain, self._region)
        normalised = postal.normalise(value, self._region)
        return Address(value, confidence, boxes, normalised=normalised)

    def tax_id(self, printed: str | None) -> TaxId | None:
        region = None if printed is None else tax_ids.region_of(texts.nfkc(printed), self._region)
        if printed is None or region is None:
            return None
        value = texts.nfkc(printed)
        confidence, boxes = self._found(value)
        valid = texts.tax_id_holds(value, region)
        return TaxId(value, confidence if valid else min(confidence, UNSEEN), boxes, valid=valid)

    def _found(self, value: str) -> tuple[float, tuple[Box, ...]]:
        """How sure a value is, and the lines that say it: in one of them, or over several."""
        if self._seen is None:
            return TOLD, ()
        wanted = texts.comparable(value)
        boxes = tuple(box for line, box in self._seen if _says(line, wanted))
        return (SEEN, boxes) if boxes else (UNSEEN, ())


def _says(line: str, wanted: str) -> bool:
    shorter, longer = sorted((line, wanted), key=len)
    if len(shorter) < _SHORTEST and not (len(shorter) > 1 and texts.is_cjk(shorter[0])):
        return shorter == longer
    if shorter in longer:
        return True
    return len(shorter) > len(longer) / 2 and fuzz.partial_ratio(shorter, longer) >= _ALIKE


def _region(told: Told, mails: Sequence[str]) -> str:
    """The country whose rules the card follows, by all that it says."""
    single = (told.name, told.company, told.title, *told.addresses)
    said = [each for each in (*single, *(number for _, number in told.numbers)) if each]
    printed = [
        Line(each, 1.0, ((0.0, top), (400.0, top), (400.0, top + 20.0), (0.0, top + 20.0)))
        for top, each in zip(range(0, 60 * len(said), 60), said, strict=True)
    ]
    segments = lines.prepare(printed).segments if printed else []
    found = [lines.Found(mail, 1.0, each) for mail in mails for each in segments[:1]]
    return regions.rank(segments, found)[0]


def _plain(value: str | None, longest: int) -> str | None:
    """A text as cards have them; None for markup, orders, or none at all."""
    text = texts.nfkc(value or "")
    if not any(map(str.isalnum, text)) or len(text) > longest:
        return None
    return None if _MARKUP.search(text) or _ORDER.search(text) else text


def _notes(value: str | None) -> str | None:
    """The plain lines of it."""
    lines_of_it = (_plain(each, _LONGEST_NOTES) for each in (value or "").splitlines())
    return "\n".join(filter(None, lines_of_it))[:_LONGEST_NOTES] or None


def _phrase(value: str | None) -> str | None:
    text = _plain(value, _LONGEST)
    return text if text is not None and any(map(str.isalpha, text)) else None


def _name(value: str | None) -> str | None:
    """A person: a few words without digits."""
    text = _plain(value, _LONGEST_NAME)
    if text is None or any(map(str.isdigit, text)) or len(text.split()) > _MOST_WORDS:
        return None
    return text if any(map(str.isalpha, text)) else None


def _site(value: str) -> str | None:
    text = texts.nfkc(value)
    return texts.web_address(text) if len(text) <= _LONGEST else None


def _line_id(value: str | None) -> str | None:
    match = _LINE_ID.fullmatch(texts.nfkc(value or ""))
    return match[0] if match else None


def _distinct(values: Iterable[T | None]) -> tuple[T, ...]:
    """Each value once, in order, and no more of them than a card has."""
    found: dict[str, T] = {}
    for each in values:
        if each is not None:
            found.setdefault(_same(each), each)
    return tuple(found.values())[:_MOST_OF_A_KIND]


def _same(value: Number | Contact | Address) -> str:
    """By what two writings of one value are the same."""
    return numbers.significant(value) if isinstance(value, Number) else value.value.casefold()
