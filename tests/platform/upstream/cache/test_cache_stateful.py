# ruff: noqa: D102 - a rule is named by what it does
"""The cache against a dict with time: whatever is done, it serves what was last set, or nothing."""

import asyncio
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forthwith.platform import clock
from forthwith.platform.upstream.cache import MISSING, Cache, Memory, Policy

TTL = 10.0
STALE = 5.0
POLICY: Policy[Any] = Policy(
    namespace="model", into=object, ttl=TTL, jitter=0, stale_on_failure=STALE, negative_ttl=TTL
)
KEYS = st.sampled_from("abc")
TAGS = st.sampled_from([(), ("red",), ("blue",), ("red", "blue")])
VALUES = st.one_of(
    st.integers(-3, 3), st.none(), st.just(""), st.lists(st.integers(-9, 9), max_size=2)
)


class CacheAgainstDict(RuleBasedStateMachine):
    """The model: value, tags and expiry by key."""

    @initialize()
    def begin(self) -> None:
        self.passed = 0.0
        self.start = clock.now()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(clock, "monotonic", lambda: 50 + self.passed)
        start = self.start.timestamp()
        self.patch.setattr(
            clock,
            "now",
            lambda: type(self.start).fromtimestamp(start + self.passed, self.start.tzinfo),
        )
        self.loop = asyncio.new_event_loop()
        self.cache = Cache(Memory(1_000_000))
        self.model: dict[str, tuple[Any, tuple[str, ...], float]] = {}

    def teardown(self) -> None:
        if hasattr(self, "patch"):
            self.loop.run_until_complete(self.cache.close())
            self.loop.close()
            self.patch.undo()

    @rule(key=KEYS, value=VALUES, tags=TAGS)
    def set(self, key: str, value: Any, tags: tuple[str, ...]) -> None:
        self._run(self.cache.set(key, value, POLICY, tags=tags))
        self.model[key] = (value, tags, self.passed + TTL)

    @rule(key=KEYS, value=VALUES, tags=TAGS)
    def get_or_load(self, key: str, value: Any, tags: tuple[str, ...]) -> None:
        async def load() -> Any:
            return value

        expected = self._expected(key)
        got = self._run(self.cache.get_or_load(key, load, POLICY, tags=tags))
        if expected is MISSING:
            self.model[key] = (value, tags, self.passed + TTL)
            expected = value
        assert got == expected

    @rule(key=KEYS)
    def fail_to_load(self, key: str) -> None:
        async def load() -> Any:
            raise OSError("away")

        value, _, expires_at = self.model.get(key, (MISSING, (), 0.0))
        if value is MISSING or self.passed >= expires_at + STALE:
            with pytest.raises(OSError, match="away"):
                self._run(self.cache.get_or_load(key, load, POLICY))
        else:
            assert self._run(self.cache.get_or_load(key, load, POLICY)) == value
            if self.passed >= expires_at:  # served on for a second
                del self.model[key]
                self._run(self.cache.delete(key, POLICY))

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self._run(self.cache.delete(key, POLICY))
        self.model.pop(key, None)

    @rule(tag=st.sampled_from(["red", "blue"]))
    def invalidate_tag(self, tag: str) -> None:
        self._run(self.cache.invalidate(tag=tag))
        self.model = {key: each for key, each in self.model.items() if tag not in each[1]}

    @rule()
    def invalidate_namespace(self) -> None:
        self._run(self.cache.invalidate(namespace="model"))
        self.model = {}

    @rule(seconds=st.sampled_from([1.0, 6.0, 11.0]))
    def wait(self, seconds: float) -> None:
        self.passed += seconds

    @invariant()
    def serves_what_was_last_set(self) -> None:
        if not hasattr(self, "cache"):
            return
        found = self._run(self.cache.get_many("abc", POLICY))
        right = {key: self._expected(key) for key in "abc"}
        assert found == {key: value for key, value in right.items() if value is not MISSING}

    def _expected(self, key: str) -> Any:
        value, _, expires_at = self.model.get(key, (MISSING, (), 0.0))
        return value if self.passed < expires_at else MISSING

    def _run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)


CacheAgainstDict.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None
)
TestCacheAgainstDict = CacheAgainstDict.TestCase
