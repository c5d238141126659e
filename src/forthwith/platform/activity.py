"""Who is there: owners who asked or wrote something within the last minutes, in this process."""

from collections import OrderedDict
from typing import Final
from uuid import UUID

from prometheus_client import Gauge

from forthwith.platform import clock

WINDOW_SECONDS: Final = 300.0

active_users = Gauge("active_users", "Owners who asked or wrote within five minutes.")


class Activity:
    """Owners with the moment of their latest sign of life; it holds no more than are counted."""

    def __init__(self) -> None:
        self._seen: OrderedDict[UUID, float] = OrderedDict()

    def note(self, owner: UUID) -> None:
        """This owner is there."""
        now = clock.monotonic()
        self._seen[owner] = now
        self._seen.move_to_end(owner)
        self._forget(now)

    def count(self) -> int:
        """How many were there within the window."""
        self._forget(clock.monotonic())
        return len(self._seen)

    def _forget(self, now: float) -> None:
        while self._seen and next(iter(self._seen.values())) <= now - WINDOW_SECONDS:
            self._seen.popitem(last=False)


present: Final = Activity()
active_users.set_function(present.count)
