"""The copies in this process's memory, and what has made some of them wrong.

A value that is on its way into memory may be invalidated before it arrives: the reply and the
notice come over two connections. Whoever reads therefore watches its keys meanwhile, and fills
memory only when nothing was told about them; tags are compared by a count of invalidations.
"""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Final, Self

from forthwith.platform.upstream.cache.memory import Memory
from forthwith.platform.upstream.cache.values import Entry

_FENCES: Final = 10_000


class Watch:
    """A read or write under way; stale once its keys were changed by somebody else."""

    __slots__ = ("_fulls", "_watches", "is_stale")

    def __init__(self, watches: "dict[str, set[Watch]]", fulls: Sequence[str]) -> None:
        self.is_stale = False
        self._watches = watches
        self._fulls = fulls

    def __enter__(self) -> Self:
        for full in self._fulls:
            self._watches.setdefault(full, set()).add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for full in self._fulls:
            watching = self._watches[full]
            watching.discard(self)
            if not watching:
                del self._watches[full]


class Copies:
    """Memory, with the rules of what may enter it and what may be served from it."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.invalidations = 0
        self._fences: dict[str, int] = {}
        self._watches: dict[str, set[Watch]] = {}

    def is_fenced(self, entry: Entry) -> bool:
        """Whether one of its tags was invalidated after it was read."""
        fences = self._fences
        return bool(fences) and any(fences.get(tag, -1) >= entry.read_at for tag in entry.tags)

    def get(self, full: str) -> Entry | None:
        """The copy, of whatever age, unless a tag of it was invalidated."""
        entry = self.memory.get(full)
        if entry is None or self.is_fenced(entry):
            return None
        entry.is_used = True
        return entry

    def watching(self, fulls: Sequence[str]) -> Watch:
        """Learn whether these keys change while the block lasts."""
        return Watch(self._watches, fulls)

    def fill(self, full: str, entry: Entry, watch: Watch) -> None:
        """Keep a copy, unless it may be wrong already."""
        if not watch.is_stale and not self.is_fenced(entry):
            self.memory.set(full, entry)

    def forget_key(self, full: str, but: Watch | None = None) -> None:
        """Drop a copy, and those on their way except one's own."""
        self.memory.delete(full)
        _mark_stale(self._watches.get(full, ()), but)

    def forget_tag(self, tag: str) -> None:
        """Serve nothing of this tag that was read before now."""
        self._fences[tag] = self.invalidations
        self.invalidations += 1
        if len(self._fences) > _FENCES:  # forgetting a fence would bring its values back
            self.forget_all()

    def forget_all(self) -> None:
        """Drop everything, also what is on its way."""
        self.memory.clear()
        self._fences.clear()
        for watching in self._watches.values():
            _mark_stale(watching, None)


def _mark_stale(watching: Iterable[Watch], but: Watch | None) -> None:
    for watch in watching:
        if watch is not but:
            watch.is_stale = True
