"""A contact as the properties of its page. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Final
from uuid import UUID

import phonenumbers

from forthwith.apps.cards.reading import CardReading, Number, Text
from forthwith.apps.cards.schemas import Position
from forthwith.integrations.notion import properties
from forthwith.integrations.notion.properties import Json
from forthwith.integrations.notion.schema import Column

CARD_ID: Final = "Card ID"
PHOTO: Final = "Card"
TITLE: Final = "title"
"""The id of the property with a page's title, whatever its name is."""
COLUMNS: Final = (
    Column("Name", "title"),
    Column("Company", "rich_text"),
    Column("Department", "rich_text"),
    Column("Job title", "rich_text"),
    Column("Email", "email"),
    Column("Phone", "phone_number"),
    Column("Mobile", "phone_number"),
    Column("Fax", "phone_number"),
    Column("Website", "url"),
    Column("Address", "rich_text"),
    Column("Tax ID", "rich_text"),
    Column("LINE ID", "rich_text"),
    Column("Notes", "rich_text"),
    Column("Tags", "multi_select"),
    Column("Source", "select"),
    Column("State", "select"),
    Column("Confidence", "number"),
    Column("Met on", "date"),
    Column(PHOTO, "files"),
    Column(CARD_ID, "rich_text"),
)
"""Tags are the reader's own: made, and never written."""
_UNSURE: Final = 0.6
"""Confidence below which a person should look."""


@dataclass(frozen=True, slots=True)
class Told:
    """A contact, and what its page says beside what is printed."""

    contact: CardReading
    met_on: date
    is_from_line: bool
    history: Sequence[Position] = ()


def card_id(card: UUID, number: int) -> str:
    """What a page is found by: the card's id, and from its second contact on `-2`, `-3`."""
    return str(card) if number == 0 else f"{card}-{number + 1}"


def page_of(told: Told, key: str) -> dict[str, Json]:
    """All properties of a page but its photo; empty ones clear what was there."""
    card = told.contact
    return {
        TITLE: properties.title(_all_languages(card.name) or _all_languages(card.company) or "-"),
        "Company": properties.rich_text(_all_languages(card.company)),
        "Department": properties.rich_text(_text(card.department)),
        "Job title": properties.rich_text(_text(card.title)),
        "Email": properties.email(card.emails[0].value if card.emails else None),
        "Phone": properties.phone_number(_numbers(card, "phone")),
        "Mobile": properties.phone_number(_numbers(card, "mobile")),
        "Fax": properties.phone_number(_numbers(card, "fax")),
        "Website": properties.url(_website(card)),
        "Address": properties.rich_text("\n".join(each.value for each in card.addresses)),
        "Tax ID": properties.rich_text(card.tax_id.value if card.tax_id else ""),
        "LINE ID": properties.rich_text(card.line_id.value if card.line_id else ""),
        "Notes": properties.rich_text("\n".join(_notes(told))),
        "Source": properties.select("LINE" if told.is_from_line else "Upload"),
        **_sureness(card),
        "Met on": properties.on_day(told.met_on),
        CARD_ID: properties.rich_text(key),
    }


def _sureness(card: CardReading) -> dict[str, Json]:
    found = list(_confidences(card))
    is_sure = bool(found) and min(found) >= _UNSURE
    return {
        "State": properties.select("Sure" if is_sure else "Check"),
        "Confidence": properties.number(round(fmean(found), 2) if found else None),
    }


def _confidences(card: CardReading) -> Iterator[float]:
    for field in (card.name, card.company, card.department, card.title):
        if field is not None:
            yield field.confidence
    yield from (each.confidence for each in card.phones)
    yield from (each.confidence for each in (*card.emails, *card.websites))
    yield from (each.confidence for each in card.addresses)


def _notes(told: Told) -> Iterator[str]:
    """The person's own notes, then what has no property of its own."""
    card = told.contact
    if card.notes:
        yield card.notes
    yield from (each.value for each in (*card.emails[1:], *card.websites[1:]))
    for each in told.history:
        position = " · ".join(filter(None, (each.company, each.department, each.title)))
        yield f"→ {each.until}: {position}"


def _text(field: Text | None) -> str:
    """The value, else the likeliest reading of an unsure one."""
    if field is None:
        return ""
    return field.value or (field.alternatives[0].value if field.alternatives else "")


def _all_languages(field: Text | None) -> str:
    if field is None:
        return ""
    values = (_text(field), *(each.value for each in field.other_languages))
    return " / ".join(filter(None, values))


def _numbers(card: CardReading, kind: str) -> str:
    return ", ".join(_readable(each) for each in card.phones if each.kind == kind)


def _readable(number: Number) -> str:
    if number.e164 is None:
        return number.printed
    parsed = phonenumbers.parse(number.e164)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _website(card: CardReading) -> str | None:
    if not card.websites:
        return None
    address = card.websites[0].value
    return address if "://" in address else f"https://{address}"
