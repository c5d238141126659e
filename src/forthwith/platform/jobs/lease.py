"""Leases: what lets one worker, and only one, write for a run.

One statement renews all leases of the process every 1.5 seconds on a connection of its own,
so that a busy pool never starves it. A token that is not returned is looked at: when the run
is not ours any more, its work is stopped.
Between renewals a local deadline on the monotonic clock, counted from before the last good
renewal was sent, says whether the lease still holds; a frozen process notices by it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg

from forthwith.platform import clock, logging, metrics
from forthwith.platform.db import Connection, Database
from forthwith.platform.errors import LeaseLost
from forthwith.platform.events import FAILURES
from forthwith.platform.jobs.statements import NOT_RENEWED, RENEW

log = logging.get(__name__)

LEASE_SECONDS: Final = 6.0
LEASE: Final = timedelta(seconds=LEASE_SECONDS)
RENEW_SECONDS: Final = 1.5
_COMMAND_SECONDS: Final = 2.0


class Lease:
    """One run held by this process; `token` stands in `runs.holder`."""

    def __init__(self, run: UUID, name: str, token: UUID, taken_at: float) -> None:
        self.run = run
        self.name = name
        self.token = token
        self.seen_held_at = taken_at
        """When a statement was last sent that found it held."""
        self.deadline = taken_at + LEASE_SECONDS
        self.lost = False
        self._paying = 0
        self._work_ended = False
        self._stop: Callable[[], object] = lambda: None

    def watch(self, stop: Callable[[], object]) -> None:
        """Call `stop` to end the work once the lease is gone."""
        self._stop = stop

    def end_work(self) -> None:
        """From here on the statement that ends the run is the fence; a loss is no news."""
        self._work_ended = True

    @contextmanager
    def paying(self) -> Iterator[None]:
        """Around a paid call and the keeping of its answer."""
        self._paying += 1
        try:
            yield
        finally:
            self._paying -= 1

    def ensure_held(self) -> None:
        """Raise `LeaseLost` when the lease is over; asked before each step and outward call."""
        if self.lost or clock.monotonic() > self.deadline:
            raise LeaseLost("The lease of this run is over; another worker may have it.")

    def note_lost(self) -> None:
        """Mark the lease as gone: nothing more begins under it."""
        if not self.lost:
            self.lost = True
            metrics.leases_lost.labels(self.name).inc()
            log.warning("lease_lost", lost_run=str(self.run), job=self.name)

    def lose(self, *, wanted: bool) -> None:
        """Mark the lease as gone and stop the work under it.

        While the run is still `wanted` (another worker has it), a paid call under way is
        waited for: its answer is kept, and nothing after it happens.
        """
        if self.lost or self._work_ended:
            return
        self.note_lost()
        if not (self._paying and wanted):
            self._stop()


class LeaseKeeper:
    """Renews every lease of the process; `run()` lives as long as the worker."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._leases: dict[UUID, Lease] = {}

    def add(self, lease: Lease) -> None:
        """Keep a lease from now on."""
        self._leases[lease.token] = lease

    def drop(self, lease: Lease) -> None:
        """Stop keeping it; on every way out of a run."""
        self._leases.pop(lease.token, None)

    async def run(self) -> None:
        """Renew until cancelled, over a connection that is made anew when it fails."""
        connection: Connection | None = None
        try:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                try:
                    if connection is None or connection.is_closed():
                        connection = await self._db.connect(
                            timeout=_COMMAND_SECONDS, command_timeout=_COMMAND_SECONDS
                        )
                    await self._renew(connection)
                except (*FAILURES, asyncpg.PostgresError) as error:
                    log.warning("lease_renewal_failed", error=type(error).__name__)
                    if connection is not None:
                        connection.terminate()
                        connection = None
        finally:
            if connection is not None:
                connection.terminate()

    async def _renew(self, connection: Connection) -> None:
        leases = list(self._leases.values())
        if not leases:
            return
        sent_at = clock.monotonic()
        rows = await connection.fetch(
            RENEW,
            [lease.run for lease in leases],
            [lease.token for lease in leases],
            LEASE,
        )
        renewed = {row["holder"] for row in rows}
        for lease in leases:
            if lease.token in renewed:
                lease.deadline = sent_at + LEASE_SECONDS
        missing = [lease for lease in leases if lease.token not in renewed]
        if missing:
            await self._examine(connection, missing)

    async def _examine(self, connection: Connection, missing: Sequence[Lease]) -> None:
        """Tell a lease that is lost from one whose run was only locked for the moment."""
        found = await connection.fetch(NOT_RENEWED, [lease.run for lease in missing])
        rows = {row["id"]: row for row in found}
        for lease in missing:
            row = rows.get(lease.run)
            is_ours = row is not None and row["holder"] == lease.token
            if not is_ours and lease.token in self._leases:  # not dropped meanwhile
                lease.lose(wanted=row is not None and row["state"] in {"queued", "running"})
