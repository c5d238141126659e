"""Rows of somebody, in any table that has an owner: found, opened, deleted by what models tell."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Table, delete, select, tuple_

from forthwith.platform.crypto import Codec, SealBroken
from forthwith.platform.db import Base, Database, Session
from forthwith.platform.privacy.declared import ExportedFile, Subject
from forthwith.platform.rotation import SealedTable

_SECRETS: Final = frozenset(
    {"platform.people.password", "platform.api_keys.signing_secret", "cards.reply_tokens.token"}
)
"""What lets in whoever has it; an archive is passed on, and must not."""
_SECRET_MEMBERS: Final = frozenset({"secrets", "secret", "auth"})
_PAGE: Final = 200


def tables_of(schema: str, *but: str) -> list[SealedTable]:
    """The tables of a PostgreSQL schema with an owner, except those named, children last."""
    return [
        SealedTable(table, {c.name: c.info["sealed"] for c in table.columns if _is_sealed(c)})
        for table in Base.metadata.sorted_tables
        if table.schema == schema and "owner" in table.c and table.name not in but
    ]


def _is_sealed(column: Any) -> bool:
    return column.info.get("sealed") is not None


def belongs_to(table: Table, subject: Subject) -> ColumnElement[bool] | None:
    """Which rows are theirs; None when the table knows no persons and a person is asked for."""
    condition = table.c.owner == subject.owner
    if subject.names is None:
        return condition
    if "person" not in table.c:
        return None
    return condition & table.c.person.in_(subject.names)


async def delete_rows(session: Session, tables: Sequence[SealedTable], subject: Subject) -> int:
    """Delete their rows; how many."""
    deleted = 0
    for each in tables:
        condition = belongs_to(each.table, subject)
        if condition is not None:
            result: Any = await session.execute(delete(each.table).where(condition))
            deleted += result.rowcount
    return deleted


async def exported(
    db: Database, codec: Codec, tables: Sequence[SealedTable], subject: Subject
) -> AsyncIterator[ExportedFile]:
    """One JSON file for each table that has rows of theirs, opened."""
    for each in tables:
        condition = belongs_to(each.table, subject)
        if condition is None:
            continue
        content = _array(pages(db, each, condition), codec, each)
        first = await anext(content, None)
        if first is not None:
            yield ExportedFile(f"{each.name.replace('.', '/')}.json", _from(first, content))


async def pages(
    db: Database, each: SealedTable, condition: ColumnElement[bool]
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Rows in pages by their primary key, each page in a transaction of its own."""
    keys = list(each.table.primary_key)
    query = select(each.table).where(condition).order_by(*keys).limit(_PAGE)
    after: tuple[Any, ...] | None = None
    while True:
        page = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
        async with db.read() as session:
            rows = (await session.execute(page)).all()
        if rows:
            yield rows
        if len(rows) < _PAGE:
            return
        after = tuple(getattr(rows[-1], key.name) for key in keys)


def opened(codec: Codec, each: SealedTable, row: Row[Any]) -> dict[str, Any]:
    """A row as its owner may see it: sealed columns opened, digests and secrets left out."""
    shown: dict[str, Any] = {}
    for column in each.table.columns:
        value = getattr(row, column.name)
        if f"{each.name}.{column.name}" in _SECRETS:
            continue
        if column.name in each.columns:
            shown[column.name] = _without_secrets(_value(codec, each, column.name, row))
        elif not isinstance(value, bytes):
            shown[column.name] = value
    return shown


def plain(codec: Codec, each: SealedTable, column: str, row: Row[Any]) -> bytes:
    """A sealed value as bytes; empty when there is none, or it does not open any more."""
    value: bytes | None = getattr(row, column)
    try:
        return b"" if value is None else codec.open_bytes(value, each.place_of(column, row))
    except SealBroken:
        return b""


def says(codec: Codec, subject: Subject, each: SealedTable, row: Row[Any]) -> bool:
    """Whether anything sealed in a row names the person."""
    wanted = [msgspec.json.encode(name)[1:-1] for name in subject.names or ()]
    return any(
        name in plain(codec, each, column, row) for column in each.columns for name in wanted
    )


def _value(codec: Codec, each: SealedTable, column: str, row: Row[Any]) -> Any:
    found = plain(codec, each, column, row)
    if not found:
        return None
    try:
        return msgspec.json.decode(found)
    except msgspec.DecodeError:
        return found.decode(errors="replace")


def _without_secrets(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name not in _SECRET_MEMBERS}


async def _array(
    found: AsyncIterator[Sequence[Row[Any]]], codec: Codec, each: SealedTable
) -> AsyncIterator[bytes]:
    """A JSON array, a row on a line; nothing at all without rows."""
    before = b"[\n"
    async for rows in found:
        for row in rows:
            yield before + msgspec.json.encode(opened(codec, each, row))
            before = b",\n"
    if before == b",\n":
        yield b"\n]\n"


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
