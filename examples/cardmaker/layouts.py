"""Where things stand on a card. Every layout prints every field of the identity it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from examples.cardmaker.icons import draw_logo
from examples.cardmaker.identity import Identity
from examples.cardmaker.sheet import Box, Line, Palette, Sheet
from examples.cardmaker.words import Labels


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


Layout = Callable[[Sheet, Identity, Design], None]


def left(sheet: Sheet, person: Identity, design: Design) -> None:
    """Everything flush left: company, name, contacts."""
    _mark(sheet, design, (0.88, 0.18), 0.2)
    sheet.place(_company(sheet, person, design), Box(0.07, 0.09, 0.74, 0.27))
    sheet.place(_person(sheet, person, design), Box(0.07, 0.31, 0.94, 0.57))
    sheet.place(_contacts(person, design), Box(0.07, 0.6, 0.94, 0.93), valign="bottom")


def centred(sheet: Sheet, person: Identity, design: Design) -> None:
    """Everything on the middle axis."""
    _mark(sheet, design, (0.5, 0.13), 0.13)
    sheet.place(_company(sheet, person, design), Box(0.08, 0.22, 0.92, 0.36), "centre")
    sheet.place(_person(sheet, person, design), Box(0.08, 0.37, 0.92, 0.61), "centre", "middle")
    sheet.place(_contacts(person, design), Box(0.08, 0.63, 0.92, 0.94), "centre", "bottom")


def columns(sheet: Sheet, person: Identity, design: Design) -> None:
    """Person left, contacts right of a rule."""
    sheet.place(_person(sheet, person, design), Box(0.06, 0.1, 0.46, 0.5))
    sheet.place(_company(sheet, person, design), Box(0.06, 0.62, 0.46, 0.9), valign="bottom")
    sheet.fill(Box(0.485, 0.12, 0.488, 0.88), sheet.palette.accent)
    sheet.place(_contacts(person, design, rows=3), Box(0.52, 0.1, 0.95, 0.9), valign="middle")


def logo_left(sheet: Sheet, person: Identity, design: Design) -> None:
    """A large logo with its word in the left third."""
    _mark(sheet, design, (0.19, 0.38), 0.3)
    sheet.place([_brand(sheet, person, 11)], Box(0.04, 0.6, 0.34, 0.75), "centre")
    lines = [*_person(sheet, person, design), *_spaced(_company(sheet, person, design), 0.8)]
    sheet.place(lines, Box(0.39, 0.1, 0.95, 0.52))
    sheet.place(_contacts(person, design), Box(0.39, 0.56, 0.95, 0.92), valign="bottom")


def logo_top(sheet: Sheet, person: Identity, design: Design) -> None:
    """Logo and company across the top, the person left, contacts lower right."""
    _logo(sheet, person, design, Box(0.06, 0.07, 0.5, 0.25))
    sheet.fill(Box(0.06, 0.285, 0.94, 0.29), sheet.palette.accent)
    sheet.place(_company(sheet, person, design), Box(0.52, 0.08, 0.94, 0.25), "right", "middle")
    sheet.place(_person(sheet, person, design), Box(0.06, 0.33, 0.94, 0.56))
    sheet.place(_contacts(person, design), Box(0.3, 0.6, 0.94, 0.93), "right", "bottom")


def icons(sheet: Sheet, person: Identity, design: Design) -> None:
    """Signs or lettered badges where other cards have words."""
    _logo(sheet, person, design, Box(0.62, 0.08, 0.94, 0.24))
    sheet.place(_person(sheet, person, design), Box(0.07, 0.1, 0.6, 0.38))
    sheet.place(_company(sheet, person, design), Box(0.07, 0.41, 0.94, 0.54))
    lines = _iconed(person, design)
    sheet.place(lines, Box(0.07, 0.57, 0.94, 0.93), valign="bottom", tabular=True)


def dark(sheet: Sheet, person: Identity, design: Design) -> None:
    """Light text on a dark ground with a coloured edge."""
    sheet.fill(Box(0, 0, 0.022, 1), sheet.palette.accent)
    _logo(sheet, person, design, Box(0.08, 0.09, 0.5, 0.24))
    sheet.place(_company(sheet, person, design), Box(0.08, 0.27, 0.94, 0.41))
    sheet.place(_person(sheet, person, design), Box(0.08, 0.42, 0.94, 0.63), valign="middle")
    sheet.place(_contacts(person, design), Box(0.08, 0.65, 0.94, 0.93), valign="bottom")


def letterspaced(sheet: Sheet, person: Identity, design: Design) -> None:
    """Name and company with wide gaps between the letters."""
    wide = 0.45 if _compact(person.name) else 0.18
    sheet.place(
        _tracked(_company(sheet, person, design), 0.16), Box(0.08, 0.1, 0.92, 0.25), "centre"
    )
    sheet.place(
        _tracked(_person(sheet, person, design), wide),
        Box(0.08, 0.32, 0.92, 0.57),
        "centre",
        "middle",
    )
    sheet.place(_contacts(person, design), Box(0.08, 0.62, 0.92, 0.92), "centre", "bottom")


def small_print(sheet: Sheet, person: Identity, design: Design) -> None:
    """Much empty paper, very small text."""
    small = replace(design, body_size=5.2, name_size=min(design.name_size, 9.5))
    _mark(sheet, design, (0.9, 0.16), 0.14)
    sheet.place(_person(sheet, person, small), Box(0.08, 0.12, 0.7, 0.4))
    sheet.place(_company(sheet, person, small), Box(0.08, 0.56, 0.7, 0.68), valign="bottom")
    sheet.place(_contacts(person, small), Box(0.08, 0.69, 0.8, 0.92), valign="bottom")


def long_address(sheet: Sheet, person: Identity, design: Design) -> None:
    """The address in a narrow column over as many lines as it has pieces."""
    sheet.place(_company(sheet, person, design), Box(0.06, 0.09, 0.94, 0.25))
    sheet.place(_person(sheet, person, design), Box(0.06, 0.3, 0.94, 0.53))
    address = _address(person, design, rows=4)
    numbers = _contacts(replace(person, address=(), second_address=()), design)
    sheet.place(address, Box(0.06, 0.58, 0.45, 0.92), valign="bottom")
    sheet.place(numbers, Box(0.5, 0.58, 0.95, 0.92), valign="bottom")


def number_line(sheet: Sheet, person: Identity, design: Design) -> None:
    """All numbers on one line, mail and site on another."""
    _logo(sheet, person, design, Box(0.07, 0.08, 0.4, 0.24))
    sheet.place(_person(sheet, person, design), Box(0.42, 0.1, 0.94, 0.42), "right")
    sheet.place(_company(sheet, person, design), Box(0.07, 0.5, 0.94, 0.64))
    sheet.place(_joined(person, design), Box(0.07, 0.66, 0.94, 0.93), valign="bottom")


def logo_only(sheet: Sheet, person: Identity, design: Design) -> None:
    """The company appears as the word in the logo and nowhere else."""
    mark = Box(0.06, 0.1, 0.56, 0.32)
    _logo(sheet, person, design, mark)
    sheet.place(_person(sheet, person, design), Box(0.07, 0.4, 0.94, 0.62))
    sheet.place(_contacts(person, design), Box(0.07, 0.65, 0.94, 0.92), valign="bottom")


def sidebar(sheet: Sheet, person: Identity, design: Design) -> None:
    """A coloured band with the reversed logo, text beside it."""
    sheet.fill(Box(0, 0, 0.31, 1), sheet.palette.accent)
    reversed_palette = Palette(
        sheet.palette.accent, sheet.palette.paper, sheet.palette.paper, sheet.palette.paper
    )
    palette, sheet.palette = sheet.palette, reversed_palette
    _mark(sheet, design, (0.155, 0.36), 0.26)
    sheet.place([_brand(sheet, person, 10)], Box(0.025, 0.56, 0.285, 0.74), "centre")
    sheet.palette = palette
    sheet.place(_person(sheet, person, design), Box(0.36, 0.1, 0.95, 0.36))
    sheet.place(_company(sheet, person, design), Box(0.36, 0.4, 0.95, 0.55))
    sheet.place(_contacts(person, design), Box(0.36, 0.57, 0.95, 0.92), valign="bottom")


def bilingual(sheet: Sheet, person: Identity, design: Design) -> None:
    """The same facts in two scripts, side by side; numbers below both."""
    native, latin = _two(person)
    for side, x in ((native, 0.06), (latin, 0.53)):
        right = x + 0.42
        sheet.place(_company(sheet, side, design), Box(x, 0.09, right, 0.2))
        sheet.place(_person(sheet, side, design), Box(x, 0.24, right, 0.45))
        sheet.place(_address(side, design, rows=3), Box(x, 0.48, right, 0.66))
    sheet.fill(Box(0.06, 0.69, 0.94, 0.694), sheet.palette.accent)
    rest = replace(person, address=(), second_address=())
    sheet.place(_joined(rest, design), Box(0.06, 0.72, 0.94, 0.93), valign="middle")


def portrait(sheet: Sheet, person: Identity, design: Design) -> None:
    """An upright card."""
    _mark(sheet, design, (0.22, 0.11), 0.2)
    sheet.place(_company(sheet, person, design), Box(0.1, 0.22, 0.92, 0.33))
    sheet.place(_person(sheet, person, design), Box(0.1, 0.38, 0.92, 0.57))
    sheet.place(_contacts(person, design, rows=3), Box(0.1, 0.62, 0.93, 0.94), valign="bottom")


def vertical(sheet: Sheet, person: Identity, design: Design) -> None:
    """Columns from right to left, numbers level at the foot."""
    column = sheet.vertical(person.company, 0.93, 0.08, 12, bold=design.bold_company, bottom=0.9)
    duty = " ".join(part for part in (person.department, person.title) if part)
    column = sheet.vertical(duty, column - 0.09, 0.08, 8.5, bottom=0.5)
    sheet.vertical(
        "　".join(person.name.replace("　", "").replace(" ", ""))
        if len(person.name) < 4
        else person.name,
        column - 0.015,
        0.16,
        17,
        bottom=0.92,
    )
    _mark(sheet, design, (0.12, 0.2), 0.16)
    lines = [*_contacts(replace(person, department="", title=""), design, rows=3)]
    sheet.place(lines, Box(0.06, 0.4, 0.53, 0.92), valign="bottom")


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout with its needs: languages (none: all), upright paper, dark paper, second script."""

    draw: Layout
    languages: tuple[str, ...] = ()
    upright: bool = False
    dark: bool = False
    bilingual: bool = False
    hides_company: bool = False
    brand: bool = False  # prints the word of the logo


