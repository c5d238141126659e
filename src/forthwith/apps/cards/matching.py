"""Whether two cards are the same person's; never by how alike their whole texts are.

Two colleagues share company, address, domain and switchboard, and their cards look the same.
So a mail address of their own or a mobile number decides, then name and company together.
A shared mailbox or landline counts only where the names do not contradict it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from forthwith.apps.cards.reading import CardReading, Text
from forthwith.platform import text

_SAME: Final = 88.0
"""Similarity in percent from which two spellings are one name: `Jon Smith`, `John Smith`."""
_SHARED_MAILBOXES: Final = frozenset(
    {
        *("admin", "contact", "contato", "enquiry", "hello", "hr", "info", "inquiry", "kontakt"),
        *("mail", "marketing", "office", "sales", "service", "support", "vendas", "webmaster"),
    }
)


class Reason(StrEnum):
    """Why two cards are taken for the same person's."""

    EMAIL = "email"
    MOBILE = "mobile"
    PHONE_AND_NAME = "phone_and_name"
    NAME_AND_COMPANY = "name_and_company"


def identifiers(card: CardReading) -> set[str]:
    """What another card of the same person is looked up by; only ever stored as blind indexes."""
    found = {f"email:{_mail(each.value)}" for each in card.emails}
    found |= {f"tel:{each.e164}" for each in card.phones if each.e164 and each.kind != "fax"}
    for name in _names(card.name):
        found |= {f"name:{name}|{company}" for company in _names(card.company)}
    return found


def same_person(one: CardReading, other: CardReading) -> Reason | None:
    """Why both are one person's, or None."""
    contradicted = _contradict(one.name, other.name)
    mails = {_mail(each.value) for each in one.emails} & {_mail(e.value) for e in other.emails}
    if any(not _is_shared(mail) for mail in mails) or (mails and not contradicted):
        return Reason.EMAIL
    if _numbers(one, "mobile") & _numbers(other, "mobile"):
        return Reason.MOBILE
    alike = _alike(one.name, other.name)
    if alike and _numbers(one) & _numbers(other):
        return Reason.PHONE_AND_NAME
    if alike and _alike(one.company, other.company):
        return Reason.NAME_AND_COMPANY
    return None


def _mail(address: str) -> str:
    return text.nfkc(address).lower()


def _is_shared(mail: str) -> bool:
    return mail.partition("@")[0] in _SHARED_MAILBOXES


def _numbers(card: CardReading, kind: str | None = None) -> set[str]:
    return {
        each.e164
        for each in card.phones
        if each.e164 and each.kind != "fax" and kind in (None, each.kind)
    }


def _names(field: Text | None) -> Iterator[str]:
    """A field in all its languages, as it is compared: folded, lower case, no punctuation."""
    if field is None or field.value is None:
        return
    for value in (field.value, *(other.value for other in field.other_languages)):
        if plain := text.comparable(text.unaccented(value)):
            yield plain


def _alike(one: Text | None, other: Text | None) -> bool:
    return any(fuzz.ratio(a, b) >= _SAME for a in _names(one) for b in _names(other))


def _contradict(one: Text | None, other: Text | None) -> bool:
    """Both have a name, and no spelling of one is like any of the other."""
    both = any(_names(one)) and any(_names(other))
    return both and not _alike(one, other)
