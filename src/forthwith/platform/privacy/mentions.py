"""What the platform's ledgers say of a person, found by opening what is sealed in them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, update

from forthwith.platform.audit import AuditRow
from forthwith.platform.db import Base, Session
from forthwith.platform.events.models import Event
from forthwith.platform.inbox import InboxRow
from forthwith.platform.jobs.models import StepRow
from forthwith.platform.privacy import rows
from forthwith.platform.privacy.declared import Subject
from forthwith.platform.privacy.runs import erase_runs, own_run
from forthwith.platform.rotation import SealedTable, sealed_tables
from forthwith.platform.runtime import Runtime

TABLES: Final = ("inbox", "idempotency", "notifications", "audit", "runs")
"""Tables whose rows may say something of a person without a column that names them."""
_PARTS_OF_RUNS: Final[tuple[tuple[type[Base], Any], ...]] = (
    (StepRow, StepRow.run),
    (Event, Event.stream),
)


async def erase(runtime: Runtime, subject: Subject) -> int:
    """Delete every row that says anything of the person; how many."""
    deleted = 0
    for each in rows.tables_of("platform"):
        if each.table.name not in TABLES:
            continue
        async for page in rows.pages(runtime.db, each, each.table.c.owner == subject.owner):
            deleted += await _erase_page(runtime, subject, each, page)
    return deleted


async def _erase_page(
    runtime: Runtime, subject: Subject, each: SealedTable, page: Sequence[Row[Any]]
) -> int:
    saying = [row for row in page if rows.says(runtime.codec, subject, each, row)]
    if each.table.name == "runs":
        told = {row.id for row in saying} | await _runs_that_say(runtime, subject, page)
        saying = [row for row in page if row.id in told - {own_run()}]
    if saying:
        async with runtime.db.transaction() as session:
            await _ERASE.get(each.table.name, _delete)(
                session, runtime, subject.owner, each, saying
            )
    return len(saying)


async def _runs_that_say(runtime: Runtime, subject: Subject, page: Sequence[Row[Any]]) -> set[UUID]:
    """Runs of a page of which a step or an event says something of the person."""
    found: set[UUID] = set()
    tables = {each.name: each for each in sealed_tables()}
    for model, run in _PARTS_OF_RUNS:
        each = tables[f"platform.{model.__tablename__}"]
        async for parts in rows.pages(runtime.db, each, run.in_([row.id for row in page])):
            saying = (part for part in parts if rows.says(runtime.codec, subject, each, part))
            found |= {getattr(part, run.key) for part in saying}
    return found


async def _erase_runs(
    session: Session, runtime: Runtime, owner: UUID, _: SealedTable, saying: Sequence[Row[Any]]
) -> None:
    await erase_runs(session, runtime, owner, [row.id for row in saying])


async def _strip_audit(
    session: Session, _: Runtime, __: UUID, ___: SealedTable, saying: Sequence[Row[Any]]
) -> None:
    """What was done stays; what it says of somebody goes."""
    entries = [row.id for row in saying]
    await session.execute(update(AuditRow).where(AuditRow.id.in_(entries)).values(data=None))


async def _empty_inbox(
    session: Session, runtime: Runtime, _: UUID, each: SealedTable, saying: Sequence[Row[Any]]
) -> None:
    """The row stays without what it says: a redelivery must still find that it was taken."""
    for row in saying:
        emptied = runtime.codec.seal(None, each.place_of("payload", row))
        same = (InboxRow.channel == row.channel, InboxRow.event == row.event)
        await session.execute(update(InboxRow).where(*same).values(payload=emptied))


async def _delete(
    session: Session, _: Runtime, __: UUID, each: SealedTable, saying: Sequence[Row[Any]]
) -> None:
    for row in saying:
        same = (key == getattr(row, key.name) for key in each.table.primary_key)
        await session.execute(delete(each.table).where(*same))


_ERASE: Final = {"runs": _erase_runs, "audit": _strip_audit, "inbox": _empty_inbox}
