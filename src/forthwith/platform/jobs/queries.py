"""Reading the ledger; a run is shown only to its owner."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from forthwith.platform.crypto import Codec
from forthwith.platform.db import ReadSession
from forthwith.platform.errors import NotFound
from forthwith.platform.jobs.models import RunRow
from forthwith.platform.jobs.outcome import RunError
from forthwith.platform.jobs.run import progress_place
from forthwith.platform.jobs.runner import error_place, result_place

ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Progress(msgspec.Struct, frozen=True):
    """How far a run is: 0.0 to 1.0, and the name of the stage."""

    fraction: float
    stage: str


class RunView(msgspec.Struct, frozen=True):
    """A run as people see it; times are ISO 8601 in UTC."""

    id: UUID
    name: str
    status: str
    processing: bool
    progress: Progress | None
    attempt: int
    takeovers: int
    result: Any
    error: RunError | None
    created_at: str
    started_at: str | None
    finished_at: str | None


def _runs_of(owner: UUID | None) -> Select[RunRow]:
    query = select(RunRow)
    return query if owner is None else query.where(RunRow.owner == owner)


async def find(session: ReadSession, owner: UUID | None, run: UUID) -> RunRow:
    """A run of this owner. Raises `NotFound` also for somebody else's.

    None is any owner: for the operator at the command line, never for a route.
    """
    row = await session.scalar(_runs_of(owner).where(RunRow.id == run))
    if row is None:
        raise NotFound("There is no run with this id.")
    return row


async def listed(
    session: ReadSession,
    owner: UUID | None,
    *,
    status: str | None,
    name: str | None,
    before: UUID | None,
    limit: int,
) -> list[RunRow]:
    """Runs of this owner (None: of all, for the command line), newest first."""
    query = _runs_of(owner)
    if status is not None:
        query = query.where(RunRow.state == status)
    if name is not None:
        query = query.where(RunRow.name == name)
    if before is not None:
        query = query.where(RunRow.id < before)
    rows = await session.scalars(query.order_by(RunRow.id.desc()).limit(limit))
    return list(rows)


def view(codec: Codec, row: RunRow) -> RunView:
    """Open the sealed members of a run for its owner."""
    return RunView(
        id=row.id,
        name=row.name,
        status=row.state,
        processing=row.state not in ENDED,
        progress=progress(codec, row),
        attempt=row.attempt,
        takeovers=row.takeovers,
        result=codec.open(row.result, result_place(row.id)) if row.result else None,
        error=failure(codec, row),
        created_at=row.created_at.isoformat(),
        started_at=row.started_at.isoformat() if row.started_at else None,
        finished_at=row.finished_at.isoformat() if row.finished_at else None,
    )


def progress(codec: Codec, row: RunRow) -> Progress | None:
    """How far the run is; None before it began."""
    return codec.open(row.progress, progress_place(row.id), Progress) if row.progress else None


def failure(codec: Codec, row: RunRow) -> RunError | None:
    """Why the run, or its last try, failed."""
    return codec.open(row.error, error_place(row.id), RunError) if row.error else None
