"""From a page to its cards: every kind of evidence in the order of its strength."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from forthwith.integrations.ocr.page import Line, Page

from . import (
    addresses,
    codes,
    emails,
    line_ids,
    lines,
    numbers,
    organisations,
    parties,
    regions,
    sheets,
    splitting,
    tax_ids,
    websites,
)
from .candidates import Clues
from .fields import Address, Alternative, CardReading, Contact, Number, Text
from .lines import Found, Segment, Sheet

_CODE_CONFIDENCE: Final = 0.99
_TELLING: Final = 3  # letters of a note


def extract(page: Page) -> list[CardReading]:
    """Read every card on the page, from top to bottom.

    A page without lines and without a contact in a code gives no card. A contact code belongs to
    the only card; where several cards lie on one picture, codes are left out.
    """
    parts = sheets.split(page.lines)
    coded = codes.contact(page.codes) if len(parts) <= 1 else None
    if not parts and coded is None:
        return []
    readings = [_read(part) for part in parts] or [CardReading()]
    if coded is not None:
        readings[0] = _with_code(readings[0], coded, page)
    return readings


def _read(printed: Sequence[Line]) -> CardReading:
    sheet = lines.prepare(printed)
    mails, rest = emails.take_emails(sheet.segments)
    sites, rest = websites.take_websites(rest, mails)
    line_id, rest = line_ids.take_line_id(rest)
    tax_id, rest = tax_ids.take_tax_id(rest)
    order = regions.rank(sheet.segments, [*mails, *sites])
    phones, rest = numbers.take_numbers(rest, order)
    places, others = addresses.take_addresses(rest)
    clues = _clues(sheet, mails, sites, order[0])
    who = parties.assign(
        splitting.split(others, order[0]),
        [segment for segment in rest if segment not in others],
        clues,
    )
    places = addresses.with_buildings(places, who.free, clues.domains)
    return CardReading(
        name=who.name,
        company=who.company,
        department=who.department,
        title=who.title,
        phones=tuple(phones),
        emails=tuple(map(_contact, mails)),
        websites=tuple(map(_contact, sites)),
        addresses=tuple(addresses.address(place, order[0]) for place in places),
        tax_id=tax_id,
        line_id=_contact(line_id) if line_id else None,
        notes=_notes([piece for piece in who.rest if not any(piece in place for place in places)]),
        flags=sheet.flags,
    )


def _notes(pieces: Sequence[Segment]) -> str | None:
    """What belongs to no field; marks of one or two letters and stray labels are left out."""
    return "\n".join(piece.text for piece in pieces if _is_telling(piece.text)) or None


def _is_telling(text: str) -> bool:
    is_label = emails.is_only_label(text) or websites.is_only_label(text)
    return not is_label and sum(map(str.isalnum, text)) >= _TELLING


def _clues(sheet: Sheet, mails: Sequence[Found], sites: Sequence[Found], region: str) -> Clues:
    hosts = [mail.value.rpartition("@")[2] for mail in mails]
    hosts += [re.sub(r"^https?://", "", site.value).partition("/")[0] for site in sites]
    return Clues(
        local_parts=tuple(mail.value.partition("@")[0] for mail in mails),
        domains=tuple(organisations.mail_domains(hosts)),
        letter_height=sheet.letter_height,
        region=region,
    )


def _contact(found: Found) -> Contact:
    return Contact(found.value, round(found.confidence, 3), found.segment.sources)


def _with_code(reading: CardReading, coded: codes.Contact, page: Page) -> CardReading:
    """The reading with what the code says first; what was only printed stays."""
    boxes = (coded.box,)
    region = regions.rank(lines.prepare(page.lines).segments, [])[0]
    return msgspec.structs.replace(
        reading,
        name=_told(reading.name, coded.name, coded),
        company=_told(reading.company, coded.company, coded),
        department=_told(reading.department, coded.department, coded),
        title=_told(reading.title, coded.title, coded),
        phones=_merged_numbers(reading.phones, coded, region),
        emails=_merged(reading.emails, [Contact(e, _CODE_CONFIDENCE, boxes) for e in coded.emails]),
        websites=_merged(
            reading.websites, [Contact(w, _CODE_CONFIDENCE, boxes) for w in coded.websites]
        ),
        addresses=reading.addresses
        or tuple(Address(a, _CODE_CONFIDENCE, boxes) for a in coded.addresses),
        flags=(*reading.flags, "contact_code"),
    )


def _told(printed: Text | None, told: str | None, coded: codes.Contact) -> Text | None:
    if told is None:
        return printed
    other = (
        (Alternative(printed.value, printed.confidence),)
        if printed and printed.value and printed.value != told
        else ()
    )
    return Text(told, _CODE_CONFIDENCE, (coded.box,), other)


def _merged(printed: Sequence[Contact], told: Sequence[Contact]) -> tuple[Contact, ...]:
    known = {item.value.casefold() for item in told}
    return (*told, *(item for item in printed if item.value.casefold() not in known))


def _merged_numbers(
    printed: Sequence[Number], coded: codes.Contact, region: str
) -> tuple[Number, ...]:
    """Numbers of the code, in the printed form where the card prints the same digits."""
    told = [
        numbers.told(kind, value, region, _CODE_CONFIDENCE, (coded.box,))
        for kind, value in coded.numbers
    ]
    known = {numbers.significant(number) for number in printed}
    return (*printed, *(n for n in told if numbers.significant(n) not in known))
