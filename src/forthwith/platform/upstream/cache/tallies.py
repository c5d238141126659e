"""Counting hits at the price of an integer; prometheus reads them when it is asked.

A prometheus counter takes a lock and half a microsecond, more than a hit in memory does.
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import REGISTRY, Counter
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

loads = Counter("cache_loads_total", "Values that had to be loaded.", ("kind",))
joined = Counter("cache_joined_total", "Callers served by the load of another.", ("kind",))
renewed = Counter("cache_renewals_total", "Values renewed before they expired.", ("kind",))
stale_served = Counter(
    "cache_stale_served_total", "Expired values served as the load failed.", ("kind",)
)
unreadable = Counter(
    "cache_unreadable_total", "Shared values of another form or seal, taken as misses.", ("kind",)
)
tier_failures = Counter("cache_tier_failures_total", "A tier failed and is skipped.", ("tier",))


class Tally:
    """Hits and misses of one kind; in memory as plain integers, beyond it per tier."""

    __slots__ = ("hits", "kind", "misses", "shared_hits", "shared_misses")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.hits = 0
        self.misses = 0
        self.shared_hits: dict[str, int] = {}
        self.shared_misses: dict[str, int] = {}

    def looked(self, tier: str, asked: int, found: int) -> None:
        """Count a look into a shared tier."""
        self.shared_hits[tier] = self.shared_hits.get(tier, 0) + found
        self.shared_misses[tier] = self.shared_misses.get(tier, 0) + asked - found


class _Tallies(Collector):
    """All tallies of the process, as prometheus wants them."""

    def __init__(self) -> None:
        self.by_kind: dict[str, Tally] = {}

    def describe(self) -> Iterable[CounterMetricFamily]:
        """The families without figures, so that registering counts nothing."""
        return families()

    def collect(self) -> Iterable[CounterMetricFamily]:
        """The figures as they are now."""
        hits, misses = found = families()
        for tally in list(self.by_kind.values()):
            hits.add_metric(("memory", tally.kind), tally.hits)
            misses.add_metric(("memory", tally.kind), tally.misses)
            for tier, count in tally.shared_hits.items():
                hits.add_metric((tier, tally.kind), count)
                misses.add_metric((tier, tally.kind), tally.shared_misses[tier])
        return found


def families() -> tuple[CounterMetricFamily, CounterMetricFamily]:
    """Hits and misses, without figures."""
    labels = ("tier", "kind")
    return (
        CounterMetricFamily("cache_hits", "Values found.", labels=labels),
        CounterMetricFamily("cache_misses", "Values not found.", labels=labels),
    )


_tallies: Final = _Tallies()
REGISTRY.register(_tallies)


def tally_of(kind: str) -> Tally:
    """The one tally of a kind in this process, whichever cache counts."""
    return _tallies.by_kind.setdefault(kind, Tally(kind))
