"""The adapter to pgqueuer 1.6, the only file that knows it.

pgqueuer hands out tickets; the ledger decides what they mean. Four of its edges are closed
here: a lost connection is waited for instead of raised, LISTEN is ours (it notices when it is
deaf), completions, heartbeats and retries touch only rows that this worker still holds, and
what leaves an entrypoint is only a request to try later.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain import errors, models
from pgqueuer.domain.settings import DBSettings
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.driver import Driver, NotifyCallback
from pgqueuer.ports.repository import EntrypointExecutionParameter

from forthwith.platform import logging
from forthwith.platform.db import Connection, Database, Pooled, ask
from forthwith.platform.events import FAILURES, Listener
from forthwith.platform.jobs.declare import Job
from forthwith.platform.jobs.runner import Runner, TryLater
from forthwith.platform.jobs.shares import Shares

log = logging.get(__name__)
T = TypeVar("T")

SETTINGS: Final = DBSettings(db_schema="pgqueuer", prefix="")
HEARTBEAT: Final = timedelta(seconds=6)
DEQUEUE: Final = timedelta(seconds=2)
BATCH: Final = 10
_POOL_SIZE: Final = 4
_COMMAND_SECONDS: Final = 3.0
_AGAIN_SECONDS: Final = 0.5
_DEFECT_SECONDS: Final = 1.0


async def install(connection: Connection) -> None:
    """Create or upgrade pgqueuer's own tables; the caller holds the migration lock."""
    queries = _queries(_InstallDriver(connection), QueryQueueBuilder(SETTINGS))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install()


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
        self._manager: QueueManager | None = None

    async def run(self) -> None:
        """Work until `stop`; returns once the tickets at hand are done with."""
        async with self._db.statement_pool(_POOL_SIZE, _COMMAND_SECONDS) as pool:
            while not self._stopping.is_set():
                try:
                    await self._run_manager(pool)
                except (*FAILURES, asyncpg.PostgresError) as error:
                    log.warning("engine_restarting", error=type(error).__name__)
                    await asyncio.sleep(_AGAIN_SECONDS)

    def stop(self) -> None:
        """Take no more tickets."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    async def _run_manager(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        driver = _PatientDriver(pool, self._listener)
        builder = _HeldQueueBuilder(SETTINGS)
        manager = QueueManager(
            _SharedQueries(
                driver,
                QueryBuilderEnvironment(SETTINGS),
                builder,
                QuerySchedulerBuilder(SETTINGS),
                shares=self._shares,
            )
        )
        builder.manager_id = manager.queue_manager_id
        for job in {job.queue: job for job in self._jobs.values()}.values():
            manager.entrypoint(job.queue, concurrency_limit=job.cap)(self._handle)
        self._manager = manager
        if self._stopping.is_set():
            return
        await manager.run(
            dequeue_timeout=DEQUEUE,
            batch_size=min(BATCH, self._max_concurrent // 2),  # pgqueuer's own bound
            max_concurrent_tasks=self._max_concurrent,
            shutdown_on_listener_failure=False,
            heartbeat_timeout=HEARTBEAT,
        )

    async def _handle(self, ticket: models.Job) -> None:
        """Raises RetryRequested only: anything else would delete the ticket."""
        try:
            await self._runner.handle(int(ticket.id), UUID(bytes=ticket.payload))
        except TryLater as later:
            raise errors.RetryRequested(delay=timedelta(seconds=later.seconds)) from None
        except FAILURES as error:
            log.warning("ticket_waits_for_database", error=type(error).__name__)
            raise errors.RetryRequested(delay=timedelta(seconds=_AGAIN_SECONDS)) from None
        except Exception:
            log.exception("ticket_failed", ticket=int(ticket.id))
            raise errors.RetryRequested(delay=timedelta(seconds=_DEFECT_SECONDS)) from None
        finally:
            self._shares.ended(int(ticket.id))


class _HeldQueueBuilder(QueryQueueBuilder):
    """Completion, heartbeat and retry, for rows that this worker still holds."""

    manager_id: QueueManagerId

    def build_log_job_query(self) -> str:
        return self._held(super().build_log_job_query(), "WHERE id = ANY(", ")\n            RETURN")

    def build_update_heartbeat_query(self) -> str:
        return f"{super().build_update_heartbeat_query()} AND {self._mine}"

    def build_retry_job_query(self) -> str:
        return (
            super()
            .build_retry_job_query()
            .replace("WHERE id = $1::bigint", f"WHERE id = $1::bigint AND {self._mine}")
        )

    @property
    def _mine(self) -> str:
        return f"queue_manager_id = '{self.manager_id}'"

    def _held(self, sql: str, before: str, after: str) -> str:
        """Add the condition to each `WHERE id = ANY(...)` of the statement."""
        parts = sql.split(before)
        mended = [
            part.replace(after, f") AND {self._mine}\n            RETURN", 1) for part in parts[1:]
        ]
        return before.join([parts[0], *mended])


class _SharedQueries(Queries):
    """Asks the queues in the order of the shares, and only those that have work.

    pgqueuer would ask each class of queues, and then twice or thrice how long to sleep, at every
    notification: most of a worker's statements. One look at the heads of all queues tells both.
    """

    def __init__(self, *parts: Any, shares: Shares) -> None:
        super().__init__(*parts)
        self._shares = shares
        self._heads: list[_Head] = []

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[models.Job]:
        del global_concurrency_limit  # the shares count the slots, without asking the database
        rows = await self.driver.fetch(_HEADS, list(entrypoints), heartbeat_timeout)
        self._heads = msgspec.convert(rows, list[_Head])
        due = {head.queue for head in self._heads if head.is_due}
        for queues, most in self._shares.turns(batch_size):
            asked = {queue: entrypoints[queue] for queue in entrypoints if queue in queues & due}
            if not asked:
                continue
            jobs = await super().dequeue(most, asked, queue_manager_id, None, heartbeat_timeout)
            for job in jobs:
                self._shares.took(int(job.id), job.entrypoint)
            if jobs:
                return jobs
        return []

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """As the last look told, which is later than any notification that was dropped."""
        return sum(head.is_due for head in self._heads if head.queue in entrypoints)

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> timedelta | None:
        """Likewise."""
        heads = (head for head in self._heads if head.queue in entrypoints)
        return min((head.due_in for head in heads if head.due_in is not None), default=None)

    async def queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """Likewise: at least so many."""
        return sum(head.due_in is not None for head in self._heads if head.queue in entrypoints)


class _Head(msgspec.Struct, frozen=True):
    """When the first ticket of a queue is due, and whether one lost its worker."""

    queue: str
    due_in: timedelta | None
    is_stale: bool

    @property
    def is_due(self) -> bool:
        return self.is_stale or (self.due_in is not None and self.due_in <= timedelta())


_HEADS: Final = """
select queue,
  (select execute_after - now() from pgqueuer.pgqueuer
   where entrypoint = queue and status = 'queued' order by execute_after limit 1) as due_in,
  exists (select from pgqueuer.pgqueuer where entrypoint = queue and status = 'picked'
    and heartbeat < now() - $2::interval) as is_stale
