"""How pgqueuer reaches the database: patiently, and listening through our own listener."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final, Self, TypeVar

import asyncpg
import msgspec
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import Driver, NotifyCallback

from forthwith.platform import logging
from forthwith.platform.db import Connection, Pooled, ask
from forthwith.platform.events import FAILURES, Listener

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

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", listener: Listener) -> None:
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
        """Call back for each notification, and after a time in which some may be lost."""

        def on_notice(payload: str) -> None:
            if self._is_news(payload):
                callback(payload)

        self._wake = lambda: callback(json.dumps(_WAKE_UP | {"channel": channel}))
        await self._listener.listen(channel, on_notice, self.wake_up)

    def wake_up(self) -> None:
        """As if a notice had come."""
        self.has_news = True
        self.ring()

    def ring(self) -> None:
        """Wake up without news: there is room for what is known."""
        self._wake()

    def _is_news(self, payload: str) -> bool:
        """Whether to wake up for a notice; each statement on the tickets sends one."""
        notice = msgspec.json.decode(payload, type=_Notice)
        if notice.type != _WAKE_UP["type"]:
            return True
        if self.has_news or (notice.operation == "delete" and not self.hears_ends):
            return False
        self.has_news = True
        return True

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


class _Notice(msgspec.Struct, frozen=True):
    """What pgqueuer tells its workers."""

    type: str
    operation: str = ""


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
