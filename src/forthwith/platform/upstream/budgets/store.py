"""Where budgets are kept: the interface, and the store of one process."""

import itertools
import secrets
from typing import Final, Protocol

import msgspec

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import accounts
from forthwith.platform.upstream.budgets.accounts import (
    SHARED,
    AccountState,
    Blocked,
    Document,
    Grant,
    Obstacle,
    Pool,
    Standing,
)
from forthwith.platform.upstream.budgets.parts import TOLERANCE, Cost, Dimension, Rate

_LEASE_BITS: Final = 52  # a lease is a number that a double holds exactly

lease_numbers: Final = itertools.count(secrets.randbits(_LEASE_BITS - 1))
"""Numbers of leases; another process counts from somewhere else."""


class BudgetStore(Protocol):
    """Keeps pools by name. Every operation is atomic over all that share the store.

    Times that go in and out are seconds from now, so that no two clocks are ever compared.
    """

    @property
    def is_local(self) -> bool:
        """Whether `take` never lets another task run: it cannot be cancelled half done."""

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost from the shared account and one key's, all or nothing.

        `aside` are requests to take along where there is room to spare, as `accounts.take` says.
        """

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Replace what a grant took by what the call cost, and free its slots."""

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give a key (or, with an empty alias, the whole vendor) a standing for some seconds."""

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe a vendor who says that less is left than was counted."""

    async def read(self, pool: Pool) -> Document:
        """A copy of the pool's document, its accounts in the pool's order, `at` being now."""


class Door:
    """The short way into a pool with one rate and nothing else, as plain limiters are."""

    __slots__ = ("_burst_seconds", "_dimension", "_full_at", "_parts", "_state", "_unit_seconds")

    def __init__(self, rate: Rate, state: AccountState) -> None:
        self._dimension = int(rate.dimension)
        self._unit_seconds = 1 / rate.per_second
        self._burst_seconds = rate.burst * self._unit_seconds
        self._state = state
        self._parts = state.parts
        self._full_at = state.parts[0]

    def take(self, cost: Cost, now: float, late: float = 0.0) -> Grant | Blocked | None:
        """What `accounts.take` does at `now`; None where that has to be asked."""
        state = self._state
        if state.standing or state.parts is not self._parts:  # another pool has other rules
            return None
        numbers = self._full_at
        full_at, paid = numbers[0], cost[self._dimension] * self._unit_seconds
        if paid <= 0:
            return None
        to_save = paid - self._burst_seconds
        seconds = full_at + to_save - now
        if seconds > TOLERANCE:
            return Blocked(seconds, Obstacle.BUSY)
        saved_since = now - late
        if to_save > 0:
            saved_since -= to_save
        begins = saved_since if saved_since > full_at else full_at  # noqa: FURB136 - `max` is slow
        numbers[0] = begins + paid
        return Grant(SHARED, now, cost, 0)  # a rate frees no slots by the number of a lease


class MemoryStore:
    """Budgets of this process alone, on the monotonic clock."""

    is_local = True

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._states: dict[str, tuple[Pool, list[AccountState]]] = {}

    def take_now(
        self, pool: Pool, cost: Cost, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """`take` without awaiting."""
        now, states = self._opened(pool)
        lease = next(lease_numbers)
        return accounts.take(pool, states, cost, now=now, waited=waited, lease=lease, aside=aside)

    def door(self, pool: Pool) -> Door | None:
        """The short way into a pool, where there is one."""
        if pool.sole_rate is None:
            return None
        _, states = self._opened(pool)
        return Door(pool.sole_rate, states[0])

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost, all or nothing."""
        return self.take_now(pool, cost, waited, aside)

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Correct what was taken and free the slots."""
        now, states = self._opened(pool)
        accounts.settle(pool, states, grant, actual, now=now)

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give an account a standing; one that is not in the pool is left alone."""
        now, states = self._opened(pool)
        for state in states:
            if state.alias == alias:
                accounts.mark(state, standing, seconds, now=now)

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor where it says less."""
        now, states = self._opened(pool)
        for account, state in zip(pool.accounts, states, strict=True):
            if account.alias == alias:
                accounts.observe(
                    account, state, dimension, now=now, remaining=remaining, resets_in=resets_in
                )

    async def read(self, pool: Pool) -> Document:
        """A copy, as of now."""
        now, states = self._opened(pool)
        return copied(Document(now, states))

    def _opened(self, pool: Pool) -> tuple[float, list[AccountState]]:
        """The time, and the states of the pool at that time."""
        now = clock.monotonic()
        known = self._states.get(pool.name)
        if known is not None and known[0] is pool:
            states = known[1]
        else:
            document = self._documents.setdefault(pool.name, Document(0.0, []))
            states = accounts.states_of(document, pool)
            self._states[pool.name] = (pool, states)
        if pool.has_quotas:
            accounts.roll(pool, states, now, clock.now().timestamp())
        return now, states


def copied(document: Document) -> Document:
    """A copy that shares nothing with its original."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(document), type=Document)
