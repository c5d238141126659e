"""Counting requests in sliding windows, in the memory of one process.

The sliding window counter of the `limits` library and of Cloudflare: a window holds what was
counted in its own period, and of the period before the share that still reaches into it. Of
`limits` we take the storage in Redis (redis_counts.py), not the one in memory: that sweeps all
keys at each hit (30 us with one address, 1.9 ms with 10,000), which helps whoever floods us.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from forthwith.platform import clock

MOST: Final = 100_000  # subjects of one limit and period; the oldest goes when there are more


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in any `seconds`; `name` is what callers read in RateLimit headers."""

    name: str
    requests: int
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request: seconds are until more may be sent, or all of it."""

    limit: Limit
    allowed: bool
    remaining: int
    resets_in: float


class RequestCounts(Protocol):
    """Where requests are counted."""

    async def hit(self, limit: Limit, subject: str) -> Standing:
        """Count one request of a subject, if the limit allows it."""


@dataclass(slots=True)
class _Periods:
    """Counts by subject: of the present period and of the one before."""

    number: int = 0
    current: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)

    def roll(self, number: int) -> None:
        """Begin the period `number`, if it is another; whole dicts go, nothing is swept."""
        if number != self.number:
            self.before = self.current if number == self.number + 1 else {}
            self.current = {}
            self.number = number

    def keep(self, subject: str, used: int) -> None:
        if len(self.current) >= MOST and subject not in self.current:
            del self.current[next(iter(self.current))]
        self.current[subject] = used


class MemoryCounts:
    """Counts of one process alone."""

    def __init__(self) -> None:
        self._periods: dict[str, _Periods] = {}  # by limit: a flood of addresses drops no account

    async def hit(self, limit: Limit, subject: str) -> Standing:
        """Count one request."""
        number, gone = divmod(clock.monotonic() / limit.seconds, 1.0)
        periods = self._periods.setdefault(limit.name, _Periods())
        periods.roll(int(number))
        key = f"{limit.requests}|{subject}"
        used, before = periods.current.get(key, 0), periods.before.get(key, 0)
        left = room(limit, used, before, gone)
        if left < 1:
            return Standing(limit, False, 0, seconds_until_room(limit, used, before, gone))
        periods.keep(key, used + 1)
        return Standing(limit, True, left - 1, (1.0 - gone) * limit.seconds)


def room(limit: Limit, used: int, before: int, gone: float) -> int:
    """Requests that still fit; `gone` is the share of the present period that is over."""
    return limit.requests - int(used + before * (1.0 - gone))


def seconds_until_room(limit: Limit, used: int, before: int, gone: float) -> float:
    """Seconds until one more request fits, if none is counted meanwhile."""
    if used < limit.requests and before > 0:
        fits_at = 1.0 - (limit.requests - used) / before
        return max(0.0, fits_at - gone) * limit.seconds
    return (1.0 - gone) * limit.seconds
