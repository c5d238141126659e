"""What is different of pgqueuer's statements: whose rows they touch, which queues they ask."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import models
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from forthwith.platform.jobs.shares import Shares


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
        """Tickets of the first queues in turn that have any."""
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
