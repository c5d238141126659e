"""`Jobs`: what a process does with runs, short of working on them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import TextClause, text

from forthwith.platform import ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import EVENTS_CHANNEL, Database, Session
from forthwith.platform.errors import Conflict, NotFound
from forthwith.platform.events import event_place
from forthwith.platform.jobs import enqueue, statements
from forthwith.platform.jobs.declare import Job, MovedRun, OnMoved, Schedule, by_name
from forthwith.platform.jobs.enqueue import Condition, Table, args_place
from forthwith.platform.jobs.schedule import check
from forthwith.platform.jobs.statements import NEW_TICKET, TICKETS_CHANNEL

_CANCEL: Final = text(statements.CANCEL)
_RETRY: Final = text(statements.RETRY)
_ARGS: Final = text("select name, args from platform.runs where id = :id")


class Jobs:
    """The jobs and schedules of the installed applications, and how runs of them are asked for."""

    def __init__(
        self, db: Database, codec: Codec, jobs: Sequence[Job], schedules: Sequence[Schedule]
    ) -> None:
        self._db = db
        self._codec = codec
        self.declared: Mapping[str, Job] = by_name(jobs)
        self.schedules = schedules
        check(schedules, self.declared)

    @property
    def codec(self) -> Codec:
        """What seals the arguments of runs; whoever queues one may seal its own rows with it."""
        return self._codec

    async def enqueue(
        self,
        session: Session,
        name: str,
        args: Mapping[str, Any],
        *,
        owner: UUID,
        run: UUID | None = None,
        run_at: datetime | None = None,
        unique: str | None = None,
    ) -> UUID:
        """Queue a run in the session's transaction; its id.

        With `unique`, an unfinished run of the same job, owner and key is kept instead, and
        its id returned.
        """
        key = f"{name}|{owner}|{unique}" if unique is not None else None
        values = enqueue.run_values(
            self._codec, self._job(name), run or ids.new(), owner, args, run_at, key
        )
        return await enqueue.in_session(session, values)

    async def enqueue_with(
        self,
        table: Table,
        row: Mapping[str, object],
        name: str,
        args: Mapping[str, Any],
        *,
        owner: UUID,
        run: UUID,
        idempotency: Mapping[str, object] | None = None,
        condition: Condition | None = None,
    ) -> None:
        """Insert a business row and queue its run in one statement; the hot path of an API.

        `row` has a value for every column that the database gives none.

        Raises `AlreadyAnswered` when the idempotency key was taken meanwhile, and what the
        condition refuses with when it does not hold.
        """
        values = enqueue.run_values(self._codec, self._job(name), run, owner, args, None)
        await enqueue.in_one_statement(self._db, values, table, row, idempotency, condition)

    async def cancel(self, owner: UUID, run: UUID) -> None:
        """Cancel a queued or running run; a running step is stopped within 1.5 seconds."""
        await self._move(_CANCEL, owner, run, lambda job: job.on_cancelled, "has ended already")

    async def retry(self, owner: UUID, run: UUID) -> None:
        """Queue a failed or cancelled run again; its finished steps stay finished.

        Raises what `on_retried` of its job does.
        """
        refusal = "has not failed or been cancelled"
        await self._move(_RETRY, owner, run, lambda job: job.on_retried, refusal)

    async def erase(self, session: Session, owner: UUID, run: UUID) -> None:
        """Delete a run with its steps and events, in the session's transaction.

        A worker that has it notices within 1.5 seconds and can write nothing more.
        """
        which = {"id": run, "owner": owner}
        await session.execute(text(statements.LOCK_TO_ERASE), which)
        await session.execute(text(statements.ERASE), which)

    async def _move(
        self,
        statement: TextClause,
        owner: UUID,
        run: UUID,
        hook_of: Callable[[Job], OnMoved | None],
        refusal: str,
    ) -> None:
        """Change a run's state and tell its application, in one transaction."""
        data = self._codec.seal({}, event_place(run))
        async with self._db.transaction() as session:
            which = {"id": run, "owner": owner, "data": data}
            moved = (await session.execute(statement, which)).first()
            if moved is None:
                await self._refuse(owner, run, refusal)
            session.tell(EVENTS_CHANNEL, moved.told)
            if statement is _RETRY:
                session.tell(TICKETS_CHANNEL, NEW_TICKET)
            row = (await session.execute(_ARGS, {"id": run})).one()
            job = self.declared.get(row.name)
            tell = hook_of(job) if job else None
            if tell is not None:
                args = self._codec.open(row.args, args_place(run))
                await tell(session, MovedRun(run, owner, args))

    async def _refuse(self, owner: UUID, run: UUID, why: str) -> Never:
        row = await self._db.fetchrow(
            "select state from platform.runs where id = $1 and owner = $2", run, owner
        )
        if row is None:
            raise NotFound("There is no run with this id.")
        raise Conflict(f"The run {why}; it is {row['state']}.")

    def _job(self, name: str) -> Job:
        job = self.declared.get(name)
        if job is None:
            raise LookupError(f"no job is named {name}")
        return job
