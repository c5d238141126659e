"""Keeping the leases of this process: all of them in one command every third of a lease."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from forthwith.platform.upstream.flights.flight import Flight

LEASE_SECONDS: Final = 6.0


class Renewal:
    """Renews while there is something to renew."""

    def __init__(
        self, renew: Callable[[list[Flight]], Awaitable[None]], lease_seconds: float
    ) -> None:
        self._renew = renew
        self._interval = lease_seconds / 3
        self._held: set[Flight] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, flight: Flight) -> None:
        """Keep a lease from now on."""
        self._held.add(flight)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def discard(self, flight: Flight) -> None:
        """Keep it no longer."""
        self._held.discard(flight)

    async def close(self) -> None:
        """Stop; what is held ends by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while self._held:
            await asyncio.sleep(self._interval)
            if self._held:
                await self._renew(list(self._held))
