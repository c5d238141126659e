"""What an application declares: how it hands over and how it deletes what it keeps of somebody."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from forthwith.platform.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: everything of the account `owner`, or of one person among the owner's rows.

    `names` are all ids by which that person is known here: as the other service calls them, and
    as our own rows do. None is the whole account.
    """

    owner: UUID
    names: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export: its path inside the archive, and its content in pieces."""

    name: str
    content: AsyncIterator[bytes]


Export: TypeAlias = Callable[[Runtime, Subject], AsyncIterator[ExportedFile]]
Erase: TypeAlias = Callable[[Runtime, Subject], Awaitable[int]]
Names: TypeAlias = Callable[[Runtime, UUID, frozenset[str]], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Privacy:
    """An application's part.

    `export` gives its files, each read to its end before the next. `erase` deletes rows, files
    and runs; it may be called again after a failure, and answers how many things it deleted.
    `names` gives further ids by which the application knows an owner's person, such as digests:
    all parts are then asked for all of them.
    """

    export: Export
    erase: Erase
    names: Names | None = None
