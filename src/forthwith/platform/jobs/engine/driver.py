"""How pgqueuer reaches the database: patiently, and listening through our own listener."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final, Self, TypeVar

import asyncpg
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import Driver, NotifyCallback

from forthwith.platform import logging
from forthwith.platform.db import Connection, Database, Pooled, ask
from forthwith.platform.events import FAILURES, Listener
from forthwith.platform.jobs.statements import TICKET_ENDED, TICKETS_CHANNEL

log = logging.get(__name__)
T = TypeVar("T")

COMMAND_SECONDS: Final = 3.0
AGAIN_SECONDS: Final = 0.5


class PatientDriver(Driver):
    """Waits for a database that is away; listens through our own listener.

    `has_news` says whether anything was told since it was last set back: a notice that comes
    while it is set tells nothing more. `hears_ends`: somebody waits for tickets to end.

    A connection that does not answer in time is ended at once, and its pool made anew: after a
    silent cut of the network asyncpg would wait for ever for the end of the cancelled statement.
    """

    def __init__(
        self, db: Database, pool: "asyncpg.Pool[asyncpg.Record]", listener: Listener
    ) -> None:
        self._db = db
        self._pool = pool
        self._listener = listener
        self._shutdown = asyncio.Event()
        self._wake: Callable[[], None] = lambda: None
        self.has_news = True
        self.hears_ends = False

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Rows, however long the database is away."""
        rows = await self._insist(lambda connection: connection.fetch(query, *args))
        return [dict(row) for row in rows]

    async def execute(self, query: str, *args: object) -> str:
        """The status of a statement, likewise."""
        return await self._insist(lambda connection: connection.execute(query, *args))

    async def notify(self, channel: str, payload: str) -> None:
        """Tell every process that listens."""
        await self.execute("select pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Call back for each notification, and after a time in which some may be lost.

        On pgqueuer's own channel only its probes of the listener come: its trigger is off.
        """
        self._wake = lambda: callback(json.dumps(_WAKE_UP | {"channel": channel}))
        await self._listener.listen(channel, callback, self.wake_up)
        await self._listener.listen(TICKETS_CHANNEL, self._on_ticket, self.wake_up)

    def tell_of_end(self) -> None:
        """Tell all workers that a ticket of a queue with a cap is gone."""
        self._db.tell(TICKETS_CHANNEL, TICKET_ENDED)

    def wake_up(self) -> None:
        """As if a notice had come."""
        self.has_news = True
        self.ring()

    def ring(self) -> None:
        """Wake up without news: there is room for what is known."""
        self._wake()

    def _on_ticket(self, told: str) -> None:
        """Wake up, unless nobody waits for an end or news is known already."""
        if not self.has_news and (told != TICKET_ENDED or self.hears_ends):
            self.wake_up()

    @property
    def shutdown(self) -> asyncio.Event:
        """Asked for by the port."""
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        """Asked for by the port; no tasks are begun here."""
        return TaskManager()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def _insist(self, question: "Callable[[Pooled], Awaitable[T]]") -> T:
        while True:
            try:
                return await ask(self._pool, question, COMMAND_SECONDS)
            except FAILURES as error:
                log.warning("engine_waits_for_database", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


_WAKE_UP: Final = {
    "operation": "insert",
    "sent_at": "1970-01-01T00:00:00+00:00",
    "table": "pgqueuer",
    "type": "table_changed_event",
}


class InstallDriver(PatientDriver):
    """One connection, for the session-level lock of an upgrade."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Rows, by the one connection."""
        return [dict(row) for row in await self._connection.fetch(query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        """The status of a statement, likewise."""
        return await self._connection.execute(query, *args)