from unnest($1::text[]) as queue
"""


class _PatientDriver(Driver):
    """Waits for a database that is away; listens through our own listener.

    A connection that does not answer in time is ended at once, and its pool made anew: after a
    silent cut of the network asyncpg would wait for ever for the end of the cancelled statement.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", listener: Listener) -> None:
        self._pool = pool
        self._listener = listener
        self._shutdown = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        rows = await self._insist(lambda connection: connection.fetch(query, *args))
        return [dict(row) for row in rows]

    async def execute(self, query: str, *args: object) -> str:
        return await self._insist(lambda connection: connection.execute(query, *args))

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("select pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        def wake_up() -> None:
            callback(json.dumps(_WAKE_UP | {"channel": channel}))

        await self._listener.listen(channel, callback, wake_up)

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def _insist(self, question: "Callable[[Pooled], Awaitable[T]]") -> T:
        while True:
            try:
                return await ask(self._pool, question, _COMMAND_SECONDS)
            except FAILURES as error:
                log.warning("engine_waits_for_database", error=type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)


_WAKE_UP: Final = {
    "operation": "insert",
    "sent_at": "1970-01-01T00:00:00+00:00",
    "table": "pgqueuer",
    "type": "table_changed_event",
}


class _InstallDriver(_PatientDriver):
    """One connection, for the session-level lock of an upgrade."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self._connection.fetch(query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        return await self._connection.execute(query, *args)


def _queries(driver: Driver, builder: QueryQueueBuilder) -> Queries:
    return Queries(
        driver, QueryBuilderEnvironment(SETTINGS), builder, QuerySchedulerBuilder(SETTINGS)
    )
