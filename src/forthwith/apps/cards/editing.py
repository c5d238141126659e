"""Changing a contact: a field's right value, a note, another card of the same person. Pure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, TypeVar

from msgspec.structs import replace

from forthwith.apps.cards.conversation.commands import Field
from forthwith.apps.cards.errors import ValueRefused
from forthwith.apps.cards.reading import Address, CardReading, Contact, Number, TaxId, Text
from forthwith.apps.cards.schemas import Position, Reading
from forthwith.platform import text

_SURE: Final = 1.0
"""What a person has typed."""
_LONGEST: Final = 300
_NOTE_LENGTH: Final = 2_000
_NUMBERS: Final = {Field.PHONE, Field.MOBILE, Field.FAX}

T = TypeVar("T")


def corrected(card: CardReading, field: Field, value: str) -> CardReading:
    """The card with this value, which takes the place of the first one of its kind.

    Raises `ValueRefused` for what cannot be a value of the field.
    """
    value = text.nfkc(value)
    if not value or len(value) > _LONGEST:
        raise ValueRefused(f"This cannot be a {field}.")
    if field in _NUMBERS:
        return replace(card, phones=_with_number(card, field, value))
    return replace(card, **_SETTERS[field](card, value))


def noted(card: CardReading, note: str) -> CardReading:
    """The card with one more note."""
    notes = "\n".join(filter(None, (card.notes, note.strip())))
    return replace(card, notes=notes[-_NOTE_LENGTH:])


def merged(older: Reading, newer: Reading, at: datetime) -> Reading:
    """One person's two cards as the older one: new values win, an earlier position is kept."""
    before, after = older.cards[0], newer.cards[0]
    contact = CardReading(
        name=_newer(before.name, after.name),
        company=_newer(before.company, after.company),
        department=after.department
        if after.company
        else _newer(before.department, after.department),
        title=_newer(before.title, after.title),
        phones=_united(after.phones, before.phones, lambda each: each.e164 or each.printed),
        emails=_united(after.emails, before.emails, lambda each: each.value.lower()),
        websites=_united(after.websites, before.websites, lambda each: each.value.lower()),
        addresses=_united(
            after.addresses, before.addresses, lambda each: text.comparable(each.value)
        ),
        tax_id=after.tax_id or before.tax_id,
        line_id=after.line_id or before.line_id,
        notes="\n".join(filter(None, (before.notes, after.notes))) or None,
        flags=after.flags,
    )
    history = (*older.history, *_left_behind(before, contact, at))
    return replace(older, cards=(contact, *older.cards[1:]), history=history)


def _left_behind(before: CardReading, now: CardReading, at: datetime) -> tuple[Position, ...]:
    """The position before, where it is another one than now."""
    old = [_plain(before.company), _plain(before.department), _plain(before.title)]
    new = [_plain(now.company), _plain(now.department), _plain(now.title)]
    changed = any(
        one and text.comparable(one) != text.comparable(other or "")
        for one, other in zip(old, new, strict=True)
    )
    return (Position(at.date().isoformat(), *old),) if changed else ()


def _with_number(card: CardReading, field: Field, value: str) -> tuple[Number, ...]:
    regions = [text.phone_number(each.e164, None) for each in card.phones if each.e164]
    region = next((each.region for each in regions if each), "TW")
    number = text.phone_number(value, region)
    if number is None or not number.possible:
        raise ValueRefused("This cannot be a telephone number.")
    kind = field.value
    made = Number(kind, value, number.e164, _SURE)  # type: ignore[arg-type]  # three of the fields
    index = next((i for i, each in enumerate(card.phones) if each.kind == kind), None)
    return _placed(card.phones, made, index)


def _placed(values: tuple[T, ...], made: T, index: int | None) -> tuple[T, ...]:
    if index is None:
        return (*values, made)
    return (*values[:index], made, *values[index + 1 :])


def _email(card: CardReading, value: str) -> dict[str, object]:
    address = text.email_address(value)
    if address is None:
        raise ValueRefused("This cannot be an e-mail address.")
    return {"emails": _placed(card.emails, Contact(address, _SURE), 0 if card.emails else None)}


def _website(card: CardReading, value: str) -> dict[str, object]:
    if text.web_address(value) is None:
        raise ValueRefused("This cannot be a web address.")
    index = 0 if card.websites else None
    return {"websites": _placed(card.websites, Contact(value, _SURE), index)}


def _address(card: CardReading, value: str) -> dict[str, object]:
    index = 0 if card.addresses else None
    return {"addresses": _placed(card.addresses, Address(value, _SURE), index)}


def _tax_id(_: CardReading, value: str) -> dict[str, object]:
    digits = "".join(filter(str.isalnum, value))
    return {"tax_id": TaxId(digits, _SURE, valid=text.tax_id_holds(digits, "TW"))}


def _line_id(_: CardReading, value: str) -> dict[str, object]:
    return {"line_id": Contact(value, _SURE)}


def _single(name: str) -> Callable[[CardReading, str], dict[str, object]]:
    def set_text(card: CardReading, value: str) -> dict[str, object]:
        known: Text | None = getattr(card, name)
        others = known.other_languages if known else ()
        return {name: Text(value, _SURE, other_languages=others)}

    return set_text


_SETTERS: Final[dict[Field, Callable[[CardReading, str], dict[str, object]]]] = {
    **{each: _single(each) for each in (Field.NAME, Field.COMPANY, Field.DEPARTMENT, Field.TITLE)},
    Field.EMAIL: _email,
    Field.WEBSITE: _website,
    Field.ADDRESS: _address,
    Field.TAX_ID: _tax_id,
    Field.LINE_ID: _line_id,
}


def _newer(before: Text | None, after: Text | None) -> Text | None:
    return after if after is not None and after.value else before or after


def _united(first: Iterable[T], second: Iterable[T], key: Callable[[T], str]) -> tuple[T, ...]:
    found: dict[str, T] = {}
    for each in (*first, *second):
        found.setdefault(key(each), each)
    return tuple(found.values())


def _plain(field: Text | None) -> str | None:
    return field.value if field is not None else None