LAYOUTS: dict[str, Plan] = {
    "left": Plan(left),
    "centred": Plan(centred),
    "columns": Plan(columns),
    "logo-left": Plan(logo_left, brand=True),
    "logo-top": Plan(logo_top, brand=True),
    "icons": Plan(icons, brand=True),
    "dark": Plan(dark, dark=True, brand=True),
    "letterspaced": Plan(letterspaced),
    "small-print": Plan(small_print),
    "long-address": Plan(long_address),
    "number-line": Plan(number_line, brand=True),
    "logo-only": Plan(logo_only, hides_company=True, brand=True),
    "sidebar": Plan(sidebar, brand=True),
    "portrait": Plan(portrait, upright=True),
    "bilingual": Plan(
        bilingual, languages=("zh-Hant", "zh-Hans", "ja", "en+zh-Hant"), bilingual=True
    ),
    "vertical": Plan(vertical, languages=("ja", "zh-Hant")),
}


def _company(sheet: Sheet, person: Identity, design: Design) -> list[Line]:
    size = design.body_size * 1.35
    return [
        Line(text=person.company, size=size, bold=design.bold_company),
        Line(text=person.second_company, size=size * 0.72, gap=0.15),
        Line(text=person.slogan, size=size * 0.6, gap=0.3, colour=sheet.palette.soft),
    ]


