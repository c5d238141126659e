"""Values of properties: what Notion takes of each type, and how it gives them back.

Limits are those of https://developers.notion.com/reference/request-limits#size-limits, the
words of the refusals Notion's.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from forthwith.sandbox.notion import answers
from forthwith.sandbox.notion.answers import Json, invalid, out_of_bounds

_TEXT_LENGTH: Final = 2_000
_MOST_IN_ARRAY: Final = 100
_URL_LENGTH: Final = 2_000
_CONTACT_LENGTH: Final = 200
_OPTION_LENGTH: Final = 100


def taken(name: str, kind: str, value: Any) -> Any:
    """A value as it is kept. Raises `Wrong` for what Notion would not take."""
    if not isinstance(value, dict) or kind not in value:
        raise invalid(f"{name} is expected to be {kind}.")
    return _TAKEN[kind](value[kind], f"properties.{name}.{kind}")


def given(column: Json, value: Any) -> Json:
    """A value as an answer tells it."""
    kind = column["type"]
    told = [_told_file(each) for each in value] if kind == "files" else value
    return {"id": column["id"], "type": kind, kind: told}


def empty(kind: str) -> Any:
    """What a property holds that was never set."""
    return [] if kind in {"title", "rich_text", "multi_select", "files"} else None


def plain(value: Json) -> str:
    """What a person reads of an answered value."""
    held = value[value["type"]]
    if isinstance(held, list):
        return "".join(each.get("plain_text") or f"{each['name']} " for each in held).strip()
    if isinstance(held, dict):
        return str(held.get("name") or held.get("start") or "")
    return "" if held is None else str(held)


def _texts(runs: Any, place: str) -> list[Json]:
    return [answers.text(_content(each, f"{place}[{n}]")) for n, each in _array(runs, place)]


def _array(items: Any, place: str) -> list[tuple[int, Any]]:
    if not isinstance(items, list):
        raise invalid(f"body failed validation: body.{place} should be an array.")
    if len(items) > _MOST_IN_ARRAY:
        raise out_of_bounds(f"{place}.length", _MOST_IN_ARRAY, len(items))
    return list(enumerate(items))


def _content(run: Any, place: str) -> str:
    content = run.get("text", {}).get("content") if isinstance(run, dict) else None
    if not isinstance(content, str):
        raise invalid(f"body failed validation: body.{place}.text.content should be a string.")
    length = len(content.encode("utf-16-le", "surrogatepass")) // 2
    if length > _TEXT_LENGTH:
        raise out_of_bounds(f"{place}.text.content.length", _TEXT_LENGTH, length)
    return content


def _line(most: int) -> Callable[[Any, str], str | None]:
    def take(value: Any, place: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise invalid(f"body failed validation: body.{place} should be a string or `null`.")
        if len(value) > most:
            raise out_of_bounds(f"{place}.length", most, len(value))
        return value

    return take


def _number(value: Any, place: str) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise invalid(f"body failed validation: body.{place} should be a number or `null`.")
    return value


def _option(value: Any, place: str) -> Json | None:
    if value is None:
        return None
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name or "," in name:
        raise invalid(f"body failed validation: body.{place}.name should be a name without comma.")
    if len(name) > _OPTION_LENGTH:
        raise out_of_bounds(f"{place}.name.length", _OPTION_LENGTH, len(name))
    return {"id": str(uuid4()), "name": name, "color": "default"}


def _options(value: Any, place: str) -> list[Json | None]:
    return [_option(each, f"{place}[{n}]") for n, each in _array(value, place)]


def _date(value: Any, place: str) -> Json | None:
    if value is None:
        return None
    start = value.get("start") if isinstance(value, dict) else None
    if not isinstance(start, str):
        raise invalid(f"body failed validation: body.{place}.start should be a date.")
    return {"start": start, "end": None, "time_zone": None}


def _files(value: Any, place: str) -> list[Json]:
    files = [each for _, each in _array(value, place)]
    if not all(isinstance(each, dict) and "file_upload" in each for each in files):
        raise invalid(f"body failed validation: body.{place}[0].file_upload should be defined.")
    return [
        {"name": each.get("name", "file"), "upload": each["file_upload"]["id"]} for each in files
    ]


def _told_file(file: Json) -> Json:
    """A file is given back as an address that is good for an hour."""
    place = {"url": f"https://files.sandbox.invalid/{file['upload']}", "expiry_time": None}
    return {"name": file["name"], "type": "file", "file": place}


_TAKEN: Final[Mapping[str, Callable[[Any, str], Any]]] = {
    "title": _texts,
    "rich_text": _texts,
    "email": _line(_CONTACT_LENGTH),
    "phone_number": _line(_CONTACT_LENGTH),
    "url": _line(_URL_LENGTH),
    "number": _number,
    "select": _option,
    "multi_select": _options,
    "date": _date,
    "files": _files,
}
KINDS: Final = frozenset(_TAKEN)
