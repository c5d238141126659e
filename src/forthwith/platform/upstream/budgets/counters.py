"""Metrics of the budgets.

Who waits is counted in plain integers, which prometheus reads when it is asked: its own take
longer than all else that a grant takes.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from math import inf
from typing import Final

from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

turned_away = Counter(
    "upstream_turned_away_total",
    "Calls that got no budget: deadline, queue, quota or keys.",
    ("vendor", "reason"),
)
key_standings = Counter(
    "upstream_key_standings_total",
    "Times a key began to cool, ran out of quota, or was retired.",
    ("vendor", "key", "standing"),
)
store_failures = Counter(
    "upstream_budget_store_failures_total",
    "Times the shared store of budgets was away; in-process limits stood in.",
)
stood_in = Counter(
    "upstream_budget_stand_ins_total", "Calls granted or refused by in-process limits meanwhile."
)


_BUCKETS: Final = (0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, inf)  # seconds
_LABELS: Final = ("vendor",)


class Tally:
    """Who waits for one vendor, and how long those have waited that were granted."""

    __slots__ = ("counts", "sum_seconds", "waiting")

    def __init__(self) -> None:
        self.waiting = 0
        self.counts = [0] * len(_BUCKETS)
        self.sum_seconds = 0.0

    def waited(self, seconds: float) -> None:
        """Count a granted call that was in line."""
        self.counts[bisect_left(_BUCKETS, seconds)] += 1
        self.sum_seconds += seconds

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """Upper bounds with the counts up to them, as prometheus wants them."""
        bounds = ("+Inf" if bound == inf else str(bound) for bound in _BUCKETS)
        return list(zip(bounds, accumulate(self.counts), strict=True))


class _Tallies(Collector):
    """All tallies of the process."""

    def __init__(self) -> None:
        self.by_vendor: dict[str, Tally] = {}

    def describe(self) -> Iterable[GaugeMetricFamily | HistogramMetricFamily]:
        """The families without figures, so that registering counts nothing."""
        return families()

    def collect(self) -> Iterable[GaugeMetricFamily | HistogramMetricFamily]:
        """The figures as they are now."""
        waiting, wait_seconds = found = families()
        for vendor, tally in list(self.by_vendor.items()):
            waiting.add_metric((vendor,), tally.waiting)
            wait_seconds.add_metric((vendor,), tally.buckets, tally.sum_seconds)
        return found


def families() -> tuple[GaugeMetricFamily, HistogramMetricFamily]:
    """Who waits and how long they waited, without figures."""
    return (
        GaugeMetricFamily("upstream_waiting_calls", "Calls in line for a vendor.", labels=_LABELS),
        HistogramMetricFamily(
            "upstream_wait_seconds",
            "In line until granted; calls that did not wait are not counted.",
            labels=_LABELS,
        ),
    )


_tallies: Final = _Tallies()
REGISTRY.register(_tallies)


def tally_of(vendor: str) -> Tally:
    """The one tally of a vendor in this process, whichever limiter counts."""
    return _tallies.by_vendor.setdefault(vendor, Tally())