def _person(sheet: Sheet, person: Identity, design: Design) -> list[Line]:
    duty = design.name_size * 0.52
    return [
        Line(text=person.department, size=duty, colour=sheet.palette.soft),
        Line(text=person.name, size=design.name_size, bold=True),
        Line(text=person.second_name, size=design.name_size * 0.6),
        Line(text=person.title, size=duty, gap=0.25, colour=sheet.palette.soft),
        Line(text=person.second_title, size=duty * 0.9, gap=0.1, colour=sheet.palette.soft),
    ]


def _contacts(person: Identity, design: Design, rows: int = 2) -> list[Line]:
    address = _address(person, design, rows)
    reach = [
        *(_line(design, number.kind, number.printed) for number in person.numbers),
        _line(design, "email", person.email),
        _line(design, "website", person.website),
    ]
    lines = [*address, *reach] if design.address_first else [*reach, *address]
    return [*lines, _line(design, "tax_id", person.tax_id)]


def _line(design: Design, kind: str, text: str) -> Line:
    return Line(text=text, label=design.labels[kind] if text else "", size=design.body_size)


def _address(person: Identity, design: Design, rows: int) -> list[Line]:
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


def _iconed(person: Identity, design: Design) -> list[Line]:
    plain = replace(design, labels=dict.fromkeys(design.labels, ""), address_first=False)
    kinds = [number.kind for number in person.numbers] + ["email", "website", "address"]
    lines = [line for line in _contacts(replace(person, tax_id=""), plain)]
    signed = [_signed(line, kind, design) for line, kind in zip(lines, kinds, strict=False)]
    return [*signed, *lines[len(kinds) :], _line(design, "tax_id", person.tax_id)]


