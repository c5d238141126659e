"""What LINE demands of the messages that are sent here, by hand.

The published specification leaves out most limits, and is not part of this repository; where
it is at hand `contract` holds requests against it as well. Words of the faults are LINE's.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import msgspec

Json: TypeAlias = dict[str, Any]


class Fault(NamedTuple):
    """One wrong place of a request, such as `messages[0].text`."""

    property: str
    message: str


Check: TypeAlias = Callable[[Any, str], Iterator[Fault]]
"""Looks at a value that stands at a place."""


class Member(NamedTuple):
    """One member of an object."""

    check: Check
    is_required: bool = True


Shape: TypeAlias = Mapping[str, Member]


def faults_of_messages(body: Json) -> list[Fault]:
    """What is wrong with the `messages` of a request."""
    return list(_MESSAGES(body.get("messages"), "messages"))


def _words(most: int) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        if not isinstance(value, str) or not value:
            yield Fault(place, "May not be empty")
        elif len(value.encode("utf-16-le", "surrogatepass")) // 2 > most:
            yield Fault(place, f"Length must be between 0 and {most}")

    return check


def _uri(schemes: frozenset[str], most: int) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        yield from _words(most)(value, place)
        if isinstance(value, str) and value and urlsplit(value).scheme not in schemes:
            yield Fault(place, "invalid uri scheme")

    return check


def _choice(*values: str) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        if value not in values:
            yield Fault(place, f"Must be one of the following values: [{', '.join(values)}]")

    return check


def _list(of: Check, least: int, most: int) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            yield Fault(place, f"Size must be between {least} and {most}")
            return
        for number, each in enumerate(value):
            yield from of(each, f"{place}[{number}]")

    return check


def _kind(shapes: Mapping[str, Shape]) -> Check:
    """An object whose `type` says which members it has."""

    def check(value: Any, place: str) -> Iterator[Fault]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            known = ", ".join(shapes)
            yield Fault(f"{place}.type", f"Must be one of the following values: [{known}]")
            return
        yield from _members(shapes[kind])(value, place)

    return check


def _members(shape: Shape) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(place, "May not be empty")
            return
        for name, member in shape.items():
            if name in value:
                yield from member.check(value[name], f"{place}.{name}")
            elif member.is_required:
                yield Fault(f"{place}.{name}", "May not be empty")

    return check


def _component(value: Any, place: str) -> Iterator[Fault]:
    """Boxes hold components, which may be boxes."""
    yield from _kind(_COMPONENTS)(value, place)


def _sized(of: Check, most_bytes: int) -> Check:
    def check(value: Any, place: str) -> Iterator[Fault]:
        yield from of(value, place)
        if len(msgspec.json.encode(value)) > most_bytes:
            yield Fault(place, f"Size must be between 0 and {most_bytes} bytes")

    return check


def _optional(check: Check) -> Member:
    return Member(check, is_required=False)


_LABEL: Final = Member(_words(20))
_ACTION: Final = _kind(
    {
        "message": {"label": _LABEL, "text": Member(_words(300))},
        "postback": {
            "label": _LABEL,
            "data": Member(_words(300)),
            "displayText": _optional(_words(300)),
        },
        "uri": {
            "label": _LABEL,
            "uri": Member(_uri(frozenset({"http", "https", "line", "tel", "mailto"}), 1_000)),
        },
        "camera": {"label": _LABEL},
        "cameraRoll": {"label": _LABEL},
        "location": {"label": _LABEL},
    }
)
_QUICK_REPLY: Final = _members(
    {"items": Member(_list(_kind({"action": {"action": Member(_ACTION)}}), 1, 13))}
)
_COMPONENTS: Final[Mapping[str, Shape]] = {
    "box": {
        "layout": Member(_choice("horizontal", "vertical", "baseline")),
        "contents": Member(_list(_component, 0, 1_000)),
        "action": _optional(_ACTION),
    },
    "text": {"text": Member(_words(5_000)), "action": _optional(_ACTION)},
    "button": {"action": Member(_ACTION)},
    "image": {"url": Member(_uri(frozenset({"https"}), 2_000)), "action": _optional(_ACTION)},
    "separator": {},
    "filler": {},
}
_BOX: Final = _optional(_kind({"box": _COMPONENTS["box"]}))
_BUBBLE: Final = _sized(
    _kind(
        {
            "bubble": {
                "header": _BOX,
                "hero": _optional(_component),
                "body": _BOX,
                "footer": _BOX,
                "size": _optional(
                    _choice("nano", "micro", "deca", "hecto", "kilo", "mega", "giga")
                ),
            }
        }
    ),
    30_000,
)


def _container(value: Any, place: str) -> Iterator[Fault]:
    if isinstance(value, dict) and value.get("type") == "carousel":
        carousel: Shape = {"contents": Member(_list(_BUBBLE, 1, 12))}
        yield from _sized(_members(carousel), 50_000)(value, place)
    else:
        yield from _BUBBLE(value, place)


_HTTPS: Final = Member(_uri(frozenset({"https"}), 2_000))
_COMMON: Final[Shape] = {"quickReply": _optional(_QUICK_REPLY)}
_MESSAGES: Final = _list(
    _kind(
        {
            "text": {"text": Member(_words(5_000)), **_COMMON},
            "flex": {
                "altText": Member(_words(1_500)),
                "contents": Member(_container),
                **_COMMON,
            },
            "image": {"originalContentUrl": _HTTPS, "previewImageUrl": _HTTPS, **_COMMON},
            "audio": {"originalContentUrl": _HTTPS, **_COMMON},
        }
    ),
    1,
    5,
)
