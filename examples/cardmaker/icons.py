"""Small signs in front of contact lines, drawn or lettered."""

from collections.abc import Callable

from PIL import ImageDraw

from examples.cardmaker import fonts

Colour = tuple[int, int, int]
Point = tuple[float, float]
Paint = Callable[[ImageDraw.ImageDraw, float, float, float, Colour, Colour], None]


def draw_icon(
    draw: ImageDraw.ImageDraw, kind: str, at: Point, size: float, ink: Colour, paper: Colour
) -> None:
    """Draw a sign with its upper left corner at `at`; a single letter becomes a filled badge."""
    x, y = at
    if len(kind) == 1:
        _badge(draw, kind, x, y, size, ink, paper)
        return
    ICONS[kind](draw, x, y, size, ink, paper)


def _badge(
    draw: ImageDraw.ImageDraw, letter: str, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.ellipse((x, y, x + s, y + s), fill=ink)
    font = fonts.latin("grotesque", max(6, round(s * 0.68)), bold=True)
    draw.text((x + s / 2, y + s / 2), letter, fill=paper, font=font, anchor="mm")


def _phone(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    draw.arc(
        (x + s * 0.1, y - s * 0.5, x + s * 1.3, y + s * 0.85),
        95,
        175,
        fill=ink,
        width=max(2, round(s * 0.2)),
    )
    draw.ellipse((x + s * 0.02, y + s * 0.05, x + s * 0.34, y + s * 0.4), fill=ink)
    draw.ellipse((x + s * 0.55, y + s * 0.62, x + s * 0.92, y + s * 0.95), fill=ink)


def _mobile(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.rounded_rectangle((x + s * 0.22, y, x + s * 0.78, y + s), radius=s * 0.1, fill=ink)
    draw.rectangle((x + s * 0.3, y + s * 0.14, x + s * 0.7, y + s * 0.76), fill=paper)
    draw.ellipse((x + s * 0.45, y + s * 0.82, x + s * 0.55, y + s * 0.92), fill=paper)


def _fax(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.rectangle(
        (x + s * 0.22, y + s * 0.05, x + s * 0.78, y + s * 0.4),
        outline=ink,
        width=max(1, round(s * 0.07)),
    )
    draw.rectangle((x, y + s * 0.36, x + s, y + s * 0.78), fill=ink)
    draw.rectangle((x + s * 0.22, y + s * 0.6, x + s * 0.78, y + s * 0.98), fill=paper, outline=ink)


def _mail(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    width = max(2, round(s * 0.08))
    draw.rectangle((x, y + s * 0.18, x + s, y + s * 0.84), outline=ink, width=width)
    draw.line(
        [(x, y + s * 0.2), (x + s / 2, y + s * 0.56), (x + s, y + s * 0.2)], fill=ink, width=width
    )


def _globe(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, _paper: Colour
) -> None:
    width = max(1, round(s * 0.07))
    draw.ellipse((x, y, x + s, y + s), outline=ink, width=width)
    draw.ellipse((x + s * 0.28, y, x + s * 0.72, y + s), outline=ink, width=width)
    draw.line([(x, y + s / 2), (x + s, y + s / 2)], fill=ink, width=width)


def _pin(
    draw: ImageDraw.ImageDraw, x: float, y: float, s: float, ink: Colour, paper: Colour
) -> None:
    draw.ellipse((x + s * 0.18, y, x + s * 0.82, y + s * 0.64), fill=ink)
    draw.polygon(
        [(x + s * 0.22, y + s * 0.42), (x + s * 0.78, y + s * 0.42), (x + s / 2, y + s)], fill=ink
    )
    draw.ellipse((x + s * 0.38, y + s * 0.2, x + s * 0.62, y + s * 0.44), fill=paper)


ICONS: dict[str, Paint] = {
    "phone": _phone,
    "mobile": _mobile,
    "fax": _fax,
    "email": _mail,
    "website": _globe,
    "address": _pin,
}
