"""Work that goes on when whoever began it leaves.

What was sent is paid for and finished; what was taken is given back.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Lasting:
    """Tasks that outlive their callers; none is lost, and none fails unseen."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Begin work that nobody's cancellation ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for it; it goes on when the one who waits is cancelled."""
        return await asyncio.shield(self.begin(work))

    async def close(self, grace_seconds: float) -> None:
        """Let everything end by itself for a while, then cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        while left := set(self._tasks):
            for task in left:
                task.cancel()
            await asyncio.wait(left)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen here, should its caller have left
