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
from typing import Optional

import msgspec

from forthwith.platform.upstream.budgets.accounts import Grant
from forthwith.platform.upstream.budgets.parts import Cost


class Priority(IntEnum):
    """Classes of callers, by their shares of ten."""

    CRITICAL = 6
    DEFAULT = 3
    LOW = 1


class Waiter(msgspec.Struct, eq=False):
    """One caller in line; its moments are seconds of the monotonic clock."""

    cost: Cost
    priority: Priority
    deadline: float | None
    future: "Future[Grant]"
    since: float
    stands_in: Optional["_Class"] = None
    """None for somebody who is not in line."""


@dataclass(eq=False, slots=True)
class _Class:
    """Who waits in one class, and how much it was served, each grant divided by the weight."""

    priority: Priority
    waiting: deque[Waiter] = field(default_factory=deque)
    served: float = 0.0


class Line:
    """Who waits, and who is next. Whoever leaves is taken out at once."""

    __slots__ = ("_classes", "_present", "length")

    def __init__(self) -> None:
        self._classes = {each: _Class(each) for each in Priority}
        self._present: list[_Class] = []  # in which somebody waits, those of larger shares first
        self.length = 0

    def join(self, waiter: Waiter, *, ahead: bool = False) -> bool:
        """Stand at the end of one's class; `ahead` of it when a call goes on with another key.

        Whether that is the first place there, which may be the first of all.
        """
        own = self._classes[waiter.priority]
        if not own.waiting:
            self._open(own)
        if ahead:
            own.waiting.appendleft(waiter)
        else:
            own.waiting.append(waiter)
        waiter.stands_in = own
        self.length += 1
        return own.waiting[0] is waiter

    def _open(self, joining: _Class) -> None:
        """Let a class take part; what it did not take while it was idle is forgotten."""
        if self._present:
            joining.served = max(joining.served, min(each.served for each in self._present))
        self._present = [
            each for each in self._classes.values() if each is joining or each in self._present
        ]

    def head(self) -> Waiter | None:
        """Who is served next; of classes that got as much, the one with the larger share."""
        present = self._present
        if len(present) > 1:
            return min(present, key=_served).waiting[0]
        return present[0].waiting[0] if present else None

    def serve(self, waiter: Waiter) -> None:
        """Take out who was granted its cost, and count that for its class."""
        own = waiter.stands_in
        if own is not None:
            own.served += 1 / own.priority
            self._take_out(waiter, own)

    def leave(self, waiter: Waiter) -> None:
        """Take somebody out; who is out already stays out."""
        if waiter.stands_in is not None:
            self._take_out(waiter, waiter.stands_in)

    def _take_out(self, waiter: Waiter, own: _Class) -> None:
        waiter.stands_in = None
        self.length -= 1
        waiting = own.waiting
        if waiting[0] is waiter:
            waiting.popleft()
        else:
            waiting.remove(waiter)
        if not waiting:
            self._present.remove(own)

    def ahead_of(self, priority: Priority, last: Waiter | None = None) -> Iterator[Waiter]:
        """Who is served before `last`, or before somebody who joins this class now, in order."""
        waiting = {each.priority: deque(each.waiting) for each in self._classes.values()}
        served = {each.priority: each.served for each in self._classes.values()}
        while waiting[priority]:
            present = [each for each, queue in waiting.items() if queue]
            turn = min(present, key=lambda each: (served[each], -each))
            served[turn] += 1 / turn
            waiter = waiting[turn].popleft()
            if waiter is last:
                return
            yield waiter


def _served(each: _Class) -> float:
    return each.served
