"""Money that an application or an owner may spend a day, taken before each call.

The same store as the limits keeps it, so a fleet together spends no more than is allowed; what
a call really cost replaces its estimate afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.upstream import counters
from forthwith.platform.upstream.budgets import BudgetStore, Cost, Limits
from forthwith.platform.upstream.budgets.accounts import SHARED, Account, Grant, Pool
from forthwith.platform.upstream.costs.charge import NOBODY
from forthwith.platform.upstream.errors import BudgetSpent

_MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimits:
    """Millionths of `currency` a day, which ends at midnight in `zone`; None: not limited."""

    per_owner: int | None = None
    per_app: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    currency: str = "USD"
    zone: str = "UTC"

    @property
    def are_set(self) -> bool:
        """Whether anything is limited."""
        return self.per_owner is not None or bool(self.per_app)


class Reservation:
    """What one request has taken; left (`async with`) when it is over. `spent` is in millionths."""

    def __init__(self, store: BudgetStore) -> None:
        self._store = store
        self._taken: list[tuple[Pool, Grant]] = []
        self.spent = 0

    async def take(self, pool: Pool, money: int) -> float | None:
        """Take money; the seconds until the next day when there is none left."""
        outcome = await self._store.take(pool, Cost(0, 0, money))
        if not isinstance(outcome, Grant):
            return outcome.seconds
        self._taken.append((pool, outcome))
        return None

    async def settle(self) -> None:
        """Replace what was taken by what was spent."""
        for pool, grant in self._taken:
            await self._store.settle(pool, grant, Cost(0, 0, self.spent))
        self._taken.clear()


class Spending:
    """The budgets of all applications and owners."""

    def __init__(self, limits: SpendingLimits, store: BudgetStore) -> None:
        self.limits = limits
        self._store = store

    async def reserve(self, app: str, owner: UUID, money: int) -> Reservation:
        """Take what a call is expected to cost. Raises `BudgetSpent` with the day's end."""
        reservation = Reservation(self._store)
        for whose, name, limit in self._budgets(app, owner) if money else ():
            pool = _pool(whose, name, limit, self.limits.zone)
            seconds = await reservation.take(pool, money)
            if seconds is not None:
                await reservation.settle()
                counters.budgets_spent.labels(app, whose).inc()
                raise self._spent(whose, name, limit, seconds)
        return reservation

    def _budgets(self, app: str, owner: UUID) -> list[tuple[str, str, int]]:
        budgets = []
        if app in self.limits.per_app:
            budgets.append(("app", app, self.limits.per_app[app]))
        if self.limits.per_owner is not None and owner != NOBODY:
            budgets.append(("owner", str(owner), self.limits.per_owner))
        return budgets

    def _spent(self, whose: str, name: str, limit: int, seconds: float) -> BudgetSpent:
        who = f"the application {name}" if whose == "app" else "this account"
        money = f"{limit / _MICROS:g} {self.limits.currency}"
        return BudgetSpent(
            f"What {who} may spend a day ({money}) is spent; it begins anew at midnight"
            f" ({self.limits.zone}).",
            resets_at=clock.now() + timedelta(seconds=seconds),
        )


@lru_cache(maxsize=10_000)
def _pool(whose: str, name: str, limit: int, zone: str) -> Pool:
    parts = Limits(money_per_day=limit, zone=zone).parts()
    return Pool(f"money of {whose} {name}", Account(SHARED, parts))
