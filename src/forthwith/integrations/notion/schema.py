"""The properties that a data source has, and whether they are those that are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal[
    "title",
    "rich_text",
    "email",
    "phone_number",
    "url",
    "select",
    "multi_select",
    "number",
    "date",
    "files",
]
_TITLE: Final = "title"


@dataclass(frozen=True, slots=True)
class Column:
    """A property that is written; a title may have any name, since each source has one."""

    name: str
    kind: Kind


class Schema(msgspec.Struct, frozen=True):
    """A data source: its id, name and address, and its properties as names and types."""

    id: str
    name: str
    url: str
    columns: tuple[tuple[str, str], ...]

    def missing(self, wanted: Sequence[Column]) -> list[Column]:
        """What is to be written and is not there under any type."""
        names = {name for name, _ in self.columns}
        return [each for each in wanted if each.kind != _TITLE and each.name not in names]

    def of_other_kind(self, wanted: Sequence[Column]) -> list[tuple[Column, str]]:
        """What is there with another type than the one that is written."""
        kinds = dict(self.columns)
        found = ((each, kinds.get(each.name, each.kind)) for each in wanted if each.kind != _TITLE)
        return [(column, kind) for column, kind in found if kind != column.kind]

    def faults(self, wanted: Sequence[Column]) -> list[str]:
        """A sentence for each wrong place; none when pages can be written."""
        missing = [f"{each.name} ({each.kind}) is missing" for each in self.missing(wanted)]
        other = [
            f"{column.name} is {kind}, not {column.kind}: rename it"
            for column, kind in self.of_other_kind(wanted)
        ]
        return [*missing, *other]
