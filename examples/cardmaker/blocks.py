"""The groups of lines that layouts put into place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from examples.cardmaker.identity import Identity
from examples.cardmaker.sheet import Line, Sheet
from examples.cardmaker.words import BADGES, Labels

NUMBERS_WIDTH = 58  # characters on one line across the whole card


@dataclass(frozen=True, slots=True)
class Design:
    """The taste of one card: words, logo and sizes in points."""

    labels: Labels
    badges: bool  # lettered badges in place of drawn icons
    logo: str
    name_size: float
    body_size: float
    address_first: bool
    bold_company: bool


def company_lines(sheet: Sheet, person: Identity, design: Design, width: int = 36) -> list[Line]:
    """Set the company, a long Latin one on two lines; `width` in characters."""
    size = design.body_size * 1.35
    return [
        *(
            Line(text=part, size=size, bold=design.bold_company)
            for part in _broken(person.company, width)
        ),
        *(
            Line(text=part, size=size * 0.72, gap=0.1)
            for part in _broken(person.second_company, width)
        ),
        Line(text=person.slogan, size=size * 0.6, gap=0.3, colour=sheet.palette.soft),
    ]


def _broken(text: str, width: int) -> list[str]:
    """Break a text that is longer than `width` characters at the blank nearest its middle."""
    blanks = [index for index, sign in enumerate(text) if sign == " "]
    if len(text) <= width or not blanks:
        return [text]
    middle = min(blanks, key=lambda index: abs(index - len(text) / 2))
    return [text[:middle], text[middle + 1 :]]


def person_lines(sheet: Sheet, person: Identity, design: Design) -> list[Line]:
    """Set department, name and title, the name largest."""
    duty = design.name_size * 0.52
    return [
        Line(text=person.department, size=duty, colour=sheet.palette.soft),
        Line(text=person.name, size=design.name_size, bold=True),
        Line(text=person.second_name, size=design.name_size * 0.6),
        Line(text=person.title, size=duty, gap=0.25, colour=sheet.palette.soft),
        Line(text=person.second_title, size=duty * 0.9, gap=0.1, colour=sheet.palette.soft),
    ]


def contact_lines(person: Identity, design: Design, rows: int = 2) -> list[Line]:
    """Set everything by which the person is reached, one fact a line; address over `rows` lines."""
    address = address_lines(person, design, rows)
    reach = [
        *(_line(design, number.kind, number.printed) for number in person.numbers),
        _line(design, "email", person.email),
        _line(design, "website", person.website),
    ]
    lines = [*address, *reach] if design.address_first else [*reach, *address]
    return [*lines, _line(design, "tax_id", person.tax_id)]


def _line(design: Design, kind: str, text: str) -> Line:
    return Line(text=text, label=design.labels[kind] if text else "", size=design.body_size)


def address_lines(person: Identity, design: Design, rows: int) -> list[Line]:
    """Set the address in both scripts, each over at most `rows` lines."""
    first = _rows(person.address, person.glue, rows)
    second = _rows(person.second_address, " ", rows)
    lines = [Line(text=text, size=design.body_size) for text in (*first, *second)]
    return [
        replace(line, label=design.labels["address"]) if index == 0 else line
        for index, line in enumerate(lines)
    ]


def _rows(pieces: Sequence[str], glue: str, rows: int) -> list[str]:
    """Spread the pieces over at most `rows` lines, the last lines taking what is left."""
    if not pieces:
        return []
    count = min(rows, len(pieces))
    share, extra = divmod(len(pieces), count)
    lines, start = [], 0
    for index in range(count):
        end = start + share + (1 if index >= count - extra else 0)
        lines.append(glue.join(pieces[start:end]))
        start = end
    return lines


def signed_lines(person: Identity, design: Design) -> list[Line]:
    """Set the contacts with signs in place of words."""
    plain = replace(design, labels=dict.fromkeys(design.labels, ""), address_first=False)
    kinds = [number.kind for number in person.numbers] + ["email", "website", "address"]
    lines = contact_lines(replace(person, tax_id=""), plain)
    signed = [_signed(line, kind, design) for line, kind in zip(lines, kinds, strict=False)]
    return [*signed, *lines[len(kinds) :], _line(design, "tax_id", person.tax_id)]


def _signed(line: Line, kind: str, design: Design) -> Line:
    return replace(line, icon=BADGES[kind] if design.badges else kind, gap=0.12)


def joined_lines(person: Identity, design: Design) -> list[Line]:
    """Set numbers beside each other and mail beside site, fewer to a line where they are long."""
    numbers = [design.labels[number.kind] + number.printed for number in person.numbers]
    online = [
        design.labels[kind] + text
        for kind, text in (("email", person.email), ("website", person.website))
        if text
    ]
    share = 3 if sum(map(len, numbers)) <= NUMBERS_WIDTH else 2
    rows = [
        *_grouped(numbers, share),
        *_grouped(online, 2 if sum(map(len, online)) <= NUMBERS_WIDTH else 1),
    ]
    lines = [Line(text=row, size=design.body_size) for row in rows]
    return [*address_lines(person, design, rows=1), *lines, _line(design, "tax_id", person.tax_id)]


def _grouped(texts: Sequence[str], share: int) -> list[str]:
    return ["   ".join(texts[start : start + share]) for start in range(0, len(texts), share)]


def tracked(lines: Sequence[Line], tracking: float) -> list[Line]:
    """Track the first two sizes of a block and leave the rest."""
    return [
        replace(line, tracking=tracking if line.bold or index == 0 else 0.05)
        for index, line in enumerate(lines)
    ]


def spaced(lines: Sequence[Line], gap: float) -> list[Line]:
    """Push a block away from what stands above."""
    return [replace(line, gap=gap) if index == 0 else line for index, line in enumerate(lines)]


def brand_line(sheet: Sheet, person: Identity, size: float) -> Line:
    """Set the word of the logo; size in points."""
    return Line(text=person.brand, size=size, bold=True, tracking=0.04, colour=sheet.palette.accent)
