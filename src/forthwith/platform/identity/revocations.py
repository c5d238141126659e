"""What makes an access token invalid or outdated before it expires, known without a query.

The database tells every process which sessions ended and which plans changed (triggers of
migration 0008). Only the last minutes matter: whatever is older than an access token lives
is in no valid token any more.
"""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.events import Listener

CHANNEL: Final = "forthwith_sessions"
TRUSTED_SECONDS: Final = 2.0
"""How long nothing may be heard before no token is believed; deafness is noticed within 5 s."""
_AGAIN_SECONDS: Final = 0.5

_READ: Final = """
select 'ended|' || id as notice from platform.sessions where ended_at > now() - $1::interval
union all
select 'plan|' || id || '|' || plan from platform.accounts
where plan_changed_at > now() - $1::interval
"""


class Revocations:
    """The sessions that ended and the plans that changed in the last `seconds`."""

    def __init__(self, db: Database, listener: Listener, seconds: float) -> None:
        self._db = db
        self._listener = listener
        self._seconds = seconds
        self._ended: dict[UUID, float] = {}
        self._plans: dict[UUID, tuple[str, float]] = {}
        self._heard_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to listen, and read what happened before."""
        await self._listener.listen(CHANNEL, self._on_notice, self._read_again)
        await self._read()

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    def is_ended(self, session: UUID) -> bool:
        """Whether a session ended lately.

        Raises ConnectionError when that cannot be known, since nothing is heard.
        """
        self._ensure_heard()
        return session in self._ended

    def plan_of(self, account: UUID) -> str | None:
        """The plan of an account, when it changed lately."""
        changed = self._plans.get(account)
        return None if changed is None else changed[0]

    def _ensure_heard(self) -> None:
        now = clock.monotonic()
        caught_up = self._reading is None or self._reading.done()
        if caught_up and self._listener.connected.is_set():
            self._heard_at = now
        elif now - self._heard_at > TRUSTED_SECONDS:
            raise ConnectionError("which sessions ended is not known")

    def _read_again(self) -> None:
        """Catch up on what was told while nobody listened."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading = asyncio.create_task(self._read_until_done())

    async def _read_until_done(self) -> None:
        while True:
            with contextlib.suppress(*FAILURES):
                return await self._read()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _read(self) -> None:
        for row in await self._db.fetch(_READ, timedelta(seconds=self._seconds)):
            self._on_notice(row["notice"])
        self._heard_at = clock.monotonic()

    def _on_notice(self, notice: str) -> None:
        kind, identifier, *rest = notice.split("|")
        now = clock.monotonic()
        subject = UUID(identifier)
        if kind == "ended":
            self._ended.pop(subject, None)  # so that it becomes the newest
            self._ended[subject] = now
        else:
            self._plans.pop(subject, None)
            self._plans[subject] = (rest[0], now)
        self._forget(now - self._seconds)

    def _forget(self, before: float) -> None:
        """Drop what no valid token can name any more; both are in the order of hearing."""
        while self._ended and next(iter(self._ended.values())) < before:
            del self._ended[next(iter(self._ended))]
        while self._plans and next(iter(self._plans.values()))[1] < before:
            del self._plans[next(iter(self._plans))]
