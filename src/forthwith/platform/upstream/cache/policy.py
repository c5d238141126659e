"""How values of one kind are kept: for how long, for whom, where, and what happens around it.

Names and meanings of soft TTL and early refresh follow cashews. Early refresh draws as
Vattani, Chierichetti and Lowenstein do ("Optimal Probabilistic Cache Stampede Prevention",
VLDB 2015), once per process and copy instead of once per read.
"""

import math
import random
from typing import Any, Final, Generic, TypeVar

import msgspec

T = TypeVar("T")

MAX_TTL_SECONDS: Final = 30 * 86_400.0
DEFAULT_TTL_SECONDS: Final = 3_600.0
"""Where neither a kind of value nor the settings say anything."""
_dice: Final = random.Random()  # noqa: S311 - spreads load, guards nothing


class Policy(msgspec.Struct, Generic[T], frozen=True, kw_only=True, eq=False):
    """One kind of value. Durations are seconds.

    `into` is the type that values are decoded into. Where it is deeply frozen (numbers, text,
    bytes, frozen structs, tuples of these), memory hands out the one object; any other value is
    kept encoded and decoded anew for each caller, so that nobody can change the cached one.
    """

    namespace: str
    into: type[T]
    ttl: float | None = None
    """How long a value is right; None: as the settings say."""
    jitter: float = 0.1
    """The share of `ttl` that may be cut off by chance, so that equals do not expire at once."""
    soft_ttl: float | None = None
    """From this age on a value is served while one caller's process renews it behind."""
    early_refresh: float = 0.0
    """XFetch's beta: 1 renews about one load time before expiry, 0 never."""
    stale_on_failure: float = 0.0
    """For this long after `ttl` a value is still served when the load fails."""
    negative_ttl: float | None = None
    """How long None is kept as an answer; None: an empty answer is never kept."""
    personal: bool = False
    """Keyed per owner, sealed wherever it leaves the process; memory only without a codec."""
    durable: bool = False
    """Kept in PostgreSQL also where Redis is the shared tier."""
    finish_unwatched: bool = True
    """A load whose last caller has left goes on and fills the cache: it is paid already."""

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        if not self.namespace or ":" in self.namespace or len(self.namespace) > 50:  # noqa: PLR2004 - part of every key
            raise ValueError("a namespace has 1 to 50 characters and no colon")
        ttl = DEFAULT_TTL_SECONDS if self.ttl is None else self.ttl
        if not 0 < ttl + self.stale_on_failure <= MAX_TTL_SECONDS:
            raise ValueError("a value is kept for more than 0 seconds and at most 30 days")

    def is_same(self, other: "Policy[Any]") -> bool:
        """Whether both say the same. A policy equals only itself, so that hits hash it fast."""
        return msgspec.structs.astuple(self) == msgspec.structs.astuple(other)

    def with_ttl(self, seconds: float) -> "Policy[T]":
        """The same with a TTL, if it has none of its own."""
        return self if self.ttl is not None else msgspec.structs.replace(self, ttl=seconds)

    def lifetime(self, value: object) -> float:
        """Seconds that a value made now is right, the jitter drawn."""
        ttl = DEFAULT_TTL_SECONDS if self.ttl is None else self.ttl
        if value is None and self.negative_ttl is not None:
            ttl = min(ttl, self.negative_ttl)
        return ttl * (1 - self.jitter * _dice.random())

    def keeps(self, value: object) -> bool:
        """Whether a loaded value may be kept; the guard against empty answers."""
        return value is not None or self.negative_ttl is not None

    def renewed_early_by(self, cost: float) -> float:
        """Seconds before expiry at which to renew a value that took `cost` seconds to load."""
        if not self.early_refresh:
            return 0.0
        return -cost * self.early_refresh * math.log(1 - _dice.random())


AnyPolicy = Policy[Any]
