"""Deleting runs with all they recorded, but the one that does the deleting."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from forthwith.platform import context
from forthwith.platform.db import Session
from forthwith.platform.jobs import RunRow
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream.costs.models import CostRow

_PAGE: Final = 200


def own_run() -> UUID | None:
    """The run that does the deleting; it must live to its end."""
    running = context.run.get()
    return running.id if running else None


async def erase_runs(session: Session, runtime: Runtime, owner: UUID, runs: Sequence[UUID]) -> None:
    """Delete runs with steps and events; their costs stay, of no run."""
    for each in runs:
        await runtime.jobs.erase(session, owner, each)
    spent = update(CostRow).where(CostRow.owner == owner, CostRow.run.in_(runs))
    await session.execute(spent.values(run=None))


async def erase_all_runs(runtime: Runtime, owner: UUID) -> int:
    """Delete all runs of an owner, in batches; how many."""
    query = select(RunRow.id).where(RunRow.owner == owner, RunRow.id.is_distinct_from(own_run()))
    deleted = 0
    while True:
        async with runtime.db.transaction() as session:
            found = list(await session.scalars(query.order_by(RunRow.id).limit(_PAGE)))
            await erase_runs(session, runtime, owner, found)
        deleted += len(found)
        if len(found) < _PAGE:
            return deleted
