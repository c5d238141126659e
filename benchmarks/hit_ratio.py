"""How much of a skewed stream is found in memory that holds a twentieth of the keys.

300,000 gets by Zipf 0.9 over 50,000 keys, and the same with a fifth of keys asked once; the
stream is drawn from one seed, all values weigh the same.
"""

import itertools
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from forthwith.platform.upstream.cache import Memory, Policy
from forthwith.platform.upstream.cache.values import Entry, in_envelope

KEYS: Final = 50_000
ROOM: Final = 2_500
GETS: Final = 300_000
_SHELF: Final = "0/bench:"


class Ratios(dict[str, float]):
    """Found shares by what is kept and which stream; `to_lru` are ours as ratios."""

    @property
    def to_lru(self) -> list[float]:
        """For each stream."""
        streams: Mapping[str, str] = {name: name.replace("ours", "LRU") for name in self}
        return [self[name] / self[lru] for name, lru in streams.items() if name != lru]


def measure() -> Ratios:
    """Both streams through both."""
    found = Ratios()
    for share, stream in ((0.0, "plain"), (0.2, "a fifth asked once")):
        keys = list(_stream(share))
        found[f"ours, {stream}"] = _of_ours(keys)
        found[f"LRU, {stream}"] = _of_lru(keys)
    return found


def _stream(asked_once: float) -> Iterator[str]:
    source = Random(7)  # noqa: S311 - a stream to repeat
    weights = list(itertools.accumulate((place + 1) ** -0.9 for place in range(KEYS)))
    for number, key in enumerate(source.choices(range(KEYS), cum_weights=weights, k=GETS)):
        yield f"once-{number}" if source.random() < asked_once else f"k{key}"


def _of_ours(keys: list[str]) -> float:
    policy = Policy(namespace="bench", into=int, ttl=600.0)
    envelope = in_envelope(policy, 1, 0.0, ())

    def entry() -> Entry:
        return Entry(envelope, policy, 1, local=600.0, read_at=0)

    memory, hits = Memory(ROOM * entry().weight), 0
    shelf = memory.shelf(_SHELF)
    for key in keys:
        kept = shelf.get(key)
        if kept is None:
            memory.set(_SHELF + key, entry())
        else:
            kept.is_used = True
            hits += 1
    return hits / len(keys)


def _of_lru(keys: list[str]) -> float:
    kept: OrderedDict[str, None] = OrderedDict()
    hits = 0
    for key in keys:
        hits += key in kept
        kept[key] = None
        kept.move_to_end(key)
        if len(kept) > ROOM:
            kept.popitem(last=False)
    return hits / len(keys)
