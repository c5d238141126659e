"""What a sandbox vendor was asked: the evidence of tests and benchmarks."""

import itertools
from collections import deque
from typing import Final

import msgspec

KEPT: Final = 100_000
"""Requests remembered; the oldest go first."""


class Recorded(msgspec.Struct, frozen=True):
    """One request: `key` is who asked, `outcome` a status or the fault that happened.

    Times are seconds of the server's monotonic clock; `worked` says whether the vendor did
    its work (and would have charged for it).
    """

    number: int
    method: str
    path: str
    key: str | None
    body: str
    began: float
    ended: float
    outcome: str
    worked: bool


class RequestLog:
    """The newest requests, in the order in which they ended."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._entries: deque[Recorded] = deque(maxlen=KEPT)

    def next_number(self) -> int:
        """The number of a request, in order of arrival."""
        return next(self._numbers)

    def add(self, entry: Recorded) -> None:
        """Remember a request that has ended."""
        self._entries.append(entry)

    def entries(self) -> list[Recorded]:
        """All that is remembered."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self._entries.clear()