def _signed(line: Line, kind: str, design: Design) -> Line:
    return replace(line, icon=kind[0].upper() if design.badges else kind, gap=0.12)


def _joined(person: Identity, design: Design) -> list[Line]:
    numbers = "   ".join(design.labels[number.kind] + number.printed for number in person.numbers)
    online = "   ".join(
        design.labels[kind] + text
        for kind, text in (("email", person.email), ("website", person.website))
        if text
    )
    lines = [Line(text=numbers, size=design.body_size), Line(text=online, size=design.body_size)]
    return [*_address(person, design, rows=1), *lines, _line(design, "tax_id", person.tax_id)]


def _tracked(lines: Sequence[Line], tracking: float) -> list[Line]:
    """Track the first two sizes of a block and leave the rest."""
    return [
        replace(line, tracking=tracking if line.bold or index == 0 else 0.05)
        for index, line in enumerate(lines)
    ]


def _spaced(lines: Sequence[Line], gap: float) -> list[Line]:
    return [replace(line, gap=gap) if index == 0 else line for index, line in enumerate(lines)]


def _brand(sheet: Sheet, person: Identity, size: float) -> Line:
    return Line(text=person.brand, size=size, bold=True, tracking=0.04, colour=sheet.palette.accent)


def _logo(sheet: Sheet, person: Identity, design: Design, box: Box) -> None:
    """Draw the mark and set its word behind it."""
    side = (box.bottom - box.top) * sheet.image.height / sheet.image.width
    centre = (box.left + side / 2, (box.top + box.bottom) / 2)
    _mark(sheet, design, centre, box.bottom - box.top)
    text = Box(box.left + side * 1.2, box.top, box.right, box.bottom)
    sheet.place([_brand(sheet, person, 15)], text, valign="middle")


def _mark(sheet: Sheet, design: Design, centre: tuple[float, float], height: float) -> None:
    """Draw the mark about a point; `height` in parts of the shorter side."""
    side = height * min(sheet.image.size)
    at = (centre[0] * sheet.image.width - side / 2, centre[1] * sheet.image.height - side / 2)
    draw_logo(sheet.draw, design.logo, at, side, sheet.palette.accent, sheet.palette.paper)


def _two(person: Identity) -> tuple[Identity, Identity]:
    plain = replace(
        person, second_name="", second_title="", second_company="", second_address=(), slogan=""
    )
    other = replace(
        plain,
        name=person.second_name,
        title=person.second_title,
        company=person.second_company,
        address=person.second_address,
        glue=" ",
        department="",
    )
    return plain, other


def _compact(name: str) -> bool:
    return len(name) <= 5
