# ruff: noqa: D102 - a rule is named by what it does
"""Memory keeps what is asked for, within its bytes, and never serves what was forgotten."""

import itertools
from collections import OrderedDict
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from forthwith.platform.upstream.cache import Memory, Policy
from forthwith.platform.upstream.cache.values import Entry, in_envelope

TEXT = Policy(namespace="text", into=str, ttl=600)
SHELF = "0/text:"
ROOM = 500  # entries


def _entry(text: str = "") -> Entry:
    return Entry(in_envelope(TEXT, text, 0.0, ()), TEXT, text, local=600, read_at=0)


WEIGHT = _entry().weight


def _memory(room: int) -> Memory:
    memory = Memory(room * WEIGHT)
    memory.shelf(SHELF)
    return memory


def _hits(memory: Memory, keys: list[str]) -> int:
    hits = 0
    for key in keys:
        entry = memory.get(SHELF + key)
        if entry is None:
            memory.set(SHELF + key, _entry())
        else:
            entry.is_used = True
            hits += 1
    return hits


def _hits_of_lru(room: int, keys: list[str]) -> int:
    hits, kept = 0, OrderedDict[str, None]()
    for key in keys:
        if key in kept:
            hits += 1
        kept[key] = None
        kept.move_to_end(key)
        if len(kept) > room:
            kept.popitem(last=False)
    return hits


def _skewed(count: int, seed: int) -> list[str]:
    """Zipf 0.9 over twenty times as many keys as there is room for; a fifth is asked once."""
    source = Random(seed)  # noqa: S311 - a workload
    weights = list(itertools.accumulate((place + 1) ** -0.9 for place in range(20 * ROOM)))
    drawn = source.choices(range(20 * ROOM), cum_weights=weights, k=count)
    return [f"once-{n}" if source.random() < 0.2 else f"k{key}" for n, key in enumerate(drawn)]


def test_more_is_found_than_in_an_lru_of_the_same_size() -> None:
    keys = _skewed(20_000, seed=1)

    assert _hits(_memory(ROOM), keys) > 1.1 * _hits_of_lru(ROOM, keys)


def test_what_is_asked_for_survives_a_scan_of_new_values() -> None:
    memory = _memory(ROOM)
    hot = [f"hot{number}" for number in range(50)]
    _hits(memory, hot * 2)
    _hits(memory, [f"new{number}" for number in range(10 * ROOM)])

    assert _hits(memory, hot) == len(hot)


def test_a_value_that_comes_back_soon_stays() -> None:
    memory = _memory(ROOM)
    _hits(memory, [f"first{number}" for number in range(2 * ROOM)])
    _hits(memory, ["first0"])
    _hits(memory, [f"later{number}" for number in range(ROOM // 2)])

    assert memory.get(SHELF + "first0") is not None


def test_a_popular_hoard_does_not_hold_up_one_set() -> None:
    """All entries are used: the next one takes a place after a bounded search."""
    memory = _memory(ROOM)
    _hits(memory, [f"k{number}" for number in range(ROOM)] * 2)
    memory.set(SHELF + "new", _entry())

    assert memory.get(SHELF + "new") is not None
    assert memory.held_bytes <= ROOM * WEIGHT


def test_nothing_is_kept_on_a_shelf_that_was_dropped() -> None:
    memory = _memory(ROOM)
    memory.set(SHELF + "k", _entry())
    memory.drop_shelf(SHELF)
    memory.set(SHELF + "late", _entry())

    assert memory.get(SHELF + "k") is None
    assert memory.get(SHELF + "late") is None


def test_forgotten_values_make_room_for_others() -> None:
    memory = _memory(ROOM)
    _hits(memory, [f"old{number}" for number in range(ROOM)] * 2)
    memory.clear()
    new = [f"new{number}" for number in range(ROOM)]
    _hits(memory, new * 3)

    assert _hits(memory, new) > 0.9 * ROOM


class MemoryAgainstDict(RuleBasedStateMachine):
    """The model: the last entry by key; memory has it or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = _memory(6)
        self.model: dict[str, Entry] = {}

    @rule(key=st.sampled_from("abcdefghij"), size=st.sampled_from([0, 0, 400, 1500, 9000]))
    def set(self, key: str, size: int) -> None:
        self.model[key] = entry = _entry("x" * size)
        self.memory.set(SHELF + key, entry)

    @rule(key=st.sampled_from("abcdefghij"))
    def use(self, key: str) -> None:
        entry = self.memory.get(SHELF + key)
        if entry is not None:
            entry.is_used = True

    @rule(key=st.sampled_from("abcdefghij"))
    def delete(self, key: str) -> None:
        self.memory.delete(SHELF + key)
        self.model.pop(key, None)

    @rule()
    def clear(self) -> None:
        self.memory.clear()
        self.model.clear()

    @rule()
    def drop_shelf(self) -> None:
        self.memory.drop_shelf(SHELF)
        self.memory.shelf(SHELF)
        self.model.clear()

    @invariant()
    def has_the_last_or_nothing(self) -> None:
        for key in "abcdefghij":
            assert self.memory.get(SHELF + key) in (None, self.model.get(key))

    @invariant()
    def stays_within_its_bytes(self) -> None:
        on_shelf = sum(entry.weight for entry in self.memory.shelf(SHELF).values())

        assert on_shelf <= self.memory.held_bytes <= 6 * WEIGHT


MemoryAgainstDict.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None
)
TestMemoryAgainstDict = MemoryAgainstDict.TestCase
