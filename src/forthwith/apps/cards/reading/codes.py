"""vCard and MECARD in QR codes: what the card's owner says, letter by letter.

vCard: RFC 2426 (3.0) and RFC 6350 (4.0), as far as cards use them. MECARD: NTT DOCOMO's
"Guidelines and Specifications for Applying QR Codes".
"""

import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from forthwith.integrations.ocr.page import Box, Code

from .fields import NumberKind

_PROPERTY: Final = re.compile(
    r"^(?:[\w-]+\.)?(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^:]*)?):(?P<value>.*)$"
)
_ESCAPED: Final = re.compile(r"\\([\\,;:nN])")
_MECARD_FIELD: Final = re.compile(r"(?P<name>[A-Z-]+):(?P<value>(?:\\.|[^;\\])*);")


@dataclass(slots=True)
class Contact:
    """The fields of one code; addresses in one line, numbers with the kind that was given."""

    box: Box
    name: str | None = None
    company: str | None = None
    department: str | None = None
    title: str | None = None
    numbers: list[tuple[NumberKind, str]] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    websites: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def contact(codes: Sequence[Code]) -> Contact | None:
    """The first vCard or MECARD among the codes; a lone web address counts as well."""
    for code in codes:
        start = code.text.lstrip()[:12].upper()
        if start.startswith("BEGIN:VCARD"):
            return _vcard(code)
        if start.startswith("MECARD:"):
            return _mecard(code)
    return None


def _vcard(code: Code) -> Contact:
    found = Contact(code.box)
    structured: str | None = None
    for name, parameters, value in _properties(code.text):
        if name == "N":
            structured = _person(value)
        else:
            _fill(found, name, parameters, value)
    found.name = found.name or structured
    return found


def _properties(text: str) -> list[tuple[str, str, str]]:
    # A line that starts with a blank goes on with the line before (RFC 6350, 3.2).
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    matches = map(_PROPERTY.match, unfolded.splitlines())
    return [(m["name"].upper(), m["parameters"].upper(), _decoded(m)) for m in matches if m]


def _decoded(match: re.Match[str]) -> str:
    value = match["value"].strip()
    if "QUOTED-PRINTABLE" in match["parameters"].upper():
        value = quopri.decodestring(value).decode("utf-8", "replace")
    return value


def _person(value: str) -> str:
    """`Family;Given;Middle;Prefix;Suffix`, in the order its script is spoken in."""
    family, given, middle, *_ = [*_parts(value), "", "", ""]
    if re.search(r"[\u3041-\u30ff\u4e00-\u9fff]", family):
        return " ".join(filter(None, (family, given))) if " " in value else family + given
    return " ".join(filter(None, (given, middle, family)))


def _fill(found: Contact, name: str, parameters: str, value: str) -> None:
    parts = [part for part in _parts(value) if part]
    text = " ".join(parts)
    if not text:
        return
    if name == "FN":
        found.name = text
    elif name == "ORG":
        found.company, found.department = parts[0], " ".join(parts[1:]) or None
    elif name in ("TITLE", "ROLE"):
        found.title = found.title or text
    elif name == "TEL":
        found.numbers.append((_kind(parameters), text.removeprefix("tel:")))
    else:
        _append(found, name, text)


def _append(found: Contact, name: str, text: str) -> None:
    lists = {
        "EMAIL": found.emails,
        "URL": found.websites,
        "ADR": found.addresses,
        "NOTE": found.notes,
    }
    if name in lists:
        lists[name].append(text)


def _kind(parameters: str) -> NumberKind:
    if "FAX" in parameters:
        return "fax"
    return "mobile" if "CELL" in parameters or "MOBILE" in parameters else "phone"


def _parts(value: str) -> list[str]:
    return [_unescaped(part).strip() for part in re.split(r"(?<!\\);", value)]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], text)


def _mecard(code: Code) -> Contact:
    found = Contact(code.box)
    body = code.text.strip()[len("MECARD:") :]
    for match in _MECARD_FIELD.finditer(body if body.endswith(";") else body + ";"):
        name, value = match["name"], _unescaped(match["value"]).strip()
        if name == "N":
            family, _, given = value.partition(",")
            cjk = re.search(r"[\u3041-\u30ff\u4e00-\u9fff]", value) is not None
            found.name = f"{family}{given}" if cjk else f"{given} {family}".strip()
        elif name == "TEL":
            found.numbers.append(("phone", value))
        elif name == "ORG":
            found.company = value
        else:
            _append(found, name, value)
    return found
