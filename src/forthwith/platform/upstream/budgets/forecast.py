"""When a call that joins the line now would start: the rules played forward on a copy.

How long calls hold their slots is not known; the mean of those that ended stands in for it.
"""

from dataclasses import replace
from math import inf
from typing import Final

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import accounts
from forthwith.platform.upstream.budgets.accounts import Account, Document, Grant, Obstacle, Pool
from forthwith.platform.upstream.budgets.parts import Cost, Slots
from forthwith.platform.upstream.budgets.store import lease_numbers

_MOST_LOOKS: Final = 1_000  # per call: a rule that never has room must not be asked for ever


class Forecast:
    """Plays the line forward; `document` is a copy, made just now, that it may change."""

    def __init__(self, pool: Pool, document: Document, hold_seconds: float) -> None:
        self._pool = _with_hold(pool, hold_seconds)
        self._states = accounts.states_of(document, self._pool)
        self.made_at = clock.monotonic()
        self._to_monotonic = self.made_at - document.at
        self._now = self._before = document.at
        self._latest: Grant | None = None
        self.obstacle = Obstacle.BUSY
        """What the latest call has to wait for."""
        self._end_calls_by(document.at + hold_seconds)

    def _end_calls_by(self, end: float) -> None:
        for account, state in zip(self._pool.accounts, self._states, strict=True):
            for part, numbers in zip(account.parts, state.parts, strict=True):
                if isinstance(part, Slots):
                    numbers[1::2] = [min(until, end) for until in numbers[1::2]]

    def start_of(self, cost: Cost) -> float:
        """The monotonic moment at which the next call in line starts.

        Infinite when a person has to act first, and for all that come after such a call.
        """
        self._before, self._latest, self.obstacle = self._now, None, Obstacle.BUSY
        for _ in range(_MOST_LOOKS):
            lease = next(lease_numbers)
            outcome = accounts.take(self._pool, self._states, cost, now=self._now, lease=lease)
            if isinstance(outcome, Grant):
                self._latest = outcome
                return self._now + self._to_monotonic
            self.obstacle = max(self.obstacle, outcome.obstacle)
            if outcome.seconds == inf:
                return inf
            self._now += outcome.seconds
        return inf

    def withdraw(self) -> None:
        """Take back the latest call: it does not join the line."""
        if self._latest is not None:
            accounts.settle(self._pool, self._states, self._latest, Cost(0, 0, 0), now=self._now)
        self._now, self._latest = self._before, None


def _with_hold(pool: Pool, hold_seconds: float) -> Pool:
    return Pool(
        pool.name,
        _account_with_hold(pool.shared, hold_seconds),
        tuple(_account_with_hold(key, hold_seconds) for key in pool.keys),
    )


def _account_with_hold(account: Account, hold_seconds: float) -> Account:
    parts = tuple(
        replace(part, lease_seconds=hold_seconds) if isinstance(part, Slots) else part
        for part in account.parts
    )
    return Account(account.alias, parts, account.fingerprint)
