"""Values of properties as Notion takes them, within its limits.

https://developers.notion.com/reference/request-limits#size-limits (2026-07). A value too long
is refused with the whole page, so texts are split into runs and the rest is clipped.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

TEXT_LENGTH: Final = 2_000
"""Of one run of text, in UTF-16 units."""
MOST_RUNS: Final = 100
URL_LENGTH: Final = 2_000
CONTACT_LENGTH: Final = 200
"""Of an e-mail address, and of a telephone number."""
OPTION_LENGTH: Final = 100
NAME_LENGTH: Final = 900  # bytes of a file's name

_UNIT: Final = "utf-16-le"


def title(text: str) -> Json:
    """The page's name."""
    return {"title": _runs(text)}


def rich_text(text: str) -> Json:
    """A text of any length; an empty one clears the property."""
    return {"rich_text": _runs(text)}


def email(address: str | None) -> Json:
    """An e-mail address; None clears it."""
    return {"email": _short(address, CONTACT_LENGTH)}


def phone_number(number: str | None) -> Json:
    """A telephone number, in any form; None clears it."""
    return {"phone_number": _short(number, CONTACT_LENGTH)}


def url(address: str | None) -> Json:
    """A web address; None clears it."""
    return {"url": _short(address, URL_LENGTH)}


def number(value: float | None) -> Json:
    """A number; None clears it."""
    return {"number": value}


def select(option: str | None) -> Json:
    """One of some options, made when it is new; Notion takes no comma in its name."""
    if not option:
        return {"select": None}
    return {"select": {"name": option.replace(",", " ")[:OPTION_LENGTH]}}


def on_day(day: date | None) -> Json:
    """A date without a time."""
    return {"date": {"start": day.isoformat()} if day else None}


def uploaded_file(upload: str, name: str) -> Json:
    """A file that was uploaded just before."""
    kept = name.encode()[:NAME_LENGTH].decode(errors="ignore")
    return {"files": [{"type": "file_upload", "name": kept, "file_upload": {"id": upload}}]}


def is_empty(value: Json) -> bool:
    """Whether a value says nothing: a new page can do without it."""
    return not any(value.values())


def _runs(text: str) -> list[Json]:
    return [{"type": "text", "text": {"content": run}} for run in _split(text)][:MOST_RUNS]


def _split(text: str) -> Iterator[str]:
    """Pieces of at most `TEXT_LENGTH` units that cut no character; half ones are left out."""
    units = text.encode(_UNIT, "ignore")
    while units:
        piece = units[: 2 * TEXT_LENGTH].decode(_UNIT, "ignore")
        yield piece
        units = units[len(piece.encode(_UNIT)) :]


def _short(value: str | None, most: int) -> str | None:
    return value[:most] if value else None
