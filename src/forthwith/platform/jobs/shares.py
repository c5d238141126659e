"""Weights as shares of a worker's slots, over an engine whose own priority is strict.

Strict priority starves. Here each class has a virtual time that goes on by the seconds its runs
hold a slot, divided by its share, and the class that is furthest behind is asked first, the
next one only when it has no work (stride scheduling: Waldspurger and Weihl, 1995). So under
load critical, default and low have 6, 3 and 1 of ten slots, whether their runs are long or
short, and what an idle class leaves is shared by the others in the same proportions.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from forthwith.platform import clock
from forthwith.platform.jobs.declare import Job, Weight

_LEAST_SECONDS: Final = 0.1
"""What even the shortest run is charged: below this, fairness is by starts."""
_CATCH_UP_SECONDS: Final = 1.0
"""How far an idle class may fall behind: it is not owed what it did not ask for."""


class Shares:
    """Knows the tickets at hand by class and says which queues to ask next."""

    def __init__(self, jobs: Mapping[str, Job], slots: int = 10) -> None:
        self._slots = slots
        self._weight_of = {job.queue: job.weight for job in jobs.values()}
        self._at_hand: dict[int, tuple[Weight, float]] = {}
        self._times = dict.fromkeys(self._weight_of.values(), 0.0)
        self._floor = 0.0

    @property
    def is_full(self) -> bool:
        """Whether every slot holds a ticket."""
        return len(self._at_hand) >= self._slots

    def took(self, ticket: int, queue: str) -> None:
        """A ticket of this queue was taken; taking it twice counts once."""
        if ticket in self._at_hand:
            return
        weight = self._weight_of[queue]
        self._at_hand[ticket] = weight, clock.monotonic()
        begun = max(self._times[weight], self._floor)
        self._times[weight] = begun + _LEAST_SECONDS / weight.share
        self._floor = max(self._floor, begun - _CATCH_UP_SECONDS)

    def ended(self, ticket: int) -> None:
        """A ticket is done with."""
        if ticket in self._at_hand:
            weight, began = self._at_hand.pop(ticket)
            self._times[weight] += _beyond_least(began, clock.monotonic()) / weight.share

    def turns(self, batch_size: int) -> Iterator[tuple[set[str], int]]:
        """Sets of queues to ask until one has work, each with how many tickets to ask for.

        None while all slots are taken: a class that is asked then would seem to have no work.
        """
        most = min(batch_size, self._slots - len(self._at_hand))
        if most <= 0:
            return
        times = self._present_times()
        order = sorted(times, key=lambda each: (times[each], -each.share))
        for position, weight in enumerate(order):
            shared_by = sum(each.share for each in order[position:])
            yield self._queues(weight), max(1, most * weight.share // shared_by)

    def _present_times(self) -> dict[Weight, float]:
        """Virtual times with what the tickets at hand have used so far."""
        now = clock.monotonic()
        times = {weight: max(time, self._floor) for weight, time in self._times.items()}
        for weight, began in self._at_hand.values():
            times[weight] += _beyond_least(began, now) / weight.share
        return times

    def _queues(self, weight: Weight) -> set[str]:
        return {queue for queue, each in self._weight_of.items() if each is weight}


def _beyond_least(began: float, now: float) -> float:
    return max(0.0, now - began - _LEAST_SECONDS)
