"""The line in front of a budget: in order of arrival, one class of callers beside the others.

Classes share what is granted by weight, 6 to 3 to 1: the class that got least for its weight
is served next, and an idle class saves nothing up. So the low class is slow but never starves,
and a big request at its head is waited for.
"""

from asyncio import Future
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    is_in_line: bool = False


@dataclass(eq=False, slots=True)
class _Class:
    """Who waits in one class, and how much it was served, each grant divided by the weight."""

    priority: Priority
    waiting: deque[Waiter] = field(default_factory=deque)
    served: float = 0.0


class Line:
    """Who waits, and who is next. Whoever leaves is taken out at once."""

    def __init__(self) -> None:
        self._classes = {each: _Class(each) for each in Priority}
        self._in_order = tuple(self._classes.values())
        self.length = 0

    def join(self, waiter: Waiter, *, ahead: bool = False) -> None:
        """Stand at the end of one's class; `ahead` of it when a call goes on with another key."""
        own = self._classes[waiter.priority]
        if not own.waiting and self.length:
            self._forget_idle_time(own)
        if ahead:
            own.waiting.appendleft(waiter)
        else:
            own.waiting.append(waiter)
        waiter.is_in_line = True
        self.length += 1

    def _forget_idle_time(self, joining: _Class) -> None:
        least = min(each.served for each in self._in_order if each.waiting)
        joining.served = max(joining.served, least)

    def head(self) -> Waiter | None:
        """Who is served next."""
        first, least = None, inf
        for each in self._in_order:  # of equals, the class with the larger share
            if each.waiting and each.served < least:
                first, least = each.waiting[0], each.served
        return first

    def serve(self, waiter: Waiter) -> None:
        """Take out who was granted its cost, and count that for its class."""
        self.leave(waiter)
        self._classes[waiter.priority].served += 1 / waiter.priority

    def leave(self, waiter: Waiter) -> None:
        """Take somebody out; who is out already stays out."""
        if not waiter.is_in_line:
            return
        waiter.is_in_line = False
        waiting = self._classes[waiter.priority].waiting
        if waiting[0] is waiter:
            waiting.popleft()
        else:
            waiting.remove(waiter)
        self.length -= 1

    def ahead_of(self, priority: Priority, last: Waiter | None = None) -> Iterator[Waiter]:
        """Who is served before `last`, or before somebody who joins this class now, in order."""
        waiting = {each.priority: deque(each.waiting) for each in self._in_order}
        served = {each.priority: each.served for each in self._in_order}
        while waiting[priority]:
            present = [each for each, queue in waiting.items() if queue]
            turn = min(present, key=lambda each: (served[each], -each))
            served[turn] += 1 / turn
            waiter = waiting[turn].popleft()
            if waiter is last:
                return
            yield waiter
