"""The engine: takes pgqueuer's tickets and hands them to the runner."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core import tm
from pgqueuer.domain import errors, models
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver

from forthwith.platform import logging
from forthwith.platform.db import Connection, Database
from forthwith.platform.events import FAILURES, Listener
from forthwith.platform.jobs.declare import Job
from forthwith.platform.jobs.engine.driver import (
    AGAIN_SECONDS,
    COMMAND_SECONDS,
    InstallDriver,
    PatientDriver,
)
from forthwith.platform.jobs.engine.manager import TicketManager
from forthwith.platform.jobs.engine.queries import HeldQueueBuilder, SharedQueries
from forthwith.platform.jobs.runner import Runner, TryLater
from forthwith.platform.jobs.shares import Shares
from forthwith.platform.jobs.statements import TICKETS

log = logging.get(__name__)

SETTINGS: Final = DBSettings(db_schema="pgqueuer", prefix="")
HEARTBEAT: Final = timedelta(seconds=6)
DEQUEUE: Final = timedelta(seconds=2)
BATCH: Final = 10
_POOL_SIZE: Final = 4
_DEFECT_SECONDS: Final = 1.0
_MUTE: Final = f"""
do $$ begin
  if exists (
    select from pg_trigger
    where tgrelid = '{TICKETS}'::regclass and not tgisinternal and tgenabled <> 'D'
  ) then
    alter table {TICKETS} disable trigger user;
  end if;
end $$
"""
"""Its trigger notifies in the transaction; we tell of tickets afterwards (docs/adr/019)."""


async def install(connection: Connection) -> None:
    """Create or upgrade pgqueuer's own tables; the caller holds the migration lock."""
    queries = _queries(InstallDriver(connection), QueryQueueBuilder(SETTINGS))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()
    await connection.execute(_MUTE)


class Engine:
    """Takes tickets and hands them to the runner, until it is told to stop."""

    def __init__(
        self,
        db: Database,
        listener: Listener,
        runner: Runner,
        jobs: Mapping[str, Job],
        max_concurrent: int,
    ) -> None:
        self._db = db
        self._listener = listener
        self._runner = runner
        self._jobs = jobs
        self._shares = Shares(jobs, max_concurrent)
        self._max_concurrent = max_concurrent
        self._stopping = asyncio.Event()
        self._manager: TicketManager | None = None

    async def run(self) -> None:
        """Work until `stop`; returns once the tickets at hand are done with."""
        async with self._db.statement_pool(_POOL_SIZE, COMMAND_SECONDS) as pool:
            while not self._stopping.is_set():
                try:
                    await self._run_manager(pool)
                except (*FAILURES, asyncpg.PostgresError) as error:
                    log.warning("engine_restarting", error=type(error).__name__)
                    await asyncio.sleep(AGAIN_SECONDS)

    def stop(self) -> None:
        """Take no more tickets."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    async def _run_manager(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        driver = PatientDriver(self._db, pool, self._listener)
        builder = HeldQueueBuilder(SETTINGS)
        tickets = SharedQueries(
            driver,
            QueryBuilderEnvironment(SETTINGS),
            builder,
            QuerySchedulerBuilder(SETTINGS),
            shares=self._shares,
            capped={job.queue for job in self._jobs.values() if job.cap},
        )
        manager = TicketManager(tickets, self._handle)
        builder.manager_id = manager.queue_manager_id
        for job in {job.queue: job for job in self._jobs.values()}.values():
            manager.entrypoint(job.queue, concurrency_limit=job.cap)(_named_only)
        self._manager = manager
        if self._stopping.is_set():
            return
        async with tm.cancel_on_exit(asyncio.create_task(manager.beat())):
            await manager.run(
                dequeue_timeout=DEQUEUE,
                batch_size=min(BATCH, self._max_concurrent // 2),  # pgqueuer's own bound
                max_concurrent_tasks=self._max_concurrent,
                shutdown_on_listener_failure=False,
                heartbeat_timeout=HEARTBEAT,
            )

    async def _handle(self, ticket: models.Job) -> bool:
        """Whether the ticket is gone already. Raises RetryRequested only."""
        try:
            return await self._runner.handle(int(ticket.id), UUID(bytes=ticket.payload))
        except TryLater as later:
            raise errors.RetryRequested(delay=timedelta(seconds=later.seconds)) from None
        except FAILURES as error:
            log.warning("ticket_waits_for_database", error=type(error).__name__)
            raise errors.RetryRequested(delay=timedelta(seconds=AGAIN_SECONDS)) from None
        except Exception:
            log.exception("ticket_failed", ticket=int(ticket.id))
            raise errors.RetryRequested(delay=timedelta(seconds=_DEFECT_SECONDS)) from None


async def _named_only(_: models.Job) -> None:
    """What pgqueuer wants to register for a queue; the manager hands out the tickets itself."""


def _queries(driver: Driver, builder: QueryQueueBuilder) -> Queries:
    return Queries(
        driver, QueryBuilderEnvironment(SETTINGS), builder, QuerySchedulerBuilder(SETTINGS)
    )
