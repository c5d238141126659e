"""A loop whose clock jumps to the next timer when nothing else is to do: minutes in no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from forthwith.platform import clock

T = TypeVar("T")

BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class _Jump(selectors.SelectSelector):
    """Waits by moving the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout > 0:
            self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time()` is the platform's monotonic clock while `run` runs."""

    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        """Seconds since it began, and a thousand."""
        return self.jump.now


def run(monkeypatch: pytest.MonkeyPatch, story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Play a story in virtual time, on both clocks of the platform."""
    loop = VirtualLoop()
    began = loop.time()
    monkeypatch.setattr(clock, "monotonic", loop.time)
    monkeypatch.setattr(clock, "now", lambda: BEGAN + timedelta(seconds=loop.time() - began))
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(story())
