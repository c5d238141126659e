"""From a page to its cards: every kind of evidence in the order of its strength."""

import re

from forthwith.integrations.ocr.page import Page

from . import (
    addresses,
    emails,
    line_ids,
    lines,
    numbers,
    organisations,
    parties,
    regions,
    splitting,
    tax_ids,
    websites,
)
from .fields import CardReading, Contact
from .lines import Found


def extract(page: Page) -> list[CardReading]:
    """Read every card on the page; a page without any text gives no card."""
    if not page.lines and not page.codes:
        return []
    return [_read(page)]


def _read(page: Page) -> CardReading:
    sheet = lines.prepare(page, page.lines)
    mails, rest = emails.take_emails(sheet.segments)
    sites, rest = websites.take_websites(rest, mails)
    line_id, rest = line_ids.take_line_id(rest)
    tax_id, rest = tax_ids.take_tax_id(rest)
    order = regions.rank(sheet.segments, [*mails, *sites])
    phones, rest = numbers.take_numbers(rest, order)
    places, others = addresses.take_addresses(rest, order[0])
    clues = parties.Clues(
        local_parts=tuple(mail.value.partition("@")[0] for mail in mails),
        domains=tuple(organisations.mail_domains(_hosts(mails, sites))),
        letter_height=sheet.letter_height,
        region=order[0],
    )
    in_addresses = [s for s in rest if s not in others]
    who = parties.assign(splitting.split(others, order[0]), in_addresses, clues)
    return CardReading(
        name=who.name,
        company=who.company,
        department=who.department,
        title=who.title,
        phones=tuple(phones),
        emails=tuple(map(_contact, mails)),
        websites=tuple(map(_contact, sites)),
        addresses=tuple(places),
        tax_id=tax_id,
        line_id=_contact(line_id) if line_id else None,
        notes="\n".join(piece.text for piece in who.rest) or None,
        flags=sheet.flags,
    )


def _hosts(mails: list[Found], sites: list[Found]) -> list[str]:
    hosts = [mail.value.rpartition("@")[2] for mail in mails]
    return hosts + [re.sub(r"^https?://", "", s.value).partition("/")[0] for s in sites]


def _contact(found: Found) -> Contact:
    return Contact(found.value, round(found.confidence, 3), found.segment.sources)
