"""Where things stand on a card. Every layout prints every field of the identity it is given."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from examples.cardmaker.blocks import (
    Design,
    address_lines,
    brand_line,
    company_lines,
    contact_lines,
    joined_lines,
    person_lines,
    signed_lines,
    spaced,
    tracked,
)
from examples.cardmaker.identity import Identity
from examples.cardmaker.logos import draw_logo
from examples.cardmaker.qrcode import qr_picture, vcard
from examples.cardmaker.sheet import Box, Line, Palette, Sheet

SHORT_NAME = 4  # characters; only CJK names are that short

Layout = Callable[[Sheet, Identity, Design], None]


def left(sheet: Sheet, person: Identity, design: Design) -> None:
    """Everything flush left: company, name, contacts."""
    _mark(sheet, design, (0.88, 0.18), 0.2)
    sheet.place(company_lines(sheet, person, design), Box(0.07, 0.09, 0.74, 0.27))
    sheet.place(person_lines(sheet, person, design), Box(0.07, 0.31, 0.94, 0.57))
    sheet.place(contact_lines(person, design), Box(0.07, 0.6, 0.94, 0.93), valign="bottom")


def centred(sheet: Sheet, person: Identity, design: Design) -> None:
    """Everything on the middle axis."""
    _mark(sheet, design, (0.5, 0.13), 0.13)
    sheet.place(company_lines(sheet, person, design), Box(0.08, 0.22, 0.92, 0.36), "centre")
    sheet.place(
        person_lines(sheet, person, design), Box(0.08, 0.37, 0.92, 0.61), "centre", "middle"
    )
    sheet.place(contact_lines(person, design), Box(0.08, 0.63, 0.92, 0.94), "centre", "bottom")


def columns(sheet: Sheet, person: Identity, design: Design) -> None:
    """Person left, contacts right of a rule."""
    sheet.place(person_lines(sheet, person, design), Box(0.06, 0.1, 0.43, 0.5))
    sheet.place(
        company_lines(sheet, person, design, 18), Box(0.06, 0.6, 0.43, 0.9), valign="bottom"
    )
    sheet.fill(Box(0.45, 0.12, 0.453, 0.88), sheet.palette.accent)
    contacts = contact_lines(person, design, rows=3)
    sheet.place(contacts, Box(0.475, 0.1, 0.965, 0.9), valign="middle")


def logo_left(sheet: Sheet, person: Identity, design: Design) -> None:
    """A large logo with its word in the left third."""
    _mark(sheet, design, (0.19, 0.38), 0.3)
    sheet.place([brand_line(sheet, person, 11)], Box(0.04, 0.6, 0.34, 0.75), "centre")
    lines = [
        *person_lines(sheet, person, design),
        *spaced(company_lines(sheet, person, design, 28), 0.8),
    ]
    sheet.place(lines, Box(0.39, 0.1, 0.95, 0.52))
    sheet.place(contact_lines(person, design), Box(0.39, 0.56, 0.95, 0.92), valign="bottom")


def logo_top(sheet: Sheet, person: Identity, design: Design) -> None:
    """Logo and company across the top, the person left, contacts lower right."""
    _logo(sheet, person, design, Box(0.06, 0.07, 0.47, 0.25))
    sheet.fill(Box(0.06, 0.285, 0.94, 0.29), sheet.palette.accent)
    sheet.place(
        company_lines(sheet, person, design, 24), Box(0.5, 0.07, 0.94, 0.26), "right", "middle"
    )
    sheet.place(person_lines(sheet, person, design), Box(0.06, 0.33, 0.94, 0.56))
    sheet.place(contact_lines(person, design), Box(0.3, 0.6, 0.94, 0.93), "right", "bottom")


def icons(sheet: Sheet, person: Identity, design: Design) -> None:
    """Signs or lettered badges where other cards have words."""
    _logo(sheet, person, design, Box(0.57, 0.09, 0.95, 0.23))
    sheet.place(person_lines(sheet, person, design), Box(0.07, 0.1, 0.5, 0.38))
    sheet.place(company_lines(sheet, person, design), Box(0.07, 0.41, 0.94, 0.54))
    lines = signed_lines(person, design)
    sheet.place(lines, Box(0.07, 0.57, 0.94, 0.93), valign="bottom", tabular=True)


def dark(sheet: Sheet, person: Identity, design: Design) -> None:
    """Light text on a dark ground with a coloured edge."""
    sheet.fill(Box(0, 0, 0.022, 1), sheet.palette.accent)
    _logo(sheet, person, design, Box(0.08, 0.09, 0.5, 0.24))
    sheet.place(company_lines(sheet, person, design), Box(0.08, 0.27, 0.94, 0.41))
    sheet.place(person_lines(sheet, person, design), Box(0.08, 0.42, 0.94, 0.63), valign="middle")
    sheet.place(contact_lines(person, design), Box(0.08, 0.65, 0.94, 0.93), valign="bottom")


def letterspaced(sheet: Sheet, person: Identity, design: Design) -> None:
    """Name and company with wide gaps between the letters."""
    wide = 0.45 if len(person.name) <= SHORT_NAME else 0.18
    sheet.place(
        tracked(company_lines(sheet, person, design), 0.16), Box(0.08, 0.1, 0.92, 0.25), "centre"
    )
    sheet.place(
        tracked(person_lines(sheet, person, design), wide),
        Box(0.08, 0.32, 0.92, 0.57),
        "centre",
        "middle",
    )
    sheet.place(contact_lines(person, design), Box(0.08, 0.62, 0.92, 0.92), "centre", "bottom")


def small_print(sheet: Sheet, person: Identity, design: Design) -> None:
    """Much empty paper, very small text."""
    small = replace(design, body_size=5.2, name_size=min(design.name_size, 9.5))
    _mark(sheet, design, (0.9, 0.16), 0.14)
    sheet.place(person_lines(sheet, person, small), Box(0.08, 0.12, 0.7, 0.4))
    sheet.place(company_lines(sheet, person, small), Box(0.08, 0.56, 0.7, 0.68), valign="bottom")
    sheet.place(contact_lines(person, small), Box(0.08, 0.69, 0.8, 0.92), valign="bottom")


def long_address(sheet: Sheet, person: Identity, design: Design) -> None:
    """The address in a narrow column over as many lines as it has pieces."""
    sheet.place(company_lines(sheet, person, design), Box(0.06, 0.09, 0.94, 0.25))
    sheet.place(person_lines(sheet, person, design), Box(0.06, 0.3, 0.94, 0.53))
    address = address_lines(person, design, rows=4)
    numbers = contact_lines(replace(person, address=(), second_address=()), design)
    sheet.place(address, Box(0.06, 0.58, 0.45, 0.92), valign="bottom")
    sheet.place(numbers, Box(0.5, 0.58, 0.95, 0.92), valign="bottom")


def number_line(sheet: Sheet, person: Identity, design: Design) -> None:
    """All numbers on one line, mail and site on another."""
    _logo(sheet, person, design, Box(0.07, 0.08, 0.48, 0.24))
    sheet.place(person_lines(sheet, person, design), Box(0.5, 0.1, 0.94, 0.46), "right")
    sheet.place(company_lines(sheet, person, design), Box(0.07, 0.5, 0.94, 0.64))
    sheet.place(joined_lines(person, design), Box(0.07, 0.66, 0.94, 0.93), valign="bottom")


def logo_only(sheet: Sheet, person: Identity, design: Design) -> None:
    """The company appears as the word in the logo and nowhere else."""
    mark = Box(0.06, 0.1, 0.56, 0.32)
    _logo(sheet, person, design, mark)
    sheet.place(person_lines(sheet, person, design), Box(0.07, 0.4, 0.94, 0.62))
    sheet.place(contact_lines(person, design), Box(0.07, 0.65, 0.94, 0.92), valign="bottom")


def sidebar(sheet: Sheet, person: Identity, design: Design) -> None:
    """A coloured band with the reversed logo, text beside it."""
    sheet.fill(Box(0, 0, 0.31, 1), sheet.palette.accent)
    reversed_palette = Palette(
        sheet.palette.accent, sheet.palette.paper, sheet.palette.paper, sheet.palette.paper
    )
    palette, sheet.palette = sheet.palette, reversed_palette
    _mark(sheet, design, (0.155, 0.36), 0.26)
    sheet.place([brand_line(sheet, person, 10)], Box(0.025, 0.56, 0.285, 0.74), "centre")
    sheet.palette = palette
    sheet.place(person_lines(sheet, person, design), Box(0.36, 0.1, 0.95, 0.36))
    sheet.place(company_lines(sheet, person, design), Box(0.36, 0.4, 0.95, 0.55))
    sheet.place(contact_lines(person, design), Box(0.36, 0.57, 0.95, 0.92), valign="bottom")


def bilingual(sheet: Sheet, person: Identity, design: Design) -> None:
    """The same facts in two scripts, side by side; numbers below both."""
    native, latin = _two(person)
    for side, x in ((native, 0.06), (latin, 0.53)):
        right = x + 0.42
        sheet.place(company_lines(sheet, side, design, 22), Box(x, 0.08, right, 0.22))
        sheet.place(person_lines(sheet, side, design), Box(x, 0.24, right, 0.45))
        sheet.place(address_lines(side, design, rows=3), Box(x, 0.48, right, 0.66))
    sheet.fill(Box(0.06, 0.69, 0.94, 0.694), sheet.palette.accent)
    rest = replace(person, address=(), second_address=())
    sheet.place(joined_lines(rest, design), Box(0.06, 0.72, 0.94, 0.93), valign="middle")


def portrait(sheet: Sheet, person: Identity, design: Design) -> None:
    """An upright card."""
    _mark(sheet, design, (0.22, 0.11), 0.2)
    sheet.place(company_lines(sheet, person, design, 22), Box(0.1, 0.2, 0.92, 0.34))
    sheet.place(person_lines(sheet, person, design), Box(0.1, 0.38, 0.92, 0.57))
    sheet.place(contact_lines(person, design, rows=3), Box(0.1, 0.62, 0.93, 0.94), valign="bottom")


def vertical(sheet: Sheet, person: Identity, design: Design) -> None:
    """Columns from right to left, numbers level at the foot."""
    column = sheet.vertical(person.company, 0.93, 0.08, 12, bold=design.bold_company, bottom=0.9)
    duty = " ".join(part for part in (person.department, person.title) if part)
    column = sheet.vertical(duty, column - 0.09, 0.08, 8.5, bottom=0.5)
    sheet.vertical(_airy(person.name), column - 0.015, 0.16, 17, bottom=0.92)
    _mark(sheet, design, (0.12, 0.2), 0.16)
    latin = [
        Line(text=person.second_name, size=design.body_size, bold=True),
        Line(text=person.second_company, size=design.body_size),
    ]
    lines = [*latin, *contact_lines(person, design, rows=3)]
    sheet.place(lines, Box(0.06, 0.4, 0.53, 0.92), valign="bottom")


def qr(sheet: Sheet, person: Identity, design: Design) -> None:
    """A vCard in a QR code beside the text."""
    sheet.place(company_lines(sheet, person, design, 26), Box(0.06, 0.08, 0.6, 0.27))
    sheet.place(person_lines(sheet, person, design), Box(0.06, 0.29, 0.6, 0.53))
    sheet.place(contact_lines(person, design), Box(0.06, 0.57, 0.6, 0.93), valign="bottom")
    sheet.paste(qr_picture(vcard(person), sheet.palette.ink, sheet.palette.paper), (0.8, 0.5), 0.56)


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
    "qr": Plan(qr),
    "bilingual": Plan(
        bilingual, languages=("zh-Hant", "zh-Hans", "ja", "en+zh-Hant"), bilingual=True
    ),
    "vertical": Plan(vertical, languages=("ja", "zh-Hant")),
}


def _logo(sheet: Sheet, person: Identity, design: Design, box: Box) -> None:
    """Draw the mark and set its word behind it."""
    side = (box.bottom - box.top) * sheet.image.height / sheet.image.width
    centre = (box.left + side / 2, (box.top + box.bottom) / 2)
    _mark(sheet, design, centre, box.bottom - box.top)
    text = Box(box.left + side * 1.2, box.top, box.right, box.bottom)
    sheet.place([brand_line(sheet, person, 15)], text, valign="middle")


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


def _airy(name: str) -> str:
    """Open a short name with full-width spaces, as upright cards do."""
    plain = name.replace("　", "").replace(" ", "")
    return "　".join(plain) if len(plain) < SHORT_NAME else plain
