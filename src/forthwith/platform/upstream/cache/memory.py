"""The memory tier: values of this process, bounded in bytes.

Which ones to keep is decided by S3-FIFO: new values pass a short queue, and those that are asked
for again stay in a long one. It keeps more of what is asked for than LRU does, and a hit moves
nothing (Yang, Zhang, Qiu, Yue and Vinayak, "FIFO queues are all you need for cache eviction",
SOSP 2023). What expired leaves like any other value that is not asked for.
"""

from collections import OrderedDict
from typing import Final

from forthwith.platform.upstream.cache.values import Entry, Shelf

_LARGEST_SHARE: Final = 8  # one value may take an eighth of the memory
_PASSING_SHARE: Final = 10  # values that were not asked for again have a tenth of it
_NO_SHELF: Final[Shelf] = {}
_CHANCES: Final = 256  # used values that one eviction spares at most: a tenth of a millisecond


class Memory:
    """Entries by key. A key begins with the name of its shelf, which ends with a colon.

    Whoever reads often takes the shelf and looks there, at the price of a dict; it sets
    `is_used` of what it serves.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._largest = max_bytes // _LARGEST_SHARE
        self._shelves: dict[str, Shelf] = {}
        self._passing: OrderedDict[Entry, None] = OrderedDict()
        self._passing_bytes = 0
        self._staying: OrderedDict[Entry, None] = OrderedDict()
        self._gone: OrderedDict[int, bool] = OrderedDict()  # hashes of keys that passed unused
        self.held_bytes = 0

    def shelf(self, name: str) -> Shelf:
        """The entries of one kind by the rest of their keys; empty when asked for first."""
        return self._shelves.setdefault(name, {})

    def drop_shelf(self, name: str) -> None:
        """Forget a shelf with all that is on it; its bytes are free as others push it out."""
        shelf = self._shelves.pop(name, None)
        if shelf is not None:
            shelf.clear()

    def get(self, full: str) -> Entry | None:
        """The entry, whatever its age, or None."""
        name, key = _split(full)
        return self._shelves.get(name, _NO_SHELF).get(key)

    def set(self, full: str, entry: Entry) -> None:
        """Keep an entry, unless it does not fit or its shelf was dropped."""
        name, key = _split(full)
        shelf = self._shelves.get(name)
        if shelf is None:
            return
        may_stay = self._remove(shelf, key)
        if entry.weight > self._largest:
            return
        shelf[key] = entry
        entry.key, entry.shelf = key, shelf
        self.held_bytes += entry.weight
        if may_stay or self._gone.pop(hash(key), False):
            self._staying[entry] = None
        else:
            self._passing[entry] = None
            self._passing_bytes += entry.weight
        self._make_room()

    def delete(self, full: str) -> None:
        """Forget an entry."""
        name, key = _split(full)
        self._remove(self._shelves.get(name, _NO_SHELF), key)

    def clear(self) -> None:
        """Forget all; its bytes are free as others push it out."""
        for shelf in self._shelves.values():
            shelf.clear()

    def _remove(self, shelf: Shelf, key: str) -> bool:
        """Take an entry out; whether it deserved to stay."""
        entry = shelf.pop(key, None)
        if entry is None:
            return False
        self.held_bytes -= entry.weight
        if entry in self._staying:
            del self._staying[entry]
            return True
        del self._passing[entry]
        self._passing_bytes -= entry.weight
        return entry.is_used

    def _make_room(self) -> None:
        chances = _CHANCES
        while self.held_bytes > self._max_bytes:
            chances -= 1
            self._evict_one(may_stay=chances > 0)

    def _evict_one(self, *, may_stay: bool) -> None:
        """Drop the oldest entry of a queue, or let it stay once more because it was used."""
        is_passing = self._passing_bytes * _PASSING_SHARE > self._max_bytes or not self._staying
        entry, _ = (self._passing if is_passing else self._staying).popitem(last=False)
        if is_passing:
            self._passing_bytes -= entry.weight
        is_on_shelf = entry.shelf.get(entry.key) is entry
        if is_on_shelf and entry.is_used and may_stay:
            entry.is_used = False
            self._staying[entry] = None
            return
        self.held_bytes -= entry.weight
        if is_on_shelf:
            del entry.shelf[entry.key]
            if is_passing:
                self._remember(entry.key)

    def _remember(self, key: str) -> None:
        self._gone[hash(key)] = True
        if len(self._gone) > len(self._staying):
            self._gone.popitem(last=False)


def _split(full: str) -> tuple[str, str]:
    """The shelf and the rest of a key."""
    end = full.index(":") + 1
    return full[:end], full[end:]
