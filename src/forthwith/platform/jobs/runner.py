"""Working on one ticket: start the run it names, carry it to an outcome, record that.

Any exception that leaves `handle` deletes the ticket in pgqueuer, so only `TryLater` does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from forthwith.platform import clock, context, logging, metrics
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database, Session
from forthwith.platform.errors import LeaseLost
from forthwith.platform.events import FAILURES, event_place
from forthwith.platform.jobs import statements
from forthwith.platform.jobs.declare import FailedRun, Job
from forthwith.platform.jobs.enqueue import args_place
from forthwith.platform.jobs.lease import LEASE_SECONDS, Lease, LeaseKeeper
from forthwith.platform.jobs.outcome import Failure, RunError, Snooze, judge
from forthwith.platform.jobs.run import Run, progress_place

log = logging.get(__name__)
T = TypeVar("T")

MAX_TAKEOVERS: Final = 10
_RECORD_AGAIN_SECONDS: Final = 0.5
_UNKNOWN_JOB_SECONDS: Final = 5.0
_ABANDONED: Final = RunError(
    "ABANDONED", f"{MAX_TAKEOVERS} workers died over this run; it was given up."
)


class TryLater(Exception):
    """The ticket goes back into the queue for `seconds`; nothing was done."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:.1f} s")
        self.seconds = seconds


