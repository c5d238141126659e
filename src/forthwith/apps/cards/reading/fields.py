"""What is read from one card: every field with its confidence and its place on the picture."""

from typing import Literal, TypeAlias

import msgspec

from forthwith.integrations.ocr.page import Box

NumberKind: TypeAlias = Literal["phone", "mobile", "fax"]


class Alternative(msgspec.Struct, frozen=True):
    """Another possible value of the same field."""

    value: str
    confidence: float


class Text(msgspec.Struct, frozen=True):
    """A name, company, department or title.

    `value` is None when no reading is sure enough; what was seen is then in `alternatives`.
    `other_languages` holds the same thing as printed in another script on the same card.
    """

    value: str | None
    confidence: float
    boxes: tuple[Box, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    other_languages: tuple[Alternative, ...] = ()


class Number(msgspec.Struct, frozen=True):
    """A telephone number; `e164` is None when no numbering plan fits the printed digits."""

    kind: NumberKind
    printed: str
    e164: str | None
    confidence: float
    boxes: tuple[Box, ...] = ()


class Contact(msgspec.Struct, frozen=True):
    """An e-mail address, a web address or a LINE id."""

    value: str
    confidence: float
    boxes: tuple[Box, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


class Address(msgspec.Struct, frozen=True):
    """A postal address as printed, and in the normal form of its country where one is known."""

    value: str
    confidence: float
    boxes: tuple[Box, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    normalised: str | None = None


class TaxId(msgspec.Struct, frozen=True):
    """A business number; `valid` says whether its check digit holds."""

    value: str
    confidence: float
    boxes: tuple[Box, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    valid: bool = False


class CardReading(msgspec.Struct, frozen=True):
    """One card. `flags` are short codes of what the reader noticed about the picture."""

    name: Text | None = None
    company: Text | None = None
    department: Text | None = None
    title: Text | None = None
    phones: tuple[Number, ...] = ()
    emails: tuple[Contact, ...] = ()
    websites: tuple[Contact, ...] = ()
    addresses: tuple[Address, ...] = ()
    tax_id: TaxId | None = None
    line_id: Contact | None = None
    notes: str | None = None
    flags: tuple[str, ...] = ()
