"""One load per key in a process: whoever leaves or is cancelled hurts nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

from forthwith.platform.errors import LeaseLost
from forthwith.platform.upstream.cache.provenance import COALESCED, found_in
from forthwith.platform.upstream.cache.tallies import joined
from forthwith.platform.upstream.cache.values import Entry

Look = Callable[[], Awaitable[Entry | None]]
Begin = Callable[[], Coroutine[Any, Any, Entry]]


class _Load:
    """A load under way and who waits for it, each by a future of its own."""

    __slots__ = ("tags", "task", "waiting")

    def __init__(self, tags: Collection[str]) -> None:
        self.tags = tags
        self.task: asyncio.Task[None] | None = None
        self.waiting: set[asyncio.Future[Entry]] = set()

    def answer(self, entry: Entry) -> None:
        """Tell those who still wait."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_result(entry)

    def refuse(self, error: Exception) -> None:
        """Raise where they wait."""
        for waiting in self.waiting:
            if not waiting.done():
                waiting.set_exception(error)


class Loads:
    """The loads of this process by key."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Load] = {}
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly

    async def join(
        self,
        full: str,
        look: Look,
        begin: Begin,
        *,
        kind: str,
        tags: Collection[str],
        finish_unwatched: bool,
    ) -> Entry:
        """The entry of the load under way, or what `look` finds, or the entry of a load begun now.

        Raises what the load raised. The lost lease of another caller's run is no concern of
        this one: it begins anew.
        """
        while True:
            load = self._under_way.get(full)
            is_first = load is None
            if load is None:
                load = self._under_way[full] = _Load(tags)
                found = await self._look(full, load, look, begin)
                if found is not None:
                    return found
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
            load = self._under_way[full] = _Load(tags)
            self._start(full, load, begin)

    def detach(self, full: str) -> None:
        """Let no later caller join: what is loaded may be older than they may get."""
        self._under_way.pop(full, None)

    def detach_tagged(self, tag: str) -> None:
        """The same for all loads of a tag."""
        for full in [full for full, load in self._under_way.items() if tag in load.tags]:
            self.detach(full)

    def detach_all(self) -> None:
        """The same for all."""
        self._under_way.clear()

    async def close(self) -> None:
        """Cancel what is still under way, and wait for its end."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _look(self, full: str, load: _Load, look: Look, begin: Begin) -> Entry | None:
        """Look in the caller's own task, which is quick; begin the load where nothing is found."""
        try:
            found = await look()
        except BaseException:
            if load.waiting:
                self._start(full, load, begin)  # for those who joined meanwhile
            else:
                self._remove(full, load)
            raise
        if found is None:
            self._start(full, load, begin)
        else:
            self._remove(full, load)
            load.answer(found)
        return found

    def _start(self, full: str, load: _Load, begin: Begin) -> None:
        load.task = asyncio.create_task(self._run(full, load, begin))
        self._tasks.add(load.task)
        load.task.add_done_callback(lambda task: self._ended(full, load, task))

    async def _run(self, full: str, load: _Load, begin: Begin) -> None:
        """Let nobody join any more, then tell: who asks again after a failure begins anew."""
        try:
            entry = await begin()
        except Exception as error:  # noqa: BLE001 - it is raised where the callers wait
            self._remove(full, load)
            load.refuse(error)
        else:
            self._remove(full, load)
            load.answer(entry)

    def _ended(self, full: str, load: _Load, task: "asyncio.Task[None]") -> None:
        """Whoever still waits now waited for a load that was cancelled."""
        self._tasks.discard(task)
        self._remove(full, load)
        for waiting in load.waiting:
            waiting.cancel()

    def _remove(self, full: str, load: _Load) -> None:
        if self._under_way.get(full) is load:
            del self._under_way[full]

    async def _wait(self, full: str, load: _Load, *, finish_unwatched: bool) -> Entry:
        answer: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        load.waiting.add(answer)
        try:
            return await answer
        finally:
            load.waiting.discard(answer)
            if not load.waiting and not finish_unwatched and load.task is not None:
                self._remove(full, load)
                load.task.cancel()
