"""Flex messages, drawn as LINE draws them (https://developers.line.biz/en/reference/messaging-api/).

What a bot sends is drawn with elements, never as HTML, and every value that becomes a style is
checked first: a contact that somebody else wrote must not be able to draw over the page.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from nicegui import ui

Json: TypeAlias = Mapping[str, Any]
Tap: TypeAlias = Callable[[Json], object]
"""Called with the action of what was tapped."""

_SIZES: Final = {
    "xxs": 11,
    "xs": 13,
    "sm": 14,
    "md": 16,
    "lg": 19,
    "xl": 22,
    "xxl": 29,
    "3xl": 35,
    "4xl": 48,
    "5xl": 74,
}
_SPACES: Final = {"none": 0, "xs": 2, "sm": 4, "md": 8, "lg": 12, "xl": 16, "xxl": 20}
_WIDTHS: Final = {"nano": 120, "micro": 160, "deca": 220, "hecto": 241, "kilo": 260, "mega": 300}
_ALIGN: Final = {"start": "left", "center": "center", "end": "right"}
_CROSS: Final = {"top": "flex-start", "center": "center", "bottom": "flex-end"}
_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")
_PIXELS: Final = re.compile(r"\d{1,4}(\.\d{1,2})?px")
_RATIO: Final = re.compile(r"(\d{1,6}):(\d{1,6})")
_MOST_SHARE: Final = 100
_ACCENT: Final = "#06c755"
_LINK: Final = "#42659a"


def draw(container: Json, tap: Tap) -> None:
    """Draw a bubble or a carousel inside the present element."""
    if container.get("type") == "carousel":
        with ui.row().classes("no-wrap gap-2 overflow-x-auto max-w-full pb-1"):
            for bubble in _parts(container):
                _bubble(bubble, tap)
    else:
        _bubble(container, tap)


def color(value: object, otherwise: str) -> str:
    """A colour as LINE writes it, or the other one when it is none."""
    return value if isinstance(value, str) and _COLOR.fullmatch(value) else otherwise


def pixels(value: object, names: Mapping[str, int], otherwise: int = 0) -> str:
    """A length in CSS, from LINE's names (`md`) or pixels (`8px`)."""
    if isinstance(value, str) and _PIXELS.fullmatch(value):
        return value
    return f"{names.get(str(value), otherwise)}px"


def _bubble(bubble: Json, tap: Tap) -> None:
    width = _WIDTHS.get(str(bubble.get("size", "mega")), _WIDTHS["mega"])
    card = (
        ui.column().classes("flex-bubble gap-0 overflow-hidden").style(f"width:{width}px;flex:none")
    )
    styles = bubble.get("styles", {})
    with _tappable(card, bubble, tap):
        for name in ("header", "hero", "body", "footer"):
            block = bubble.get(name)
            if not isinstance(block, Mapping):
                continue
            back = color(styles.get(name, {}).get("backgroundColor"), "transparent")
            padding = {"hero": "0", "footer": "10px"}.get(name, "16px")
            with ui.element("div").style(f"width:100%;background:{back};padding:{padding}"):
                _part(block, tap, "vertical")


def _part(part: Json, tap: Tap, layout: str) -> None:
    draw_part = _DRAWN.get(str(part.get("type")))
    if draw_part is not None:
        draw_part(part, tap, layout)


def _box(box: Json, tap: Tap, layout: str) -> None:
    own = str(box.get("layout", "vertical"))
    direction = "column" if own == "vertical" else "row"
    gap = pixels(box.get("spacing"), _SPACES)
    across = {"baseline": "baseline"}.get(own, "stretch")
    style = (
        f"display:flex;flex-direction:{direction};gap:{gap};align-items:{across};"
        f"background:{color(box.get('backgroundColor'), 'transparent')};"
        f"padding:{pixels(box.get('paddingAll'), _SPACES)};"
        f"border-radius:{pixels(box.get('cornerRadius'), _SPACES)};{_place(box, layout)}"
    )
    with _tappable(ui.element("div").style(style), box, tap):
        for each in _parts(box):
            _part(each, tap, own)


