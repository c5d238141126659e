"""What a worker asks of the ledger for every run: start it, save its steps, end it."""

from uuid import UUID

from forthwith.platform.db import Database
from forthwith.platform.jobs import statements
from forthwith.platform.jobs.batching import Batched, Row
from forthwith.platform.jobs.lease import LEASE


class Ledger:
    """The three hot statements of a worker, each asked for many runs at once."""

    def __init__(self, db: Database, max_takeovers: int) -> None:
        self._start = Batched(db, statements.START, (LEASE, max_takeovers))
        self._save_step = Batched(db, statements.SAVE_STEP)
        self._succeed = Batched(db, statements.SUCCEED)

    async def start(self, run: UUID, ticket: int, holder: UUID) -> Row:
        """Take the run under a lease; None when there is nothing to start."""
        return await self._start.ask(run, ticket, holder)

    async def save_step(self, run: UUID, name: str, result: bytes, holder: UUID) -> Row:
        """Keep a result; what is kept now, and whether the run is held; None: it was erased."""
        return await self._save_step.ask(run, name, result, holder)

    async def succeed(
        self, run: UUID, holder: UUID, result: bytes, progress: bytes, data: bytes
    ) -> Row:
        """End the run well; None when it is not held any more."""
        return await self._succeed.ask(run, holder, result, progress, data)
