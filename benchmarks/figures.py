"""Latencies of one measurement, and how several rounds of it are put together."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True, slots=True)
class Latencies:
    """Latencies in seconds of what was answered, and how many requests were not."""

    seconds: Sequence[float]
    failed: int
    elapsed_seconds: float

    @property
    def mean(self) -> float:
        """Arithmetic mean, in milliseconds."""
        return statistics.fmean(self.seconds) * 1000 if self.seconds else math.nan

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed_seconds

    def percentile(self, percent: float) -> float:
        """The nearest-rank percentile, in milliseconds."""
        if not self.seconds:
            return math.nan
        rank = math.ceil(percent / 100 * len(self.seconds))
        return sorted(self.seconds)[max(0, rank - 1)] * 1000

    def row(self) -> list[str]:
        """Cells of a table: answers, failed, rate, mean, p50, p95, p99."""
        measured = [self.mean, *(self.percentile(percent) for percent in (50, 95, 99))]
        cells = [f"{value:.2f}" for value in measured]
        return [str(len(self.seconds)), str(self.failed), f"{self.rate:.1f}", *cells]


COLUMNS = ["answers", "failed", "per s", "mean ms", "p50 ms", "p95 ms", "p99 ms"]


def pooled(rounds: Sequence[Latencies]) -> Latencies:
    """The latencies of all rounds as one measurement."""
    return Latencies(
        seconds=list(chain.from_iterable(each.seconds for each in rounds)),
        failed=sum(each.failed for each in rounds),
        elapsed_seconds=sum(each.elapsed_seconds for each in rounds),
    )


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and range of several rounds: `1.20 (1.11-1.31)`."""
    if not values:
        return "-"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"
