"""Fifty callers on three keys over HTTP: what they get of what is permitted, and how fairly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from paid_sandbox import Answering, Sandbox, answering, keys, sandbox

from forthwith.platform import clock
from forthwith.platform.upstream import Limits
from forthwith.platform.upstream.budgets.parts import Dimension, Part, Rate, Window

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

CALLERS = 50
RPM = 60
MINUTE_SECONDS = 12.0
MINUTES = 2
VENDORS_MINUTE_SECONDS = 11.5
"""A call may travel half a second longer than another, as it may in a minute that is not short."""


class ShortMinutes(Limits):
    """`RPM` calls in a minute that is shortened like the sandbox's, spread over it."""

    def _parts(self) -> Iterator[Part]:
        yield Rate(Dimension.REQUESTS, RPM / MINUTE_SECONDS, burst=5)
        yield Window(Dimension.REQUESTS, RPM, MINUTE_SECONDS)


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


class Load:
    """Callers that ask again as soon as they are answered."""

    def __init__(self, answers: Answering) -> None:
        self._answers = answers
        self._end = clock.monotonic() + MINUTES * MINUTE_SECONDS
        self.answered: Counter[int] = Counter()
        """By caller."""

    async def run(self) -> None:
        """For the agreed minutes; what is answered later is not counted."""
        await asyncio.gather(*(self._ask(number) for number in range(CALLERS)))

    async def _ask(self, caller: int) -> None:
        number = 0
        while clock.monotonic() < self._end:
            number += 1
            question = f"{caller} asks {number}"
            assert await self._answers.ask(question, is_kept=False) == question[::-1]
            if clock.monotonic() < self._end:
                self.answered[caller] += 1


async def test_three_keys_give_what_they_may_to_all_callers_alike(vendor: Sandbox) -> None:
    """At least 97 % of the permitted calls, none answered 429, all served about as often."""
    quota = {"per_minute": RPM, "minute_seconds": VENDORS_MINUTE_SECONDS}
    await vendor.behave(quota=quota, latency={"p50": 0.1, "p95": 0.1})
    async with answering(vendor.url, of=keys(3, ShortMinutes())) as answers:
        load = Load(answers)
        await load.run()
    counts = load.answered.values()

    assert set(await vendor.outcomes()) == {"200"}
    assert load.answered.total() >= 0.97 * 3 * RPM * MINUTES
    assert len(counts) == CALLERS
    assert max(counts) / min(counts) <= 1.5


async def test_one_key_dead_and_one_out_of_quota_are_seen_by_no_caller(vendor: Sandbox) -> None:
    await vendor.behave(
        quota={
            "per_minute": RPM,
            "minute_seconds": VENDORS_MINUTE_SECONDS,
            "refused_keys": ["secret-1"],
            "spent_keys": ["secret-2"],
        },
        latency={"p50": 0.05, "p95": 0.1},
    )
    async with answering(vendor.url, of=keys(3, ShortMinutes())) as answers:
        load = Load(answers)
        await load.run()
    outcomes = await vendor.outcomes()

    assert load.answered.total() >= 0.97 * RPM * MINUTES
    assert set(outcomes) == {"200", "401", "429"}
    assert outcomes.count("401") + outcomes.count("429") <= CALLERS
