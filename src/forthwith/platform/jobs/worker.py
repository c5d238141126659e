"""The worker: everything that carries runs to their ends, and how it stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from forthwith.platform import clock, logging, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.jobs import partitions, statements
from forthwith.platform.jobs.declare import Job, Schedule
from forthwith.platform.jobs.engine import Engine
from forthwith.platform.jobs.lease import LeaseKeeper
from forthwith.platform.jobs.outages import passes
from forthwith.platform.jobs.runner import MAX_TAKEOVERS, Runner
from forthwith.platform.jobs.schedule import Scheduler

log = logging.get(__name__)

_RECONCILE_SECONDS: Final = 2.0
_SCHEDULE_SECONDS: Final = 1.0
_HOUSEKEEPING_SECONDS: Final = 3600.0
_AFTER_FAILURE_SECONDS: Final = 10.0
_TICKS_KEPT: Final = timedelta(days=30)
MONTHS_KEPT: Final = 3


class Worker:
    """One worker of the fleet; `runtime` is handed to every job."""

    def __init__(
        self,
        db: Database,
        codec: Codec,
        listener: Listener,
        jobs: Mapping[str, Job],
        schedules: Sequence[Schedule],
        runtime: object,
        *,
        max_concurrent: int,
        drain_seconds: float,
        max_takeovers: int = MAX_TAKEOVERS,
    ) -> None:
        self._db = db
        self._keeper = LeaseKeeper(db)
        self._runner = Runner(db, codec, jobs, runtime, self._keeper, max_takeovers)
        self._engine = Engine(db, listener, self._runner, jobs, max_concurrent)
        self._scheduler = Scheduler(db, codec, jobs, schedules)
        self._drain_seconds = drain_seconds
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop` is called, then drain."""
        log.info("worker_started")
        async with asyncio.TaskGroup() as group:
            beside = [
                group.create_task(task)
                for task in (
                    self._keeper.run(),
                    _repeat(self._scheduler.look, _SCHEDULE_SECONDS),
                    _repeat(self._reconcile, _RECONCILE_SECONDS),
                    _repeat(self._housekeep, _HOUSEKEEPING_SECONDS),
                )
            ]
            engine = group.create_task(self._engine.run())
            await self._stopping.wait()
            await self._drain(engine)
            for task in beside:
                task.cancel()
        log.info("worker_stopped")

    def stop(self) -> None:
        """Take no more work; what runs has the drain time to finish."""
        self._stopping.set()

    async def _drain(self, engine: "asyncio.Task[None]") -> None:
        """Finish what runs within the grace; give the rest back, its try unused."""
        self._engine.stop()
        _, late = await asyncio.wait({engine}, timeout=self._drain_seconds)
        if late:
            log.warning("drain_time_over")
            self._runner.give_back_all()
            await engine

    async def _housekeep(self) -> None:
        await housekeep(self._db)

    async def _reconcile(self) -> None:
        """Give a ticket to every due run without one; any worker does it for all."""
        rows = await self._db.fetch(statements.RECONCILE)
        if rows:
            self._db.tell(statements.TICKETS_CHANNEL, statements.NEW_TICKET)
            log.warning("runs_reconciled", count=len(rows))
        metrics.queue_waiting.clear()
        for row in await self._db.fetch(statements.WAITING):
            metrics.queue_waiting.labels(row["queue"]).set(row["waiting"])


async def _repeat(duty: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do a duty until cancelled; jittered, so that the workers of a fleet take turns.

    A defect in one duty is logged and must not end the worker, which has others.
    """
    while True:
        wait = seconds
        try:
            await duty()
        except Exception as error:
            wait = min(seconds, _AFTER_FAILURE_SECONDS)
            if passes(error):
                log.warning("duty_put_off", duty=duty.__name__, error=type(error).__name__)
            else:
                log.exception("duty_failed", duty=duty.__name__)
        await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter


_FORGET_TICKS: Final = """
delete from platform.ticks t where due < now() - $1::interval
  and exists (select from platform.ticks newer where newer.name = t.name and newer.due > t.due)
"""
"""The newest tick of a schedule stays however old it is: without it, it would be taken again."""


_EXPIRING: Final = ("idempotency", "nonces", "request_counts")
_FORGET_QUOTAS: Final = """
delete from platform.quota_uses where period > '1970-01-01' and period < current_date - 31
"""
"""What stands at any time has the period 1970-01-01, and stays."""


async def housekeep(db: Database) -> None:
    """Make coming partitions, drop old ones, forget expired keys and old ticks."""
    connection = await db.connect()
    try:
        await partitions.make_coming(connection, clock.now())
        await partitions.drop_older(connection, clock.now(), MONTHS_KEPT)
        for table in _EXPIRING:
            await connection.execute(f"delete from platform.{table} where expires_at < now()")  # noqa: S608 - ours
        await connection.execute(_FORGET_QUOTAS)
        await connection.execute(_FORGET_TICKS, _TICKS_KEPT)
        await connection.execute(
            "delete from pgqueuer.pgqueuer_log"
            " where aggregated and created < now() - interval '1 day'"
        )
        await connection.execute(
            "delete from pgqueuer.pgqueuer_statistics where created < now() - interval '7 days'"
        )
    finally:
        await connection.close()
