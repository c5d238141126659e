"""The audit log: who did what to whom, written with the change itself, never changed after.

The table refuses to forget or alter rows (migration 0010); only `data`, which is sealed, may be
sealed anew or taken away with the person it tells of.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Query, Response
from sqlalchemy import Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform import context, ids
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec, place, sealed
from forthwith.platform.db import Base, ReadSession, Session
from forthwith.platform.http import (
    Answer,
    Db,
    PageRequest,
    Router,
    Sealing,
    page_request,
    require_operator,
)

router = Router(prefix="/audit", tags=["audit"])

Operator = Annotated[Principal, Depends(require_operator("audit:read"))]


class AuditRow(Base, kw_only=True):
    """One thing that was done; `owner` is whose matter it is, `actor` who did it.

    `credential` names the key, session or run that acted; none is the command line.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_owner_id", "owner", text("id desc")),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID | None]
    actor: Mapped[UUID | None]
    credential: Mapped[str | None]
    action: Mapped[str]
    subject: Mapped[str]
    request_id: Mapped[str | None]
    data: Mapped[bytes | None] = mapped_column(info=sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class AuditView(msgspec.Struct, frozen=True):
    """An entry as the operator sees it; `at` is ISO 8601 in UTC."""

    id: UUID
    at: str
    action: str
    subject: str
    owner: UUID | None
    actor: UUID | None
    credential: str | None
    request_id: str | None
    data: Any


async def record(
    session: Session,
    codec: Codec,
    action: str,
    *,
    owner: UUID | None,
    subject: str,
    data: Any = None,
) -> None:
    """Write down what was done, in the transaction that does it.

    `action` is what happened (`api_key.revoked`), `subject` the thing's own id (`api-key:...`),
    never a name or an address: those belong into `data`, which is sealed. `owner` None is the
    deployment itself. Who acts is taken from the context.
    """
    identifier = ids.new()
    principal, run = context.principal.get(), context.run.get()
    row = AuditRow(
        id=identifier,
        owner=owner,
        actor=principal.owner if principal else run.owner if run else None,
        credential=principal.credential if principal else f"run:{run.id}" if run else None,
        action=action,
        subject=subject,
        request_id=context.request_id.get(),
        data=None if data is None else codec.seal(data, _data_place(identifier)),
    )
    session.add(row)
    await session.flush()


async def listed(
    session: ReadSession,
    *,
    action: str | None,
    owner: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[AuditRow]:
    """Entries of all owners or of one, newest first."""
    query = select(AuditRow)
    if action is not None:
        query = query.where(AuditRow.action == action)
    if owner is not None:
        query = query.where(AuditRow.owner == owner)
    if before is not None:
        query = query.where(AuditRow.id < before)
    return list(await session.scalars(query.order_by(AuditRow.id.desc()).limit(limit)))


@router.get("")
async def list_entries(
    db: Db,
    codec: Sealing,
    _: Operator,
    page: Annotated[PageRequest, Depends(page_request)],
    action: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z0-9_.]+$")] = None,
    owner: Annotated[UUID | None, Query(description="Whose matters.")] = None,
) -> Response:
    """Who did what, newest first; for operators only."""
    async with db.read() as session:
        rows = await listed(
            session, action=action, owner=owner, before=page.before, limit=page.limit + 1
        )
    return Answer(page.answer(rows, lambda row: _view(codec, row), lambda row: row.id))


def _view(codec: Codec, row: AuditRow) -> AuditView:
    return AuditView(
        id=row.id,
        at=row.created_at.isoformat(),
        action=row.action,
        subject=row.subject,
        owner=row.owner,
        actor=row.actor,
        credential=row.credential,
        request_id=row.request_id,
        data=codec.open(row.data, _data_place(row.id)) if row.data else None,
    )


def _data_place(entry: UUID) -> bytes:
    return place("platform.audit", "data", entry)
