"""One call in the air for all processes that want its answer."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, Protocol
from uuid import UUID

CHANNEL: Final = "forthwith_flights"


class FlightsAway(Exception):
    """The store of the leases does not answer; calls are made without it."""


class Listening(Protocol):
    """What tells the notices of other processes: `events.Listener` or `RedisListener`."""

    async def listen(
        self, channel: str, on_notice: Callable[[str], None], on_reconnect: Callable[[], None]
    ) -> None:
        """Call back for each notice from now on, and after each time some may have been missed."""


class Flight:
    """A lease on a key: its holder makes the call. `token` tells holders apart."""

    __slots__ = ("has_landed", "key", "token")

    def __init__(self, key: str, token: UUID) -> None:
        self.key = key
        self.token = token
        self.has_landed = False


class Flights(Protocol):
    """Leases in a store that all processes reach."""

    async def take(self, key: str) -> Flight | float:
        """The lease, renewed from now on, or the seconds until its present holder loses it.

        Raises `FlightsAway`.
        """

    async def drop(self, flight: Flight) -> None:
        """End a lease that is still its holder's, and wake those who wait; never raises."""

    def landed(self, flight: Flight) -> None:
        """Its lease was ended together with the storing of its answer."""

    @property
    def awaiting(self) -> Callable[[str], contextlib.AbstractContextManager[asyncio.Event]]:
        """A context with an event that is set whenever a flight of the key has ended."""


class Waiting:
    """Who waits for the end of which flight, in this process."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = defaultdict(set)

    @contextlib.contextmanager
    def awaiting(self, key: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever a flight of this key has ended."""
        woken = asyncio.Event()
        self._events[key].add(woken)
        try:
            yield woken
        finally:
            self._events[key].discard(woken)
            if not self._events[key]:
                del self._events[key]

    def wake(self, key: str) -> None:
        """A flight has ended; an empty key wakes all."""
        if not key:
            self.wake_all()
        for woken in self._events.get(key, ()):
            woken.set()

    def wake_all(self) -> None:
        """Notices may have been missed."""
        for events in self._events.values():
            for woken in events:
                woken.set()
