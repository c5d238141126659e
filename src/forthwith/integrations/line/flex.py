"""Flex messages: bubbles of boxes, texts, pictures and buttons.

Style members are LINE's own in Python's spelling: `padding_all="12px"`, `background_color`.
https://developers.line.biz/en/reference/messaging-api/#flex-message
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from forthwith.integrations.line.messages import TEXT_LENGTH, Json, clipped

MOST_BUBBLES: Final = 12
BUBBLE_BYTES: Final = 30_000
CAROUSEL_BYTES: Final = 50_000

Style = str | int | bool | Json


def bubble(
    body: Json, *, hero: Json | None = None, footer: Json | None = None, **style: Style
) -> Json:
    """One bubble; `hero` is a picture or box above its body, `footer` a box of buttons below.

    Raises ValueError when it is larger than LINE takes.
    """
    parts = {"hero": hero, "body": body, "footer": footer}
    made: Json = {"type": "bubble"} | _styled(style)
    made |= {name: part for name, part in parts.items() if part is not None}
    return _bounded(made, BUBBLE_BYTES)


def carousel(bubbles: Sequence[Json]) -> Json:
    """Bubbles side by side. Raises ValueError for more, or larger ones, than LINE takes."""
    if not 1 <= len(bubbles) <= MOST_BUBBLES:
        raise ValueError(f"LINE takes 1 to {MOST_BUBBLES} bubbles in a carousel")
    return _bounded({"type": "carousel", "contents": list(bubbles)}, CAROUSEL_BYTES)


def column(*contents: Json, **style: Style) -> Json:
    """Components below one another."""
    return _box("vertical", contents, style)


def row(*contents: Json, **style: Style) -> Json:
    """Components side by side."""
    return _box("horizontal", contents, style)


def baseline(*contents: Json, **style: Style) -> Json:
    """Texts side by side on one line of writing."""
    return _box("baseline", contents, style)


def words(text: str, **style: Style) -> Json:
    """A text; without `wrap` it is cut off at the edge."""
    return {"type": "text", "text": clipped(text, TEXT_LENGTH)} | _styled(style)


def button(action: Json, **style: Style) -> Json:
    """A button with one of the actions of `messages`."""
    return {"type": "button", "action": action} | _styled(style)


def picture(url: str, **style: Style) -> Json:
    """A JPEG or PNG of at most 1,024 x 1,024 pixels, at an https address."""
    return {"type": "image", "url": url} | _styled(style)


def separator(**style: Style) -> Json:
    """A line between components."""
    return {"type": "separator"} | _styled(style)


Layout = Literal["vertical", "horizontal", "baseline"]


def _box(layout: Layout, contents: Sequence[Json], style: dict[str, Style]) -> Json:
    return {"type": "box", "layout": layout, "contents": list(contents)} | _styled(style)


def _styled(style: dict[str, Style]) -> Json:
    return {_camel(name): value for name, value in style.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _bounded(container: Json, most_bytes: int) -> Json:
    if len(msgspec.json.encode(container)) > most_bytes:
        raise ValueError(f"LINE takes {most_bytes} bytes of a {container['type']}")
    return container
