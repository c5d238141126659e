"""What is declared of a vendor: keys, limits, times, prices, breaker, hedging."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from forthwith.platform.errors import UpstreamError
from forthwith.platform.upstream.breaker import Tripping
from forthwith.platform.upstream.budgets import Key, Limits
from forthwith.platform.upstream.classify import classified
from forthwith.platform.upstream.costs import FREE, Price

Classify: TypeAlias = Callable[[str, Exception], UpstreamError | None]
"""Takes the vendor's name and what was raised; None when it is not the vendor's doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedging:
    """Which operations get a second call when the first is slow, and what that may cost.

    Only for operations that may be done twice. The second call begins once the first has taken
    longer than `quantile` of the latest ones, and only while second calls cost at most `share`
    of the first ones; without `minimum` answered calls there is nothing to compare with.
    """

    operations: frozenset[str]
    share: float = 0.05
    quantile: float = 0.95
    minimum: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor. `limits` are what all its keys share; each key has its own.

    A vendor without keys needs none only if it is `keyless`: its limits then hold for all calls.
    """

    name: str
    keys: Sequence[Key] = ()
    keyless: bool = False
    limits: Limits = field(default_factory=Limits)
    queue_limit: int = 1_000
    """Calls that may wait in this process; beyond them callers are told when to come back."""
    wait_seconds: float = 60.0
    """How long a call waits for its turn, unless it says otherwise."""
    timeout_seconds: float | None = None
    """How long a call that was sent may take; None: READ_TIMEOUT."""
    price: Price = FREE
    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))
    """By model, where models differ."""
    tripping: Tripping = field(default_factory=Tripping)
    hedging: Hedging | None = None
    classify: Classify = classified
    """Says what an exception means; a vendor with habits of its own wraps `classified`."""

    def price_of(self, model: str | None) -> Price:
        """The price of a model, or of everything else."""
        return self.prices.get(model or "", self.price)

    @property
    def currencies(self) -> set[str]:
        """Which money is asked for, by whatever is not free."""
        prices = (self.price, *self.prices.values())
        return {price.currency for price in prices if not price.is_free}
