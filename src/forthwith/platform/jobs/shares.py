"""Weights as shares of a worker's slots, over an engine whose own priority is strict.

Strict priority starves. Here the class that is furthest below its share is asked first, and
the next one only when it has no work. So under load critical, default and low get 6, 3 and 1
of ten slots; what an idle class leaves is shared by the others in the same proportions.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from forthwith.platform.jobs.declare import Job, Weight


class Shares:
    """Knows the tickets at hand by class and says which queues to ask next."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._weight_of = {job.queue: job.weight for job in jobs.values()}
        self._at_hand: dict[int, Weight] = {}

    def took(self, ticket: int, queue: str) -> None:
        """A ticket of this queue was taken; taking it twice counts once."""
        self._at_hand[ticket] = self._weight_of[queue]

    def ended(self, ticket: int) -> None:
        """A ticket is done with."""
        self._at_hand.pop(ticket, None)

    def turns(self, batch_size: int) -> Iterator[tuple[set[str], int]]:
        """Sets of queues to ask until one has work, each with how many tickets to ask for."""
        busy = Counter(self._at_hand.values())
        present = sorted(
            set(self._weight_of.values()), key=lambda each: (busy[each] / each.share, -each.share)
        )
        for position, weight in enumerate(present):
            shared_by = sum(each.share for each in present[position:])
            yield self._queues(weight), max(1, batch_size * weight.share // shared_by)

    def _queues(self, weight: Weight) -> set[str]:
        return {queue for queue, each in self._weight_of.items() if each is weight}