class Runner:
    """Works on tickets with the jobs this process knows; `runtime` is handed to each job."""

    def __init__(
        self,
        db: Database,
        codec: Codec,
        jobs: Mapping[str, Job],
        runtime: object,
        keeper: LeaseKeeper,
    ) -> None:
        self._db = db
        self._codec = codec
        self._jobs = jobs
        self._runtime = runtime
        self._keeper = keeper
        self._working: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def handle(self, ticket: int, run_id: UUID) -> None:
        """Do what a ticket asks for. Raises `TryLater` only."""
        token = uuid4()
        taken_at = clock.monotonic()
        row = await self._db.fetchrow(
            statements.START,
            run_id,
            ticket,
            token,
            timedelta(seconds=LEASE_SECONDS),
            MAX_TAKEOVERS,
        )
        if row is None:
            await self._not_started(ticket, run_id)
            return
        lease = Lease(run_id, row["name"], token, taken_at)
        self._keeper.add(lease)
        try:
            await self._work(lease, row)
        finally:
            self._keeper.drop(lease)

    def give_back_all(self) -> None:
        """Stop what still runs; each run goes back to the queue with its try unused."""
        self._draining = True
        for task in self._working:
            task.cancel()

    async def _not_started(self, ticket: int, run_id: UUID) -> None:
        """Why Start found nothing: done with, somebody else's for now, or given up."""
        row = await self._db.fetchrow(statements.LOOK, run_id, ticket)
        if row is None or not row["is_mine"] or row["state"] not in {"queued", "running"}:
            return
        if row["state"] == "queued":  # due in a moment: the ticket was early
            raise TryLater(0.1)
        if row["remaining"] > 0:
            raise TryLater(row["remaining"])
        await self._abandon(ticket, run_id, row)

    async def _abandon(self, ticket: int, run_id: UUID, row: asyncpg.Record) -> None:
        conditions = {"ticket": ticket, "takeovers": MAX_TAKEOVERS, "tries": 0}
        await self._end_failed(statements.FAIL_ABANDONED, run_id, row, _ABANDONED, conditions)

    async def _work(self, lease: Lease, row: asyncpg.Record) -> None:
        job = self._jobs.get(lease.name)
        if job is None:  # a newer release knows it: leave it to its workers
            await self._db.execute(statements.GIVE_BACK, lease.run, lease.token)
            raise TryLater(_UNKNOWN_JOB_SECONDS)
        metrics.run_wait_seconds.labels(job.app, job.name).observe(max(0.0, row["waited"]))
        if row["takeovers"]:
            metrics.takeovers.labels(job.name).inc()
        run = Run(
            self._db,
            self._codec,
            lease,
            owner=row["owner"],
            attempt=row["attempt"],
            takeovers=row["takeovers"],
        )
        started = clock.monotonic()
        state = await self._carry(job, run, lease, row)
        metrics.runs.labels(job.app, job.name, state).inc()
        metrics.run_seconds.labels(job.app, job.name).observe(clock.monotonic() - started)

    async def _carry(self, job: Job, run: Run, lease: Lease, row: asyncpg.Record) -> str:
        """Run the job's function as a task of its own; record how it ended; the state's name."""
        task = asyncio.create_task(self._call(job, run, lease, row))
        lease.watch(task.cancel)
        self._working.add(task)
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():  # we were cancelled, not the work: take it along
                task.cancel()
                raise
            return await self._stopped(lease)
        except LeaseLost:
            return "lost"
        except Exception as error:  # noqa: BLE001 - a job may raise anything
            return await self._failed(job, run, lease, row, error)
        finally:
            self._working.discard(task)
        return await self._succeeded(lease, result)

    async def _call(self, job: Job, run: Run, lease: Lease, row: asyncpg.Record) -> Any:
        args = self._codec.open(row["args"], args_place(run.id))
        context.run.set(context.RunContext(run.id, job.name, run.owner, lease.ensure_held))
        async with asyncio.timeout(job.time_limit_seconds):
            return await job.function(run, self._runtime, **job.parse(args))

    async def _stopped(self, lease: Lease) -> str:
        """The work was cancelled: by a drain, or because the run is not ours any more."""
        if not self._draining or lease.lost:
            return "lost"
        await self._db.execute(statements.GIVE_BACK, lease.run, lease.token)
        raise TryLater(0)

    async def _succeeded(self, lease: Lease, result: Any) -> str:
        done = {"fraction": 1.0, "stage": "done"}
        values = (
            lease.run,
            lease.token,
            self._codec.seal(result, result_place(lease.run)),
            self._codec.seal(done, progress_place(lease.run)),
            self._codec.seal({}, event_place(lease.run)),
        )
        row = await _insist(lambda: self._db.fetchrow(statements.SUCCEED, *values))
        log.info("run_finished", job=lease.name, state="succeeded", finished_run=str(lease.run))
        return "succeeded" if row is not None else "lost"

    async def _failed(
        self, job: Job, run: Run, lease: Lease, row: asyncpg.Record, error: Exception
    ) -> str:
        outcome = judge(error)
        if isinstance(outcome, Snooze):
            delay = max(0.0, (outcome.until - clock.now()).total_seconds())
            return await self._requeue(lease, run.attempt, delay, "snoozed", None)
        tries = run.attempt + 1
        log.warning(
            "try_failed",
            job=job.name,
            failed_run=str(run.id),
            tries=tries,
            code=outcome.error.code,
            exc_info=error if outcome.error.code == "INTERNAL" else None,
        )
        if outcome.retry and tries < job.retry.tries:
            delay = max(job.retry.delay(tries), outcome.after or 0.0)
            return await self._requeue(lease, tries, delay, "retrying", outcome)
        conditions = {"holder": lease.token, "tries": 1}
        await self._end_failed(statements.FAIL, run.id, row, outcome.error, conditions)
        return "failed"

    async def _requeue(
        self, lease: Lease, attempt: int, delay: float, kind: str, failure: Failure | None
    ) -> str:
        error = failure.error if failure else None
        told = {"seconds": round(delay, 1), "error": error}
        values = (
            lease.run,
            lease.token,
            timedelta(seconds=delay),
            attempt,
            self._codec.seal(error, error_place(lease.run)) if error else None,
            kind,
            self._codec.seal(told, event_place(lease.run)),
        )
        await _insist(lambda: self._db.fetchrow(statements.REQUEUE, *values))
        return kind

    async def _end_failed(
        self,
        statement: str,
        run_id: UUID,
        row: asyncpg.Record,
        error: RunError,
        conditions: Mapping[str, object],
    ) -> None:
        """Fail for good and tell the application, in one transaction."""
        job = self._jobs.get(row["name"])
        values = {
            "id": run_id,
            "error": self._codec.seal(error, error_place(run_id)),
            "data": self._codec.seal({"error": error}, event_place(run_id)),
            **conditions,
        }

        async def end(on_failed: bool) -> None:  # noqa: FBT001 - local, and called by position once
            async with self._db.transaction() as session:
                moved = (await session.execute(text(statement), values)).first()
                if moved is not None and on_failed and job is not None:
                    await self._tell_app(session, job, run_id, row, error)

        try:
            await _insist(lambda: end(True))
        except Exception:  # the application's own defect must not keep the run alive
            log.exception("on_failed_failed", job=row["name"])
            await _insist(lambda: end(False))
        log.info("run_finished", job=row["name"], state="failed", finished_run=str(run_id))

    async def _tell_app(
        self, session: Session, job: Job, run_id: UUID, row: asyncpg.Record, error: RunError
    ) -> None:
        if job.on_failed is None:
            return
        args = self._codec.open(row["args"], args_place(run_id))
        await job.on_failed(
            session, FailedRun(run_id, row["owner"], args, error.code, error.message)
        )


async def _insist(record: Callable[[], Awaitable[T]]) -> T:
    """Repeat a recording until the database takes it: the work behind it is done and paid."""
    while True:
        try:
            return await record()
        except FAILURES as error:
            log.warning("outcome_not_recorded_yet", error=type(error).__name__)
            await asyncio.sleep(_RECORD_AGAIN_SECONDS)


def result_place(run: UUID) -> bytes:
    """Where the result of a run is bound to."""
    return place("platform.runs", "result", run)


def error_place(run: UUID) -> bytes:
    """Where the error of a run is bound to."""
    return place("platform.runs", "error", run)
