"""LISTEN on one direct connection per process, that notices when it is deaf.

A network that is cut without a word leaves LISTEN waiting for ever, so the connection is
probed every 2 seconds. Whoever listens is called once after every (re)connect, to read what
was told meanwhile. Needs a direct connection: PgBouncer in transaction mode drops LISTEN.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import asyncpg

from forthwith.platform import logging
from forthwith.platform.db import FAILURES, Connection, Database

log = logging.get(__name__)

PROBE_SECONDS: Final = 2.0
_COMMAND_SECONDS: Final = 3.0
_RECONNECT_SECONDS: Final = 0.5

OnNotice: TypeAlias = Callable[[str], None]
OnReconnect: TypeAlias = Callable[[], None]


class Listener:
    """Calls back for each notice on a channel; `run()` lives as long as the process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._channels: dict[str, tuple[OnNotice, OnReconnect]] = {}
        self._connection: Connection | None = None
        self._lost = False
        self.connected = asyncio.Event()

    async def listen(self, channel: str, on_notice: OnNotice, on_reconnect: OnReconnect) -> None:
        """Listen on a channel from now on; one listener per channel."""
        self._channels[channel] = (on_notice, on_reconnect)
        if self._connection is not None:
            with contextlib.suppress(*FAILURES):  # run() reconnects and listens again
                await self._connection.add_listener(channel, self._dispatch)
                on_reconnect()

    async def run(self) -> None:
        """Hold the connection until cancelled."""
        while True:
            try:
                await self._hold()
            except (*FAILURES, asyncpg.PostgresError) as error:  # also a password just changed
                if not self._lost:
                    log.warning("listener_lost", error=type(error).__name__)
                self._lost = True
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hold(self) -> None:
        connection = await self._db.connect(timeout=5, command_timeout=_COMMAND_SECONDS)
        try:
            heard: set[str] = set()
            while missing := self._channels.keys() - heard:  # some may be added meanwhile
                for channel in missing:
                    await connection.add_listener(channel, self._dispatch)
                heard |= missing
            self._connection = connection
            self.connected.set()
            if self._lost:
                log.info("listener_reconnected")
            self._lost = False
            for _, on_reconnect in self._channels.values():
                on_reconnect()
            while True:
                await asyncio.sleep(PROBE_SECONDS)
                await connection.execute("select 1")
        finally:
            self._connection = None
            self.connected.clear()
            connection.terminate()

    def _dispatch(self, _: Any, __: int, channel: str, payload: object) -> None:
        on_notice, _on_reconnect = self._channels[channel]
        on_notice(str(payload))
