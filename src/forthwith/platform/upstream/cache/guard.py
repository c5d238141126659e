"""A shared tier that may be away: skipped while it is, and taken back by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from forthwith.platform import logging
from forthwith.platform.upstream.cache.tallies import tier_failures
from forthwith.platform.upstream.cache.tiers import Invalidation, Looked, Record, SharedTier
from forthwith.platform.upstream.flights import Flight, Flights

log = logging.get(__name__)

R = TypeVar("R")

_ANSWER_SECONDS: Final = 2.0
_PROBE_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_OWED_KEYS: Final = 10_000


class GuardedTier:
    """One tier, without its failures. What it missed is made good before it is used again."""

    def __init__(self, tier: SharedTier, namespaces: Callable[[], Sequence[str]]) -> None:
        self.name = tier.name
        self._tier = tier
        self._namespaces = namespaces
        self._probing: asyncio.Task[None] | None = None
        self._owed_keys: set[str] = set()
        self._owed_tags: set[str] = set()
        self._owed_namespaces: set[str] = set()

    @property
    def is_away(self) -> bool:
        """Whether it is skipped at present."""
        return self._probing is not None

    @property
    def flights(self) -> Flights | None:
        """Its flights, unless it is away."""
        return None if self.is_away else self._tier.flights

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What the tier raises when it is away."""
        return self._tier.failures

    async def look(self, keys: Sequence[str]) -> Looked | None:
        """What the tier has, or None when it is away."""
        if self._probing is not None:
            return None
        try:
            return await self._tier.look(keys)  # which answers in time or fails by itself
        except self._tier.failures as error:
            self.note_failure(error)
            return None

    async def store(self, records: Sequence[Record], seen: int) -> None:
        """Keep loaded values, if it can."""
        await self._attempt(lambda: self._tier.store(records, seen))

    async def land(self, flight: Flight, record: Record, seen: int) -> None:
        """Store and end the flight, if it can."""

        async def landing() -> None:
            await self._tier.land(flight, record, seen)
            flight.has_landed = True
            if self._tier.flights is not None:
                self._tier.flights.landed(flight)

        await self._attempt(landing)

    async def replace(self, records: Sequence[Record], told: Invalidation) -> None:
        """Keep newer values; what it could not take is owed as an invalidation."""
        if not await self._is_done(lambda: self._tier.replace(records, told)):
            self._owe(told)

    async def forget(self, told: Invalidation) -> None:
        """Invalidate, now or before the tier is used again."""
        if not await self._is_done(lambda: self._tier.forget(told)):
            self._owe(told)

    async def close(self) -> None:
        """Stop probing."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait({self._probing})

    def note_failure(self, error: Exception) -> None:
        """Skip the tier from now on, until a probe succeeds."""
        tier_failures.labels(self.name).inc()
        if self._probing is None:
            log.warning("cache_tier_lost", tier=self.name, error=repr(error)[:200])
            self._probing = asyncio.create_task(self._take_back())

    async def _attempt(self, work: Callable[[], Awaitable[R]]) -> R | None:
        if self._probing is not None:
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await work()
        except self._tier.failures as error:
            self.note_failure(error)
            return None

    async def _is_done(self, work: Callable[[], Awaitable[None]]) -> bool:
        async def done() -> bool:
            await work()
            return True

        return bool(await self._attempt(done))

    def _owe(self, told: Invalidation) -> None:
        self._owed_tags.update(told.tags)
        self._owed_namespaces.update(told.namespaces)
        self._owed_keys.update(told.keys)
        if len(self._owed_keys) > _OWED_KEYS:
            self._owed_namespaces.update(self._namespaces())
            self._owed_keys.clear()

    async def _take_back(self) -> None:
        """Probe at growing distances; pay what is owed; only then use the tier again."""
        tries = 0
        while True:
            await asyncio.sleep(_PROBE_SECONDS[min(tries, len(_PROBE_SECONDS) - 1)])
            tries += 1
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await self._tier.probe()
                    await self._pay()
            except self._tier.failures:
                continue
            self._probing = None
            log.info("cache_tier_back", tier=self.name)
            return

    async def _pay(self) -> None:
        """Replay missed invalidations; more may come in while this one is under way."""
        while self._owed_keys or self._owed_tags or self._owed_namespaces:
            keys, tags = tuple(self._owed_keys), tuple(self._owed_tags)
            namespaces = tuple(self._owed_namespaces)
            await self._tier.forget(Invalidation(keys, tags, namespaces))
            self._owed_keys.difference_update(keys)
            self._owed_tags.difference_update(tags)
            self._owed_namespaces.difference_update(namespaces)
