"""Requests that a process took along from a shared store, granted without asking it again.

Only pools of rates, or of no rules, have a stock. A process takes along as many requests as it
was granted in the last half second, and grants them within the next one; what is left then
lapses. So one call alone takes one, and never more is lost than was used just before. The limit
holds as if each call had asked: a rate's bucket keeps room for what is set aside (parts.py), and
half of every burst is left to others. What another process learns, of a vendor that tells to
wait or of a rejected key, is seen half a second later at most.
"""

from collections import deque
from typing import Final

from forthwith.platform import clock
from forthwith.platform.upstream.budgets.accounts import Blocked, Document, Grant, Pool, Standing
from forthwith.platform.upstream.budgets.parts import ASIDE_SECONDS, Cost, Dimension
from forthwith.platform.upstream.budgets.store import BudgetStore

_CLOCKS_DIFFER: Final = 0.1  # seconds: the store counts by another clock, from a later moment
STOCK_SECONDS: Final = ASIDE_SECONDS - _CLOCKS_DIFFER
_MOST: Final = 50  # requests at a time


class Stock:
    """A shared store for the one pool of a limiter, and the requests that were taken along."""

    is_local = False

    def __init__(self, store: BudgetStore) -> None:
        self._store = store
        self._source: Grant | None = None
        self._left = 0
        self._lapses_at = 0.0
        self._lately: deque[float] = deque(maxlen=_MOST)
        self._emptied = 0

    def take_now(self, cost: Cost) -> Grant | None:
        """A grant out of the stock, if it has one."""
        if self._source is None or not self._left or cost.requests != 1:
            return None
        now = clock.monotonic()
        if now >= self._lapses_at:
            self._left = 0
            return None
        self._left -= 1
        self._lately.append(now)
        return Grant(self._source.alias, self._source.taken_at, cost, self._source.lease)

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost: out of the stock, or from the store and some more along with it."""
        outcome = self.take_now(cost)
        if outcome is not None:
            return outcome
        asked_at, emptied = clock.monotonic(), self._emptied
        if cost.requests == 1:
            aside += self._wanted(asked_at)
        taken = await self._store.take(pool, cost, waited=waited, aside=aside)
        if not isinstance(taken, Grant):
            self.empty()
            return taken
        self._lately.append(asked_at)
        if taken.aside and emptied == self._emptied:
            self._source, self._left = taken, taken.aside
            self._lapses_at = asked_at + STOCK_SECONDS
        return taken

    def _wanted(self, now: float) -> int:
        """As many as were granted lately."""
        return sum(at > now - STOCK_SECONDS for at in self._lately)

    def empty(self) -> None:
        """Let the stock lapse, and what the store is being asked for; begin with one again."""
        self._lately.clear()
        self._left = 0
        self._emptied += 1

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Correct what was taken."""
        await self._store.settle(pool, grant, actual)

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give an account a standing; what was taken before it does not count any more."""
        self.empty()
        await self._store.mark(pool, alias, standing, seconds)
        self.empty()  # asked for meanwhile, it may have been taken before

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor where it says less."""
        self.empty()
        await self._store.observe(pool, alias, dimension, remaining, resets_in)
        self.empty()

    async def read(self, pool: Pool) -> Document:
        """A copy, as of now."""
        return await self._store.read(pool)
