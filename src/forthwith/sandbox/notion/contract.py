"""Notion's recorded answers, held against every request and answer as examples of their shape.

There is no published specification; the recordings (github.com/ramnes/notion-sdk-py) lie beside
the checkout. What they show of a route is its shape: members that every recording has are
required, and no others are known. A request may also have what the documentation names.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from forthwith.sandbox.notion.answers import Json

_ID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_ERRORS: Final = ("error", "")
_OF_ANY_NAME: Final = "properties"
"""Its members are named by people, and shaped by their own type."""
_DOCUMENTED: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("POST", "/v1/data_sources/{id}/query"): frozenset(
        {"filter", "sorts", "page_size", "start_cursor"}
    ),
    ("PATCH", "/v1/data_sources/{id}"): frozenset({"properties"}),
    ("PATCH", "/v1/pages/{id}"): frozenset({"properties"}),
}
_OPTIONAL: Final = frozenset({"additional_data", "children"})
"""Members that recordings of some places only have; `parent` is another one for each kind."""


class Recording(NamedTuple):
    """One request and its answer."""

    media_type: str | None
    body: Any
    answer: Any


Recordings = dict[tuple[str, str], list[Recording]]


class Contract:
    """The recordings of one folder, and what has broken them so far."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError when there are no recordings."""
        self._recordings = _read(folder)
        self.broken: list[str] = []

    def look_at_request(self, method: str, path: str, media_type: str | None, body: Json) -> None:
        """Note what is wrong with a request."""
        place = _template(path)
        recorded = self._recordings.get((method, place))
        if recorded is None:
            self.broken.append(f"{method} {path} was never recorded")
            return
        if media_type not in {each.media_type for each in recorded}:
            self.broken.append(f"{method} {path} as {media_type} was never recorded")
        if media_type == "application/json":
            known = {name for each in recorded for name in each.body or {}}
            strange = body.keys() - known - _DOCUMENTED.get((method, place), frozenset())
            self.broken += [f"{method} {path} with {name} is unknown" for name in sorted(strange)]

    def look_at_answer(self, method: str, path: str, status: int, body: Json) -> None:
        """Note what is wrong with an answer."""
        is_error = status >= 400  # noqa: PLR2004 - where HTTP's errors begin
        key = _ERRORS if is_error else (method, _template(path))
        recorded = [each.answer for each in self._recordings.get(key, ())]
        if not recorded and not is_error:
            self.broken.append(f"{method} {path} was never recorded")
        faults = _faults(recorded, body, "")
        self.broken += [f"{status} to {method} {path}: {each}" for each in faults]


@cache
def _read(folder: Path) -> Recordings:
    recordings: Recordings = {}
    for file in sorted(folder.glob("*.json")):
        for each in msgspec.json.decode(file.read_bytes()).get("interactions", ()):
            request, answer = each["request"], each["response"]
            if not request["path"].startswith("/v1/"):
                continue
            is_error = answer["status"] != 200  # noqa: PLR2004 - all others went well
            key = _ERRORS if is_error else (request["method"], _template(request["path"]))
            made = Recording(request["content_type"], request["body"], answer["body"])
            recordings.setdefault(key, []).append(made)
    if not recordings:
        raise FileNotFoundError(f"no recordings of Notion in {folder}")
    return recordings


def _template(path: str) -> str:
    return _ID.sub("{id}", path)


def _faults(recorded: Sequence[Any], value: Any, place: str) -> Iterator[str]:
    """Where a value is shaped as no recording of its place is."""
    if not recorded:
        return
    if value is not None and not any(_is_like(each, value) for each in recorded):
        yield f"{place} is {value!r}, recorded was {recorded[0]!r}"
    elif isinstance(value, dict):
        alike = [each for each in recorded if isinstance(each, dict)]
        yield from _faults_of_members(alike, value, place)
    elif isinstance(value, list):
        items = [item for each in recorded if isinstance(each, list) for item in each]
        for number, item in enumerate(value):
            yield from _faults(items, item, f"{place}[{number}]")


def _faults_of_members(recorded: Sequence[Json], value: Json, place: str) -> Iterator[str]:
    if place.endswith(_OF_ANY_NAME):
        yield from _faults_of_properties(recorded, value, place)
        return
    known = [each for each in recorded if each.get("type") == value.get("type")]
    if not known:  # a kind of thing that the recordings do not show, such as another parent
        return
    for name in set.intersection(*(set(each) for each in known)) - value.keys() - _OPTIONAL:
        yield f"{place}.{name} is missing"
    for name, each in value.items():
        examples = [one[name] for one in known if name in one]
        if not examples and name not in _OPTIONAL:
            yield f"{place}.{name} was never recorded"
        yield from _faults(examples, each, f"{place}.{name}")


def _faults_of_properties(recorded: Sequence[Json], value: Json, place: str) -> Iterator[str]:
    """Properties with the members of a recorded one, and their own type's."""
    examples = [each for one in recorded for each in one.values()]
    for name, each in value.items():
        kind = each.get("type")
        of_kind = [one for one in examples if one["type"] == kind]
        if of_kind:
            yield from _faults(of_kind, each, f"{place}.{name}")
        common = {member for one in examples for member in one} - {one["type"] for one in examples}
        if examples and each.keys() != common | {kind}:
            yield f"{place}.{name} has {sorted(each)}"


def _is_like(example: Any, value: Any) -> bool:
    """Whether two values are of one JSON type; a place that was null may hold anything."""
    numbers = (int, float)
    if isinstance(example, numbers) and isinstance(value, numbers):
        return isinstance(example, bool) == isinstance(value, bool)
    return example is None or type(example) is type(value)