def _text(part: Json, tap: Tap, layout: str) -> None:
    spans = [span for span in _parts(part) if span.get("type") == "span"]
    said = str(part.get("text") or "".join(str(span.get("text", "")) for span in spans))
    lines = "pre-wrap" if part.get("wrap") else "nowrap"
    style = (
        f"{_type(part)};white-space:{lines};overflow:hidden;text-overflow:ellipsis;"
        f"overflow-wrap:{'anywhere' if part.get('wrap') else 'normal'};"
        f"text-align:{_ALIGN.get(str(part.get('align')), 'left')};{_place(part, layout)}"
    )
    if not spans:
        _tappable(ui.label(said).style(style), part, tap)
        return
    with _tappable(ui.element("div").style(style), part, tap):
        for span in spans:
            ui.label(str(span.get("text", ""))).style(f"display:inline;{_type(span)}")


def _type(part: Json) -> str:
    """Size, weight, colour and decoration of letters."""
    weight = 700 if part.get("weight") == "bold" else 400
    line = {"underline": "underline", "line-through": "line-through"}
    return (
        f"font-size:{pixels(part.get('size', 'md'), _SIZES, _SIZES['md'])};font-weight:{weight};"
        f"color:{color(part.get('color'), 'inherit')};line-height:1.35;"
        f"text-decoration:{line.get(str(part.get('decoration')), 'none')}"
    )


def _image(part: Json, tap: Tap, layout: str) -> None:
    url = str(part.get("url", ""))
    if not url.startswith(("https://", "http://127.0.0.1", "/")):
        return
    ratio = _RATIO.fullmatch(str(part.get("aspectRatio", "1:1")))
    fit = "cover" if part.get("aspectMode") == "cover" else "contain"
    shape = f"{ratio[1]}/{ratio[2]}" if ratio else "1/1"
    width = "100%" if part.get("size") == "full" else pixels(part.get("size"), {"sm": 80}, 100)
    picture = ui.element("img").props(f'src="{url}"' if '"' not in url else "")
    style = f"width:{width};aspect-ratio:{shape};object-fit:{fit};{_place(part, layout)}"
    _tappable(picture.style(style), part, tap)


def _button(part: Json, tap: Tap, layout: str) -> None:
    action = part.get("action", {})
    kind = part.get("style", "link")
    if kind == "link":
        look = f"color:{color(part.get('color'), _LINK)}"
    else:
        back = color(part.get("color"), _ACCENT if kind == "primary" else "#dcdfe5")
        look = f"background:{back};color:{'#ffffff' if kind == 'primary' else '#111111'}"
    height = 40 if part.get("height") == "sm" else 48
    button = ui.element("button").classes("flex-button")
    button.style(f"min-height:{height}px;{look};{_place(part, layout)}")
    with button:
        ui.label(str(action.get("label", "")))
    button.on("click", lambda: tap(action))


def _separator(part: Json, _: Tap, layout: str) -> None:
    line = f"background:{color(part.get('color'), '#8883')};{_place(part, layout)}"
    size = "height:1px;width:100%" if layout == "vertical" else "width:1px"
    ui.element("div").style(f"{size};{line}")


def _filler(part: Json, _: Tap, layout: str) -> None:
    ui.element("div").style(_place({**part, "flex": part.get("flex", 1)}, layout))


def _place(part: Json, layout: str) -> str:
    """How a part stands in its box: its share of a row, its distance, how it is aligned."""
    margin = pixels(part.get("margin"), _SPACES)
    style = f"margin-{'top' if layout == 'vertical' else 'left'}:{margin};min-width:0"
    if layout != "vertical":
        share = part.get("flex", 1)
        share = share if isinstance(share, int) and 0 <= share <= _MOST_SHARE else 1
        style += f";flex:{share} {share} {'0' if share else 'auto'}"
    gravity = _CROSS.get(str(part.get("gravity")))
    return f"{style};align-self:{gravity}" if gravity and layout == "horizontal" else style


def _parts(part: Json) -> list[Json]:
    return [each for each in part.get("contents", ()) if isinstance(each, Mapping)]


def _tappable(element: ui.element, part: Json, tap: Tap) -> ui.element:
    action = part.get("action")
    if isinstance(action, Mapping):
        element.classes("cursor-pointer").on("click", lambda: tap(action))
    return element


_DRAWN: Final[dict[str, Callable[[Json, Tap, str], None]]] = {
    "box": _box,
    "text": _text,
    "image": _image,
    "button": _button,
    "separator": _separator,
    "filler": _filler,
}
