"""One load per key in a process: whoever leaves or is cancelled hurts nobody else."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from forthwith.platform.errors import LeaseLost
from forthwith.platform.upstream.cache.provenance import COALESCED, found_in
from forthwith.platform.upstream.cache.tallies import joined
from forthwith.platform.upstream.cache.values import Entry


class _Load:
    """A load under way and how many wait for it."""

    __slots__ = ("tags", "task", "waiting")

    def __init__(self, task: "asyncio.Task[Entry]", tags: Collection[str]) -> None:
        self.task = task
        self.tags = tags
        self.waiting = 0


Begin = Callable[[], Coroutine[Any, Any, Entry]]


class Loads:
    """The loads of this process by key."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Load] = {}
        self._detached: set[asyncio.Task[Entry]] = set()

    async def join(
        self, full: str, begin: Begin, *, kind: str, tags: Collection[str], finish_unwatched: bool
    ) -> Entry:
        """The entry of the load under way, or of one begun now.

        Raises what the load raised. The lost lease of another caller's run is no concern of
        this one: it begins anew.
        """
        while True:
            load = self._under_way.get(full)
            is_first = load is None
            if load is None:
                load = self._begin(full, begin, tags)
            else:
                joined.labels(kind).inc()
                found_in(COALESCED)
            try:
                return await self._wait(full, load, finish_unwatched=finish_unwatched)
            except LeaseLost:
                if is_first:
                    raise

    def begin_behind(self, full: str, begin: Begin, tags: Collection[str]) -> None:
        """Begin a load that nobody waits for, unless one is under way."""
        if full not in self._under_way:
            self._begin(full, begin, tags)

    def detach(self, full: str) -> None:
        """Let no later caller join: what is loaded may be older than they may get."""
        load = self._under_way.pop(full, None)
        if load is not None and not load.task.done():
            self._detached.add(load.task)  # the loop itself holds tasks only weakly
            load.task.add_done_callback(self._detached.discard)

    def detach_tagged(self, tag: str) -> None:
        """The same for all loads of a tag."""
        for full in [full for full, load in self._under_way.items() if tag in load.tags]:
            self.detach(full)

    def detach_all(self) -> None:
        """The same for all."""
        for full in list(self._under_way):
            self.detach(full)

    async def close(self) -> None:
        """Cancel what is still under way, and wait for its end."""
        tasks = {load.task for load in self._under_way.values()} | self._detached
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, full: str, begin: Begin, tags: Collection[str]) -> _Load:
        load = self._under_way[full] = _Load(asyncio.create_task(begin()), tags)
        load.task.add_done_callback(lambda task: self._ended(full, task))
        return load

    def _ended(self, full: str, task: "asyncio.Task[Entry]") -> None:
        load = self._under_way.get(full)
        if load is not None and load.task is task:
            del self._under_way[full]
        if not task.cancelled():
            task.exception()  # seen here, should all who waited have left

    async def _wait(self, full: str, load: _Load, *, finish_unwatched: bool) -> Entry:
        load.waiting += 1
        try:
            return await asyncio.shield(load.task)
        finally:
            load.waiting -= 1
            if not load.waiting and not finish_unwatched and not load.task.done():
                self.detach(full)
                load.task.cancel()
