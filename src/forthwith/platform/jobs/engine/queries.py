"""What is different of pgqueuer's statements: whose rows they touch, which queues they ask."""

import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import models
from pgqueuer.domain.types import JOB_STATUS, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from forthwith.platform import clock
from forthwith.platform.jobs.engine.driver import PatientDriver
from forthwith.platform.jobs.shares import Shares

_LOOK_SECONDS: Final = 1.5
"""How long no look is needed when nothing was told: a notice may be lost, a worker die."""
_NEVER: Final = math.inf


class HeldQueueBuilder(QueryQueueBuilder):
    """Completion, heartbeat and retry, for rows that this worker still holds."""

    manager_id: QueueManagerId

    def build_log_job_query(self) -> str:
        """Completion."""
        return self._held(super().build_log_job_query(), "WHERE id = ANY(", ")\n            RETURN")

    def build_update_heartbeat_query(self) -> str:
        """The heartbeat."""
        return f"{super().build_update_heartbeat_query()} AND {self._mine}"

    def build_retry_job_query(self) -> str:
        """A retry."""
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


class SharedQueries(Queries):
    """Asks the queues in the order of the shares, and only those that have work.

    pgqueuer would ask each class of queues, and then twice or thrice how long to sleep, at every
    notification: most of a worker's statements. One look at the heads of all queues tells both,
    and it holds until something else is told.
    """

    driver: PatientDriver

    def __init__(
        self, driver: PatientDriver, *parts: Any, shares: Shares, capped: AbstractSet[str]
    ) -> None:
        super().__init__(driver, *parts)
        self._shares = shares
        self._capped = capped
        self._heads: list[_Head] = []
        self._looked_at = -math.inf

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[models.Job]:
        """Tickets of the first queues in turn that have any."""
        del global_concurrency_limit  # the shares count the slots, without asking the database
        if self._shares.is_full:
            return []  # `ended` wakes us
        if self.driver.has_news or clock.monotonic() - self._looked_at > _LOOK_SECONDS:
            await self._look(entrypoints, heartbeat_timeout)
        due = {head.queue for head in self._heads if head.is_due}
        for queues, most in self._shares.turns(batch_size):
            asked = {queue: entrypoints[queue] for queue in entrypoints if queue in queues & due}
            if not asked:
                continue
            jobs = await super().dequeue(most, asked, queue_manager_id, None, heartbeat_timeout)
            for job in jobs:
                self._shares.took(int(job.id), job.entrypoint)
            if len(jobs) < most:
                self._took_all(asked.keys())
            if jobs:
                return jobs
        return []

    async def log_jobs(
        self,
        job_status: list[tuple[models.Job, JOB_STATUS, models.TracebackRecord | None]],
    ) -> None:
        """Delete tickets that are done with."""
        await super().log_jobs(job_status)
        for ticket, _, _ in job_status:
            self.gone(ticket)

    def gone(self, ticket: models.Job) -> None:
        """A ticket was deleted: there is room in its queue, if that has a cap.

        Another worker can wait for it only if a ticket is due there, as the last look knows, or
        something was told since.
        """
        if ticket.entrypoint not in self._capped:
            return
        if self.driver.has_news or self._is_due(ticket.entrypoint):
            self.driver.tell_of_end()

    def ended(self, ticket: models.Job) -> None:
        """A ticket is not at hand any more."""
        was_full = self._shares.is_full
        self._shares.ended(int(ticket.id))
        if was_full:
            self.driver.ring()

    def wake_up(self) -> None:
        """Look at the queues now."""
        self.driver.wake_up()

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """As the last look told, which is later than any notification that was dropped."""
        return sum(head.is_due for head in self._heads if head.queue in entrypoints)

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> timedelta | None:
        """Likewise."""
        first = min(
            (head.due_at for head in self._heads if head.queue in entrypoints), default=_NEVER
        )
        return None if first == _NEVER else timedelta(seconds=first - clock.monotonic())

    async def queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """Likewise: at least so many."""
        return sum(head.due_at < _NEVER for head in self._heads if head.queue in entrypoints)

    def _is_due(self, queue: QueueEntrypoint) -> bool:
        return any(head.is_due for head in self._heads if head.queue == queue)

    async def _look(
        self,
        queues: Iterable[QueueEntrypoint],
        heartbeat_timeout: timedelta,
    ) -> None:
        self.driver.has_news = False
        rows = await self.driver.fetch(_HEADS, list(queues), heartbeat_timeout)
        self._looked_at = clock.monotonic()
        self._heads = [_head(row, self._looked_at) for row in rows]
        self.driver.hears_ends = any(
            head.is_due for head in self._heads if head.queue in self._capped
        )

    def _took_all(self, queues: AbstractSet[QueueEntrypoint]) -> None:
        """Nothing in these queues is due any more: it was taken, here or by another worker.

        It takes another look where it may be the cap that held something back, and where
        something has come due that was not at the look.
        """
        for head in self._heads:
            if head.queue not in queues:
                continue
            if head.queue not in self._capped:
                head.due_at, head.is_stale = head.next_at, False
            if head.is_due:
                self._looked_at = -math.inf


@dataclass(slots=True)
class _Head:
    """The front of a queue, with moments of this process's monotonic clock."""

    queue: str
    due_at: float
    """When its first ticket is due."""
    next_at: float
    """When the first is due that was not yet due at the look."""
    is_stale: bool
    """Whether a ticket lost its worker."""

    @property
    def is_due(self) -> bool:
        return self.is_stale or self.due_at <= clock.monotonic()


_HEADS: Final = """
select queue,
  (select extract(epoch from execute_after - now())::float8 from pgqueuer.pgqueuer
   where entrypoint = queue and status = 'queued' order by execute_after limit 1) as due_in,
  (select extract(epoch from execute_after - now())::float8 from pgqueuer.pgqueuer
   where entrypoint = queue and status = 'queued' and execute_after > now()
   order by execute_after limit 1) as next_in,
  exists (select from pgqueuer.pgqueuer where entrypoint = queue and status = 'picked'
    and heartbeat < now() - $2::interval) as is_stale
from unnest($1::text[]) as queue
"""


def _head(row: Mapping[str, Any], now: float) -> _Head:
    due_at, next_at = (
        _NEVER if row[name] is None else now + row[name] for name in ("due_in", "next_in")
    )
    return _Head(row["queue"], due_at, next_at, row["is_stale"])
