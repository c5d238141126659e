"""The dispatch of one ticket, with less beside it than pgqueuer's own."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeAlias

import asyncpg
from pgqueuer.core.buffers import HeartbeatBuffer, JobStatusLogBuffer
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain import errors, models

from forthwith.platform import logging
from forthwith.platform.jobs.engine.queries import SharedQueries

log = logging.get(__name__)

Handle: TypeAlias = Callable[[models.Job], Awaitable[bool]]
"""Does what a ticket asks for; whether the ticket is gone. Raises RetryRequested only."""

_BEAT_SECONDS: Final = 2.0


class TicketManager(QueueManager):
    """Hands tickets to `handle`.

    pgqueuer has a task with a timer for each ticket's heartbeats: here one statement beats for
    all tickets at hand. Tickets that went with their runs are not deleted once more.
    """

    def __init__(self, queries: SharedQueries, handle: Handle) -> None:
        super().__init__(queries)
        self._tickets = queries
        self._handle = handle

    async def beat(self) -> None:
        """Tell that the tickets at hand are worked on, until cancelled."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            if not self.job_context:
                continue
            try:
                await self._tickets.update_heartbeat(list(self.job_context))
            except asyncpg.PostgresError as error:  # gave way to another statement
                log.warning("heartbeat_put_off", error=type(error).__name__)

    async def _dispatch(
        self,
        job: models.Job,
        jbuff: JobStatusLogBuffer,
        hbuff: HeartbeatBuffer,
        heartbeat_timeout: timedelta,
    ) -> None:
        del hbuff, heartbeat_timeout  # `beat` does it
        try:
            is_gone = await self._handle(job)
        except errors.RetryRequested as later:
            self.job_context.pop(job.id, None)  # or our own next look would skip the ticket
            await self._tickets.retry_job(job, later.delay, None)
            self._tickets.wake_up()
        else:
            if is_gone:
                self._tickets.gone(job)
            else:
                self.jobs_logged += 1
                await jbuff.add((job, "successful", None))
        finally:
            self._tickets.ended(job)
