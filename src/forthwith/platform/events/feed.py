"""Following streams live: one listener wakes all readers of a process."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Final
from uuid import UUID

from forthwith.platform.crypto import Codec
from forthwith.platform.db import EVENTS_CHANNEL, FAILURES, Database
from forthwith.platform.events.listener import Listener
from forthwith.platform.events.log import StoredEvent, has_ended, read_after

REREAD_SECONDS: Final = 10.0
"""A stream is read again after this time even without a notice."""


class Feed:
    """Wakes whoever follows a stream."""

    def __init__(self, db: Database, codec: Codec, listener: Listener) -> None:
        self._db = db
        self._codec = codec
        self._listener = listener
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    async def open(self) -> None:
        """Begin to listen."""
        await self._listener.listen(EVENTS_CHANNEL, self._on_notice, self._wake_all)

    async def follow(
        self, stream: UUID, after: int, until: Collection[str]
    ) -> AsyncIterator[StoredEvent | None]:
        """Events after a number, as they come, until the newest is of a kind in `until`.

        Yields None every 10 quiet seconds, so that a server can send a keep-alive. Goes on
        when the database was away, and ends when the stream is erased.
        """
        with self._woken_by(str(stream)) as woken:
            while True:
                woken.clear()
                try:
                    events = await read_after(self._db, self._codec, stream, after)
                    ended = not events and await has_ended(self._db, stream, after, until)
                except FAILURES:
                    events, ended = [], False  # the listener wakes us when it is back
                for event in events:
                    after = event.seq
                    yield event
                if ended:
                    return
                if not events and not await _comes(woken):
                    yield None

    @contextlib.contextmanager
    def _woken_by(self, stream: str) -> Iterator[asyncio.Event]:
        woken = asyncio.Event()
        self._waiting[stream].add(woken)
        try:
            yield woken
        finally:
            self._waiting[stream].discard(woken)
            if not self._waiting[stream]:
                del self._waiting[stream]

    def _on_notice(self, payload: str) -> None:
        for woken in self._waiting.get(payload.partition(":")[0], ()):
            woken.set()

    def _wake_all(self) -> None:
        for waiting in self._waiting.values():
            for woken in waiting:
                woken.set()


async def _comes(woken: asyncio.Event) -> bool:
    """Whether the event is set before it is time to read again anyway."""
    try:
        await asyncio.wait_for(woken.wait(), REREAD_SECONDS)
    except TimeoutError:
        return False
    return True
