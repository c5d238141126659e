"""Weights as shares of a worker's slots, over an engine whose own priority is strict.

Strict priority starves. Here the class that is furthest below its share is asked first and
alone; only when it has no work may the others lend its slots. So under load critical, default
and low get 6, 3 and 1 of ten slots, and an idle class costs nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from forthwith.platform.jobs.declare import Job, Weight


class Shares:
    """Counts running tickets per class and says which queues to ask next."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._weight_of = {job.queue: job.weight for job in jobs.values()}
        self._running: Counter[Weight] = Counter()

    def began(self, queue: str) -> None:
        """A ticket of this queue was taken."""
        self._running[self._weight_of[queue]] += 1

    def ended(self, queue: str) -> None:
        """A ticket of this queue is done with."""
        self._running[self._weight_of[queue]] -= 1

    def turns(self, batch_size: int) -> Iterator[tuple[set[str], int]]:
        """Sets of queues to ask, in order, each with how many tickets it may give."""
        present = set(self._weight_of.values())
        neediest = min(present, key=lambda weight: (self._running[weight] / weight.share, weight))
        if len(present) > 1:
            yield self._queues(neediest), max(1, batch_size * neediest.share // 10)
        yield set(self._weight_of), batch_size if len(present) == 1 else 1

    def _queues(self, weight: Weight) -> set[str]:
        return {queue for queue, each in self._weight_of.items() if each is weight}
