"""Rotation: everything sealed by an older key is sealed anew by the present one.

Works on what the values themselves tell of their key, so that it can be killed at any moment
and go on where it was. Rows are taken in small batches under row locks, and those that others
hold are skipped and come in the next pass: reads and writes go on all the while.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    Update,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)

from forthwith.platform import audit, logging
from forthwith.platform.blobs import BlobStore
from forthwith.platform.crypto import MARK_BYTES, Codec, SealBroken, Sealed, key_id_of, place
from forthwith.platform.db import Base, Database

log = logging.get(__name__)

BLOBS: Final = "blobs"
_BATCH: Final = 200
"""Rows: few enough that a lock is short, and that results of a megabyte fit into memory."""
_NEXT_PASS_SECONDS: Final = 0.2
"""Between two passes: whoever held a row has most likely finished with it."""
_VAIN_PASSES: Final = 25

Survey = dict[str, Counter[str]]
"""How many values each key sealed: by `schema.table` (and `blobs`), then by hex key id."""
Told = Callable[[str, int], Awaitable[None]]
"""Is told after every batch: the table (or `blobs`), and how many values were sealed anew."""


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with the columns of it that are sealed, and what their places are made of."""

    table: Table
    columns: dict[str, Sealed]

    @property
    def name(self) -> str:
        """`schema.table`."""
        return self.table.fullname

    def place_of(self, column: str, row: Any) -> bytes:
        """The place of a value in a row."""
        told = self.columns[column]
        parts = "|".join(str(getattr(row, name)) for name in told.row)
        return place(told.table or self.name, column, parts)


def sealed_tables() -> list[SealedTable]:
    """Every table with sealed columns, of all models that were imported."""
    found = []
    for table in Base.metadata.sorted_tables:
        columns = {c.name: told for c in table.columns if (told := c.info.get("sealed"))}
        if columns:
            found.append(SealedTable(table, columns))
    return found


async def survey(db: Database, blobs: BlobStore) -> Survey:
    """Count values by the key that sealed them; reads every table once.

    Values that are not sealed (a cache of what belongs to nobody) count under whatever they
    begin with.
    """
    found = {}
    for each in sealed_tables():
        counted: Counter[str] = Counter()
        for name in each.columns:
            counted += await _counted(db, each.table, name)
        found[each.name] = counted
    found[BLOBS] = await asyncio.to_thread(lambda: Counter(b.key_id for b in blobs.survey()))
    return found


async def _counted(db: Database, table: Table, name: str) -> Counter[str]:
    column = table.c[name]
    mark = _mark(column)
    query = select(mark, func.count()).where(column.is_not(None)).group_by(mark)
    async with db.read() as session:
        rows = await session.execute(query)
        return Counter({key_id_of(mark): count for mark, count in rows})


def stale(codec: Codec, counted: Counter[str]) -> int:
    """How many of the counted values another key of this codec sealed."""
    return sum(counted[key] for key in codec.key_ids[1:])


async def rotate(db: Database, codec: Codec, blobs: BlobStore, told: Told) -> int:
    """Seal anew whatever an older key of this codec sealed; how many values.

    Ends early when rows stay locked, or values do not open: `survey` shows what is left.
    """
    moved = 0
    for each in sealed_tables():
        moved += await _rotate_table(db, codec, each, told)
    moved += await _rotate_blobs(codec, blobs, told)
    if moved:
        async with db.transaction() as session:
            subject = f"key:{codec.key_id}"
            data = {"values": moved}
            await audit.record(
                session, codec, "encryption.rotated", owner=None, subject=subject, data=data
            )
    return moved


async def _rotate_table(db: Database, codec: Codec, each: SealedTable, told: Told) -> int:
    """Pass over a table until nothing is left that can be had."""
    total = await _pass(db, codec, each, told)
    vain = 0
    while vain < _VAIN_PASSES and await _is_left(db, codec, each):
        await asyncio.sleep(_NEXT_PASS_SECONDS)
        moved = await _pass(db, codec, each, told)
        vain = 0 if moved else vain + 1
        total += moved
    return total


async def _pass(db: Database, codec: Codec, each: SealedTable, told: Told) -> int:
    total, after = 0, None
    while True:
        last, moved = await _batch(db, codec, each, after)
        total += moved
        if moved:
            await told(each.name, moved)
        if last is None:
            return total
        after = last


async def _batch(
    db: Database, codec: Codec, each: SealedTable, after: Sequence[Any] | None
) -> tuple[Sequence[Any] | None, int]:
    """One batch after a primary key; the key of its last row (None: no more), values sealed."""
    keys = list(each.table.primary_key)
    query = select(each.table).where(_is_stale(codec, each)).order_by(*keys).limit(_BATCH)
    if after is not None:
        query = query.where(tuple_(*keys) > tuple_(*after))
    async with db.transaction() as session:
        rows = (await session.execute(query.with_for_update(skip_locked=True))).all()
        if not rows:
            return None, 0
        changes = [_resealed(codec, each, row) for row in rows]
        connection = await session.connection()
        await connection.execute(_update(each), changes)
    moved = sum(
        change[f"new_{name}"] != getattr(row, name)
        for row, change in zip(rows, changes, strict=True)
        for name in each.columns
    )
    return [getattr(rows[-1], key.name) for key in keys], moved


def _resealed(codec: Codec, each: SealedTable, row: Row[Any]) -> dict[str, Any]:
    """What to bind: the row's key, and its sealed columns, anew where an older key sealed them."""
    keys = each.table.primary_key
    change: dict[str, Any] = {f"at_{key.name}": getattr(row, key.name) for key in keys}
    for name in each.columns:
        value: bytes | None = getattr(row, name)
        change[f"new_{name}"] = value
        if value is None or key_id_of(value) not in codec.key_ids[1:]:
            continue
        at = each.place_of(name, row)
        try:
            change[f"new_{name}"] = codec.seal_bytes(codec.open_bytes(value, at), at)
        except SealBroken as error:
            log.warning("value_not_rotated", table=each.name, column=name, reason=str(error))
    return change


def _update(each: SealedTable) -> Update:
    statement = update(each.table).values({name: bindparam(f"new_{name}") for name in each.columns})
    keys = each.table.primary_key
    return statement.where(*(key == bindparam(f"at_{key.name}") for key in keys))


def _mark(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The bytes of a value that tell its key; of a large one PostgreSQL reads no more than them."""
    return func.substring(column, 1, MARK_BYTES)


def _is_stale(codec: Codec, each: SealedTable) -> ColumnElement[bool]:
    older = codec.marks[1:]
    return or_(*(_mark(each.table.c[name]).in_(older) for name in each.columns))


async def _is_left(db: Database, codec: Codec, each: SealedTable) -> bool:
    query = select(1).select_from(each.table).where(_is_stale(codec, each)).limit(1)
    async with db.read() as session:
        return await session.scalar(query) is not None


async def _rotate_blobs(codec: Codec, blobs: BlobStore, told: Told) -> int:
    older = codec.key_ids[1:]
    found = await asyncio.to_thread(lambda: [b for b in blobs.survey() if b.key_id in older])
    for blob in found:
        await blobs.reseal(blob.owner, blob.sha256)
        await told(BLOBS, 1)
    return len(found)
