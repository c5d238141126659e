"""What the orders application keeps of somebody: their orders, voices, shops."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, select

from forthwith.apps.orders import queries
from forthwith.apps.orders.line import person_of
from forthwith.apps.orders.models import Order, Recording
from forthwith.platform.errors import NotFound
from forthwith.platform.privacy import ExportedFile, Privacy, Subject, rows, schema
from forthwith.platform.runtime import Runtime

_SCHEMA: Final = "orders"


async def names(runtime: Runtime, owner: UUID, known: frozenset[str]) -> frozenset[str]:
    """The digests that stand for a LINE user here."""
    return frozenset(person_of(runtime.codec, owner, name) for name in known)


async def export(runtime: Runtime, subject: Subject) -> AsyncIterator[ExportedFile]:
    """Every table as JSON, and the voices as they were played."""
    tables = rows.tables_of(_SCHEMA, "recordings", "counters")
    async for file in rows.exported(runtime.db, runtime.codec, tables, subject):
        yield file
    async for order in _orders(runtime, subject):
        for number, blob in enumerate(await _recordings(runtime, order.id)):
            with contextlib.suppress(NotFound):
                content = await runtime.blobs.open(subject.owner, blob)
                yield ExportedFile(f"orders/voices/{order.run}-{number}.m4a", content)


async def erase(runtime: Runtime, subject: Subject) -> int:
    """Delete orders with their runs and voices, then what else is kept of an owner."""
    deleted = 0
    async for order in _orders(runtime, subject):
        await _erase_order(runtime, subject.owner, order)
        deleted += 1
    shops = await queries.shops(runtime.db, subject.owner) if subject.names is None else []
    deleted += await schema.erase(runtime, _SCHEMA, subject)
    for shop in shops:  # behind it: whoever looks meanwhile has it remembered again
        await queries.forget_all(runtime, shop)
    return deleted


privacy: Final = Privacy(export=export, erase=erase, names=names)


async def _erase_order(runtime: Runtime, owner: UUID, order: Row[Any]) -> None:
    blobs = await _recordings(runtime, order.id)
    async with runtime.db.transaction() as session:
        await runtime.jobs.erase(session, owner, order.run)
        await session.execute(delete(Recording).where(Recording.order_id == order.id))
        await session.execute(delete(Order).where(Order.id == order.id, Order.owner == owner))
    for blob in blobs:
        await _erase_blob(runtime, owner, blob)


async def _erase_blob(runtime: Runtime, owner: UUID, blob: str) -> None:
    """Delete a voice that no other order has."""

    async def is_used() -> bool:
        query = select(Recording.blob).where(Recording.owner == owner, Recording.blob == blob)
        async with runtime.db.read() as session:
            return await session.scalar(query.limit(1)) is not None

    await runtime.blobs.delete(owner, blob, is_used)


async def _recordings(runtime: Runtime, order: UUID) -> list[str]:
    query = select(Recording.blob).where(Recording.order_id == order).order_by(Recording.blob)
    async with runtime.db.read() as session:
        return list(await session.scalars(query))


async def _orders(runtime: Runtime, subject: Subject) -> AsyncIterator[Row[Any]]:
    (each,) = (each for each in rows.tables_of(_SCHEMA) if each.table.name == "orders")
    condition = rows.belongs_to(each.table, subject)
    assert condition is not None  # noqa: S101 - the table has a person
    async for page in rows.pages(runtime.db, each, condition):
        for row in page:
            yield row
