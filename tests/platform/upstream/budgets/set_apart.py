"""A store that processes share, in memory, on a clock of its own and as slow as it is told."""

# ruff: noqa: D102 - `BudgetStore` describes the methods

from math import inf

import pytest

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import Cost, Dimension, MemoryStore, Standing
from forthwith.platform.upstream.budgets.accounts import Blocked, Document, Grant, Pool

CLOCK_SET_BACK = 60.0  # seconds; what both shared stores allow for


class SetApart:
    """Its time is that of the processes and `ahead_by`; it never goes back but by a minute."""

    is_local = False

    def __init__(self) -> None:
        self._kept = MemoryStore()
        self._latest = -inf
        self.ahead_by = 0.0
        self.takes = self.reads = 0

    def now(self) -> float:
        """As both shared stores make it of their clocks."""
        now = clock.monotonic() + self.ahead_by
        if self._latest > now + CLOCK_SET_BACK:
            self._kept, self._latest = MemoryStore(), now
        self._latest = max(self._latest, now)
        return self._latest

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        self.takes += 1
        with _at(self.now()):
            return self._kept.take_now(pool, cost, waited, aside)

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        with _at(self.now()):
            await self._kept.settle(pool, grant, actual)

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        with _at(self.now()):
            await self._kept.mark(pool, alias, standing, seconds)

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        with _at(self.now()):
            await self._kept.observe(pool, alias, dimension, remaining, resets_in)

    async def read(self, pool: Pool) -> Document:
        self.reads += 1
        with _at(self.now()):
            return await self._kept.read(pool)


class _at:  # noqa: N801 - read as a word
    """The platform's monotonic clock stands at this moment."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        self._patch.setattr(clock, "monotonic", lambda: self._now)

    def __exit__(self, *error: object) -> None:
        self._patch.undo()
