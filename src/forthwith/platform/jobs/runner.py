"""Working on one ticket: start the run it names, carry it to an outcome, record that.

Only `TryLater` leaves `handle`; the engine takes anything else for a defect, and tries again.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from forthwith.platform import clock, context, logging, metrics
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import EVENTS_CHANNEL, Database, Session
from forthwith.platform.errors import LeaseLost
from forthwith.platform.events import event_place
from forthwith.platform.jobs import statements
from forthwith.platform.jobs.declare import FailedRun, Job
from forthwith.platform.jobs.enqueue import args_place
from forthwith.platform.jobs.lease import LEASE, Lease, LeaseKeeper
from forthwith.platform.jobs.ledger import Ledger
from forthwith.platform.jobs.outages import insist, was_outage
from forthwith.platform.jobs.outcome import Failure, RunError, Snooze, judge
from forthwith.platform.jobs.run import Run, progress_place

log = logging.get(__name__)

MAX_TAKEOVERS: Final = 10
SUCCEEDED: Final = "succeeded"
"""The one end whose statement takes the ticket along."""
_UNKNOWN_JOB_SECONDS: Final = 5.0
_EARLY_SECONDS: Final = 0.1
_AFTER_OUTAGE_SECONDS: Final = 0.5


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
        max_takeovers: int,
    ) -> None:
        self._db = db
        self._ledger = Ledger(db, max_takeovers)
        self._codec = codec
        self._jobs = jobs
        self._runtime = runtime
        self._keeper = keeper
        self._max_takeovers = max_takeovers
        self._working: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def handle(self, ticket: int, run_id: UUID) -> bool:
        """Do what a ticket asks for; whether it went with its run. Raises `TryLater` only."""
        if self._draining:
            raise TryLater(0)
        token = uuid4()
        taken_at = clock.monotonic()
        row = await self._ledger.start(run_id, ticket, token)
        if row is None:
            await self._not_started(ticket, run_id)
            return False
        lease = Lease(run_id, row["name"], token, taken_at)
        self._keeper.add(lease)
        try:
            return await self._work(lease, row) == SUCCEEDED
        finally:
            self._keeper.drop(lease)

    def give_back_all(self) -> None:
        """Stop what still runs; each run goes back to the queue with its try unused."""
        self._draining = True
        for task in self._working:
            task.cancel()

    async def _not_started(self, ticket: int, run_id: UUID) -> None:
        """Why Start found nothing: done with, somebody else's for now, or given up."""
        row = await self._db.fetchrow(statements.LOOK, run_id, ticket, LEASE)
        if row is None or not row["is_mine"] or row["state"] not in {"queued", "running"}:
            return
        if row["state"] == "queued":  # due in a moment: the ticket was early
            raise TryLater(_EARLY_SECONDS)
        if row["remaining"] > 0:
            raise TryLater(row["remaining"])
        if row["name"] not in self._jobs:  # whoever knows the job must tell its owner
            raise TryLater(_UNKNOWN_JOB_SECONDS)
        if not await self._abandon(ticket, run_id, row):
            raise TryLater(_EARLY_SECONDS)

    async def _abandon(self, ticket: int, run_id: UUID, row: asyncpg.Record) -> bool:
        conditions = {"ticket": ticket, "takeovers": self._max_takeovers, "tries": 0}
        died = self._max_takeovers + 1
        error = RunError("ABANDONED", f"{died} workers died over this run; it was given up.")
        return await self._end_failed(statements.FAIL_ABANDONED, run_id, row, error, conditions)

    async def _work(self, lease: Lease, row: asyncpg.Record) -> str:
        """The name of the state in which the run is left."""
        job = self._jobs.get(lease.name)
        if job is None:  # a newer release knows it: leave it to its workers
            await self._db.execute(statements.GIVE_BACK, lease.run, lease.token)
            raise TryLater(_UNKNOWN_JOB_SECONDS)
        metrics.run_wait_seconds.labels(job.app, job.name).observe(max(0.0, row["waited"]))
        if row["takeovers"]:
            metrics.takeovers.labels(job.name).inc()
        run = Run(
            self._db,
            self._ledger,
            self._codec,
            lease,
            owner=row["owner"],
            attempt=row["attempt"],
            takeovers=row["takeovers"],
            is_first=row["is_first"],
        )
        started = clock.monotonic()
        state = await self._carry(job, run, lease, row)
        metrics.runs.labels(job.app, job.name, state).inc()
        metrics.run_seconds.labels(job.app, job.name).observe(clock.monotonic() - started)
        return state

    async def _carry(self, job: Job, run: Run, lease: Lease, row: asyncpg.Record) -> str:
        """Run the job's function as a task of its own; record how it ended; the state's name."""
        task = asyncio.create_task(self._call(job, run, lease, row))
        lease.watch(task.cancel)
        task.add_done_callback(lambda _: lease.end_work())
        self._working.add(task)
        if self._draining:  # it was being started when the grace ended
            task.cancel()
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():  # we were cancelled, not the work: take it along
                task.cancel()
                raise
            return await self._stopped(job, run, lease, row)
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

    async def _stopped(self, job: Job, run: Run, lease: Lease, row: asyncpg.Record) -> str:
        """The work was cancelled: the run is not ours any more, a drain, or the job itself."""
        if lease.lost:
            return "lost"
        if self._draining:
            await self._db.execute(statements.GIVE_BACK, lease.run, lease.token)
            raise TryLater(0)
        return await self._failed(job, run, lease, row, RuntimeError("the job cancelled itself"))

    async def _succeeded(self, lease: Lease, result: Any) -> str:
        done = {"fraction": 1.0, "stage": "done"}
        values = (
            lease.run,
            lease.token,
            self._codec.seal(result, result_place(lease.run)),
            self._codec.seal(done, progress_place(lease.run)),
            self._codec.seal({}, event_place(lease.run)),
        )
        row = await insist(lambda: self._ledger.succeed(*values))
        if row is None:
            return "lost"
        self._tell(row)
        log.info("run_finished", job=lease.name, state=SUCCEEDED, finished_run=str(lease.run))
        return SUCCEEDED

    async def _failed(
        self, job: Job, run: Run, lease: Lease, row: asyncpg.Record, error: Exception
    ) -> str:
        outcome = judge(error)
        if isinstance(outcome, Snooze):
            delay = max(0.0, (outcome.until - clock.now()).total_seconds())
            return await self._requeue(lease, run.attempt, delay, "snoozed")
        if run.takeovers < self._max_takeovers and await was_outage(self._db, error):
            log.warning("try_interrupted", job=job.name, error=type(error).__name__)
            delay = _AFTER_OUTAGE_SECONDS
            return await self._requeue(lease, run.attempt, delay, "interrupted", takeovers=1)
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
            return await self._requeue(lease, tries, delay, "retrying", failure=outcome)
        conditions = {"holder": lease.token, "tries": 1}
        moved = await self._end_failed(statements.FAIL, run.id, row, outcome.error, conditions)
        return "failed" if moved else "lost"

    async def _requeue(
        self,
        lease: Lease,
        attempt: int,
        delay: float,
        kind: str,
        *,
        failure: Failure | None = None,
        takeovers: int = 0,
    ) -> str:
        """Queue the run again with a new ticket; the old one then finds nothing to do."""
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
            takeovers,
        )
        row = await insist(lambda: self._db.fetchrow(statements.REQUEUE, *values))
        if row is None:
            return "lost"
        self._tell(row)
        self._db.tell(statements.TICKETS_CHANNEL, statements.NEW_TICKET)
        return kind

    async def _end_failed(
        self,
        statement: str,
        run_id: UUID,
        row: asyncpg.Record,
        error: RunError,
        conditions: Mapping[str, object],
    ) -> bool:
        """Fail for good and tell the application, in one transaction; whether it was ours."""
        job = self._jobs.get(row["name"])
        values = {
            "id": run_id,
            "error": self._codec.seal(error, error_place(run_id)),
            "data": self._codec.seal({"error": error}, event_place(run_id)),
            **conditions,
        }

        async def end(*, told: bool) -> bool:
            async with self._db.transaction() as session:
                moved = (await session.execute(text(statement), values)).first()
                if moved is not None:
                    session.tell(EVENTS_CHANNEL, moved.told)
                if moved is not None and told and job is not None:
                    await self._tell_app(session, job, run_id, row, error)
            return moved is not None

        try:
            moved = await insist(lambda: end(told=True))
        except Exception:  # the application's own defect must not keep the run alive
            log.exception("on_failed_failed", job=row["name"])
            moved = await insist(lambda: end(told=False))
        if moved:
            log.info("run_finished", job=row["name"], state="failed", finished_run=str(run_id))
        return moved

    def _tell(self, moved: asyncpg.Record) -> None:
        """Tell whoever follows the run what one statement has done to it."""
        self._db.tell(EVENTS_CHANNEL, moved["told"])

    async def _tell_app(
        self, session: Session, job: Job, run_id: UUID, row: asyncpg.Record, error: RunError
    ) -> None:
        if job.on_failed is None:
            return
        args = self._codec.open(row["args"], args_place(run_id))
        failed = FailedRun(
            run_id, row["owner"], args, error.code, error.message, runtime=self._runtime
        )
        await job.on_failed(session, failed)


def result_place(run: UUID) -> bytes:
    """Where the result of a run is bound to."""
    return place("platform.runs", "result", run)


def error_place(run: UUID) -> bytes:
    """Where the error of a run is bound to."""
    return place("platform.runs", "error", run)
