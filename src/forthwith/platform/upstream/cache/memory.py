"""The memory tier: bounded in bytes, behind four methods, on one of two engines."""

import contextlib
from typing import Final, Protocol

import cachebox
import moka_py

from forthwith.platform import clock
from forthwith.platform.upstream.cache.values import Entry

_LARGEST_SHARE: Final = 8  # one value may take an eighth of the memory


class MemoryTier(Protocol):
    """Entries by key, in this process; what exceeds the bytes is dropped by the engine."""

    def get(self, key: str) -> Entry | None:
        """The entry, whatever its age, or None."""

    def set(self, key: str, entry: Entry) -> None:
        """Keep an entry until `kept_until`, or let it go at once when it does not fit."""

    def delete(self, key: str) -> None:
        """Forget an entry."""

    def clear(self) -> None:
        """Forget all."""


class TinyLfuMemory:
    """moka: admits by frequency (TinyLFU), which keeps more of what is asked for than LRU."""

    def __init__(self, max_bytes: int) -> None:
        self._largest = max_bytes // _LARGEST_SHARE
        self._engine: moka_py.Moka[str, Entry] = moka_py.Moka(max_bytes, weigher=_weight)
        self.get = self._engine.get
        self.clear = self._engine.clear

    def set(self, key: str, entry: Entry) -> None:
        """Keep an entry until `kept_until`, or let it go at once when it does not fit."""
        seconds = entry.kept_until - clock.monotonic()
        if seconds > 0 and entry.weight <= self._largest:
            self._engine.set(key, entry, seconds)
        else:
            self._engine.remove(key)

    def delete(self, key: str) -> None:
        """Forget an entry."""
        self._engine.remove(key)

    @property
    def held_bytes(self) -> int:
        """What the entries weigh together."""
        self._engine.run_pending_tasks()  # weights are summed up late
        return self._engine.weighted_size()


class LruMemory:
    """cachebox: drops what was not read for longest; expired entries leave the same way."""

    def __init__(self, max_bytes: int) -> None:
        self._largest = max_bytes // _LARGEST_SHARE
        self._engine: cachebox.LRUCache[str, Entry] = cachebox.LRUCache(
            max_bytes, getsizeof=_weight
        )
        self.clear = self._engine.clear

    def get(self, key: str) -> Entry | None:
        """The entry, whatever its age, or None."""
        return self._engine.get(key, None)

    def set(self, key: str, entry: Entry) -> None:
        """Keep an entry, or let it go at once when it does not fit."""
        if entry.weight <= self._largest:
            self._engine[key] = entry
        else:
            self.delete(key)

    def delete(self, key: str) -> None:
        """Forget an entry."""
        with contextlib.suppress(KeyError):
            del self._engine[key]

    @property
    def held_bytes(self) -> int:
        """What the entries weigh together."""
        return self._engine.current_size()


def _weight(_: str, entry: Entry) -> int:
    return entry.weight
