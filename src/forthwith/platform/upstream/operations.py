"""What a process knows of one operation of a vendor: how ill, how slow, how dear."""

from collections import deque
from typing import Final

from forthwith.platform.upstream.breaker import Breaker
from forthwith.platform.upstream.budgets import BudgetStore
from forthwith.platform.upstream.costs import Usage
from forthwith.platform.upstream.vendor import Hedging, Vendor

_LATEST: Final = 200  # answered calls, for quantiles
_WEIGHT: Final = 0.1  # of the latest call in the means
_MOST_CREDIT: Final = 10.0  # second calls that may be saved up


class Operation:
    """Measured by the calls of this process; the breaker's state is the store's."""

    def __init__(self, vendor: Vendor, name: str, store: BudgetStore) -> None:
        self.name = name
        self.breaker = Breaker(vendor.name, name, tripping=vendor.tripping, store=store)
        hedging = vendor.hedging
        self._hedging = hedging if hedging is not None and name in hedging.operations else None
        self._latencies: deque[float] = deque(maxlen=_LATEST)
        self._slow_after: float | None = None
        self._answered = 0
        self._credit = 0.0
        self._mean_usage: dict[str | None, tuple[float, float]] = {}

    def note_answer(self, seconds: float, usage: Usage, model: str | None) -> None:
        """Learn from an answered call."""
        self._latencies.append(seconds)
        self._answered += 1
        self._learn(model, usage)
        if self._hedging is not None:
            self._credit = min(_MOST_CREDIT, self._credit + self._hedging.share)
            self._slow_after = self._quantile(self._hedging)

    def hedge_after(self) -> float | None:
        """Seconds after which a second call is worth its money; None where it is not."""
        return self._slow_after if self._credit >= 1 else None

    def take_hedge(self) -> None:
        """A second call begins."""
        self._credit -= 1

    def likely_usage(self, model: str | None, estimate: Usage) -> Usage:
        """What a call that was not made would have used: the mean of those that were."""
        known = self._mean_usage.get(model)
        if known is None:
            return estimate
        return Usage(tokens_in=round(known[0]), tokens_out=round(known[1]))

    def _learn(self, model: str | None, usage: Usage) -> None:
        tokens_in, tokens_out = float(usage.tokens_in), float(usage.tokens_out)
        known = self._mean_usage.get(model)
        if known is not None:
            tokens_in = known[0] + (tokens_in - known[0]) * _WEIGHT
            tokens_out = known[1] + (tokens_out - known[1]) * _WEIGHT
        self._mean_usage[model] = (tokens_in, tokens_out)

    def _quantile(self, hedging: Hedging) -> float | None:
        if self._answered < hedging.minimum:
            return None
        ordered = sorted(self._latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * hedging.quantile))]
