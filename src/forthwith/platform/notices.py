"""NOTIFY after the commit, and off its path.

A transaction that notifies holds one lock of the whole database from before its commit is flushed
until after it, so that such commits follow each other where others share a flush (PostgreSQL,
src/backend/commands/async.c; docs/adr/019). A NOTIFY by itself writes nothing and waits for no
flush. So what a transaction has to tell is told once it is committed, together with whatever else
is waiting to be told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from forthwith.platform import logging

log = logging.get(__name__)

Send: TypeAlias = Callable[[Sequence[str], Sequence[str]], Awaitable[object]]
"""Sends a notice for each channel and its payload."""

_AGAIN_SECONDS: Final = 0.5
_CLOSING_SECONDS: Final = 2.0


class Notices:
    """What this process has to tell the others, soon and at most once.

    A process that is killed before it has told leaves the others to their own next look, which
    everyone who listens takes now and then. `failures` are worth trying again.
    """

    def __init__(self, send: Send, failures: tuple[type[Exception], ...]) -> None:
        self._send = send
        self._failures = failures
        self._waiting: dict[tuple[str, str], None] = {}
        self._sending: asyncio.Task[None] | None = None

    def tell(self, channel: str, payload: str) -> None:
        """Tell of something that is committed; the same payload waits but once."""
        self._waiting[channel, payload] = None
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all())

    async def close(self) -> None:
        """Tell the rest, if that is possible within two seconds."""
        if (sending := self._sending) is not None:
            await asyncio.wait({sending}, timeout=_CLOSING_SECONDS)
            sending.cancel()

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, {}
                if not await self._is_sent(list(taken)):
                    self._waiting = taken | self._waiting
                    await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            self._sending = None

    async def _is_sent(self, notices: Sequence[tuple[str, str]]) -> bool:
        """False while the database is away; what it refuses is not tried again."""
        channels, payloads = zip(*notices, strict=True)
        try:
            await self._send(channels, payloads)
        except self._failures as error:
            log.warning("notices_put_off", error=type(error).__name__)
            return False
        except Exception:  # of these: what comes later is told
            log.exception("notices_refused", channels=sorted(set(channels)))
        return True
