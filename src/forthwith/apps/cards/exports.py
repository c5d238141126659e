"""Contacts for other programs: vCard 4.0 (RFC 6350), CSV, QR code. Pure functions."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import phonenumbers

from forthwith.apps.cards.errors import NothingToExport
from forthwith.apps.cards.reading import CardReading, Number
from forthwith.platform.errors import Unavailable

if TYPE_CHECKING:
    from forthwith.apps.cards.reading import Text

_FOLD_BYTES: Final = 75
"""RFC 6350, section 3.2: a line has at most 75 octets; folds must not cut a character."""
_TYPES: Final = {"phone": "work,voice", "mobile": "cell,voice", "fax": "work,fax"}
_CSV_COLUMNS: Final = (
    *("name", "company", "department", "title", "phone", "mobile", "fax"),
    *("e-mail", "website", "address", "tax id", "LINE id", "notes", "read at"),
)
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK: Final = "\ufeff"
_QR_MAX_BYTES: Final = 1_200
"""Beyond this the code gets too fine for a phone to read from a screen."""


class Contact(NamedTuple):
    """One contact to export, and when its card was read (ISO 8601)."""

    card: CardReading
    read_at: str


def vcard(card: CardReading) -> str:
    """One contact as vCard 4.0; names in a second language become a second FN."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", "KIND:individual", *_properties(card), "END:VCARD"]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def csv_head() -> str:
    """The first line, after the byte order mark that lets Excel know UTF-8 by double click."""
    return _BYTE_ORDER_MARK + _csv_line(_CSV_COLUMNS)


def csv_row(contact: Contact) -> str:
    """One contact as a line of CSV."""
    return _csv_line([_harmless(value) for value in _csv_values(contact)])


def qr_code(card: CardReading) -> bytes:
    """A PNG with the contact as a vCard, for another phone to scan.

    Raises `NothingToExport` for an empty card, `Unavailable` without the extra `ocr`.
    """
    try:
        import zxingcpp  # noqa: PLC0415 - part of the extra `ocr`
    except ImportError:
        raise Unavailable("QR codes need: pip install 'forthwith[ocr]'") from None
    text = vcard(_essential(card))
    if len(text.encode()) > _QR_MAX_BYTES:
        raise NothingToExport("The contact is too long for a QR code; use the vCard file.")
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return _png(zxingcpp.write_barcode_to_image(code, scale=6, add_quiet_zones=True))


def file_name(card: CardReading) -> str:
    """A name for the file: the person, else the company, else `contact`."""
    for field in (card.name, card.company):
        if field is not None and field.value:
            return "".join(sign if sign.isalnum() else "-" for sign in field.value)[:60]
    return "contact"


def _properties(card: CardReading) -> Iterator[str]:
    yield from _who(card)
    yield from _where(card)
    if card.tax_id is not None:
        yield f"X-TAX-ID:{_escape(card.tax_id.value)}"
    if card.notes:
        yield f"NOTE:{_escape(card.notes)}"


def _who(card: CardReading) -> Iterator[str]:
    yield from _formatted_names(card)
    yield f"N:{_escape(_value(card.name))};;;;"
    if company := _value(card.company):
        parts = [company, _value(card.department)]
        yield "ORG:" + ";".join(_escape(part) for part in parts if part)
    if title := _value(card.title):
        yield f"TITLE:{_escape(title)}"


def _where(card: CardReading) -> Iterator[str]:
    for number in card.phones:
        yield f'TEL;VALUE=uri;TYPE="{_TYPES[number.kind]}":{_telephone(number)}'
    for mail in card.emails:
        yield f"EMAIL;TYPE=work:{_escape(mail.value)}"
    for site in card.websites:
        yield f"URL:{_with_scheme(site.value)}"
    for address in card.addresses:
        yield f"ADR;TYPE=work:;;{_escape(address.value)};;;;"
    if card.line_id is not None:
        yield f"IMPP:line:{_escape(card.line_id.value)}"


def _formatted_names(card: CardReading) -> Iterator[str]:
    """FN is required: a card without a name bears its company's, or a dash."""
    yield f"FN:{_escape(_value(card.name) or _value(card.company) or '-')}"
    for other in card.name.other_languages if card.name else ():
        yield f"FN:{_escape(other.value)}"


def _value(field: "Text | None") -> str:
    return (field.value or "") if field is not None else ""


def _telephone(number: Number) -> str:
    if number.e164 is not None:
        return f"tel:{number.e164}"
    digits = "".join(sign for sign in number.printed if sign.isdigit() or sign == "+")
    return f"tel:{digits}"


def _with_scheme(site: str) -> str:
    return site if "://" in site else f"https://{site}"


def _escape(value: str) -> str:
    """RFC 6350, section 3.4."""
    for sign in ("\\", ",", ";"):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\r\n", "\n").replace("\n", "\\n")


def _fold(line: str) -> str:
    """Break after at most 75 octets, between characters; the rest begins with a space."""
    parts, part, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _FOLD_BYTES:
            parts.append(part)
            part, size = " ", 1
        part, size = part + sign, size + width
    return "\r\n".join([*parts, part])


def _csv_values(contact: Contact) -> list[str]:
    card = contact.card
    numbers = {
        kind: "; ".join(_readable(each) for each in card.phones if each.kind == kind)
        for kind in _TYPES
    }
    return [
        *(_value(field) for field in (card.name, card.company, card.department, card.title)),
        *numbers.values(),
        "; ".join(each.value for each in card.emails),
        "; ".join(each.value for each in card.websites),
        "; ".join(each.value for each in card.addresses),
        card.tax_id.value if card.tax_id else "",
        card.line_id.value if card.line_id else "",
        card.notes or "",
        contact.read_at,
    ]


def _readable(number: Number) -> str:
    """In international form with spaces, which spreadsheets leave as text."""
    if number.e164 is None:
        return number.printed
    parsed = phonenumbers.parse(number.e164)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _harmless(value: str) -> str:
    """Keep a spreadsheet from running a printed value as a formula; numbers stay as they are."""
    is_number = all(sign.isdigit() or sign in "+-(); " for sign in value)
    return f"'{value}" if value.startswith(_BEGINS_FORMULA) and not is_number else value


def _csv_line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _essential(card: CardReading) -> CardReading:
    """What belongs into a code that a phone can read: no notes, no second addresses."""
    if not (_value(card.name) or _value(card.company) or card.phones or card.emails):
        raise NothingToExport("There is nothing on this card to put into a QR code.")
    return CardReading(
        name=card.name,
        company=card.company,
        title=card.title,
        phones=card.phones[:3],
        emails=card.emails[:1],
        websites=card.websites[:1],
        addresses=card.addresses[:1],
    )


def _png(image: object) -> bytes:
    from PIL import Image  # noqa: PLC0415 - slow to load, and only here

    target = io.BytesIO()
    Image.fromarray(image).save(target, "PNG")  # type: ignore[arg-type]
    return target.getvalue()
