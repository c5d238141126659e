"""What holds while the shared store is away: the same limits, in each process for itself.

A fleet of N processes may then ask a vendor up to N times as much; the vendor's own answers
(a 429 cools a key) still hold it back. Every operation so served is counted. The shared store
is tried again after a second, and taken back by itself. Slots that could not be freed there are
freed then: a lease lasts for minutes, and a vendor may have few.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

import asyncpg

from forthwith.platform import clock, logging
from forthwith.platform.db import FAILURES
from forthwith.platform.upstream.budgets import counters
from forthwith.platform.upstream.budgets.accounts import Blocked, Document, Grant, Pool, Standing
from forthwith.platform.upstream.budgets.parts import Cost, Dimension
from forthwith.platform.upstream.budgets.store import BudgetStore, MemoryStore

log = logging.get(__name__)
T = TypeVar("T")

_AWAY: Final = (*FAILURES, asyncpg.PostgresError)
RETRY_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 0.5  # a store that is slower than this holds up more than it saves


class StandIn:
    """A shared store with in-process limits behind it."""

    is_local = False

    def __init__(self, shared: BudgetStore) -> None:
        self._shared = shared
        self._own = MemoryStore()
        self._away_until = 0.0
        self._is_away = False
        self._own_leases: set[int] = set()
        self._held: deque[tuple[Pool, Grant]] = deque()
        self._freeing: asyncio.Task[None] | None = None

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost from the shared budgets, or from this process's own."""
        outcome = await self._ask(
            partial(self._shared.take, pool, cost, waited=waited, aside=aside)
        )
        if outcome is not None:
            return outcome
        counters.stood_in.inc()
        own = self._own.take_now(pool, cost, waited)
        if isinstance(own, Grant):
            self._own_leases.add(own.lease)
        return own

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Settle where it was taken; slots of which the shared store misses it are freed later."""
        if grant.lease in self._own_leases:
            self._own_leases.discard(grant.lease)
            await self._own.settle(pool, grant, actual)
        elif not await self._is_settled(pool, grant, actual) and pool.has_slots:
            self._held.append((pool, grant))
            if self._freeing is None:
                self._freeing = asyncio.create_task(self._free())

    async def _is_settled(self, pool: Pool, grant: Grant, actual: Cost) -> bool:
        async def settle() -> bool:
            await self._shared.settle(pool, grant, actual)
            return True

        return await self._ask(settle) is not None

    async def _free(self) -> None:
        """Free the slots once the store is back.

        What a call cost is not corrected any more: a slow store may have done so, unheard.
        """
        try:
            while self._held:
                pool, grant = self._held[0]
                if await self._is_settled(pool, grant, grant.cost):
                    self._held.popleft()
                else:
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._freeing = None  # what fails otherwise is tried again with the next slot

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give a standing in both, so that a rejected key stays away from either."""
        await self._own.mark(pool, alias, standing, seconds)
        await self._ask(partial(self._shared.mark, pool, alias, standing, seconds))

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor in both."""
        await self._own.observe(pool, alias, dimension, remaining, resets_in)
        await self._ask(partial(self._shared.observe, pool, alias, dimension, remaining, resets_in))

    async def read(self, pool: Pool) -> Document:
        """A copy of the shared document, or of this process's own."""
        return await self._ask(partial(self._shared.read, pool)) or await self._own.read(pool)

    async def _ask(self, operation: Callable[[], Awaitable[T]]) -> T | None:
        """The shared store's answer, or None when it is away."""
        if clock.monotonic() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await operation()
        except _away() as error:
            self._lost(error)
            return None
        self._found()
        return answer

    def _lost(self, error: Exception) -> None:
        self._away_until = clock.monotonic() + RETRY_SECONDS
        counters.store_failures.inc()
        if not self._is_away:
            self._is_away = True
            log.warning("budget_store_away", error=type(error).__name__)

    def _found(self) -> None:
        if self._is_away:
            self._is_away = False
            log.info("budget_store_back")


def _away() -> tuple[type[Exception], ...]:
    """What a store that is away raises; Redis's errors only where its client is loaded."""
    redis = sys.modules.get("redis.exceptions")
    return _AWAY if redis is None else (*_AWAY, redis.RedisError)
