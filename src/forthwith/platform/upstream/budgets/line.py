"""The line in front of a budget: in order of arrival, one class of callers beside the others.

Classes share what is granted by weight, 6 to 3 to 1: the class that got least for its weight
is served next, and an idle class saves nothing up. So the low class is slow but never starves,
and a big request at its head is waited for.
"""

from asyncio import Future
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from forthwith.platform.upstream.budgets.accounts import Grant
from forthwith.platform.upstream.budgets.parts import Cost


class Priority(IntEnum):
    """Classes of callers, by their shares of ten."""

    CRITICAL = 6
    DEFAULT = 3
    LOW = 1


@dataclass(eq=False, slots=True)
class Waiter:
    """One caller in line; its moments are seconds of the monotonic clock."""

    cost: Cost
    priority: Priority
    deadline: float | None
    future: "Future[Grant]"
    since: float


class Line:
    """Who waits, and who is next. Whoever leaves is taken out at once."""

    def __init__(self) -> None:
        self._classes: dict[Priority, deque[Waiter]] = {each: deque() for each in Priority}
        self._served: dict[Priority, float] = dict.fromkeys(Priority, 0.0)
        self.length = 0

    def join(self, waiter: Waiter, *, ahead: bool = False) -> None:
        """Stand at the end of one's class; `ahead` of it when a call goes on with another key."""
        queue = self._classes[waiter.priority]
        if not queue:
            self._forget_idle_time(waiter.priority)
        if ahead:
            queue.appendleft(waiter)
        else:
            queue.append(waiter)
        self.length += 1

    def _forget_idle_time(self, joining: Priority) -> None:
        present = [self._served[each] for each, queue in self._classes.items() if queue]
        if present:
            self._served[joining] = max(self._served[joining], min(present))

    def head(self) -> Waiter | None:
        """Who is served next."""
        first, least = None, inf
        for each, queue in self._classes.items():  # of equals, the class with the larger share
            if queue and self._served[each] < least:
                first, least = queue[0], self._served[each]
        return first

    def serve(self, waiter: Waiter) -> None:
        """Take out who was granted its cost, and count that for its class."""
        self.leave(waiter)
        self._served[waiter.priority] += 1 / waiter.priority

    def leave(self, waiter: Waiter) -> None:
        """Take somebody out; who is out already stays out."""
        queue = self._classes[waiter.priority]
        if queue and queue[0] is waiter:
            queue.popleft()
        elif waiter in queue:
            queue.remove(waiter)
        else:
            return
        self.length -= 1

    def ahead_of(self, priority: Priority, last: Waiter | None = None) -> Iterator[Waiter]:
        """Who is served before `last`, or before somebody who joins this class now, in order."""
        waiting = {each: deque(queue) for each, queue in self._classes.items()}
        served = dict(self._served)
        while waiting[priority]:
            present = [each for each, queue in waiting.items() if queue]
            turn = min(present, key=lambda each: (served[each], -each))
            served[turn] += 1 / turn
            waiter = waiting[turn].popleft()
            if waiter is last:
                return
            yield waiter
