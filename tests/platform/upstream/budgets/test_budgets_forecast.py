"""What those in line are told to expect, by a store to which the way is long."""

import asyncio
from typing import Any

import pytest
from set_apart import SetApart
from virtual_time import run

from forthwith.platform import clock
from forthwith.platform.errors import TooMany
from forthwith.platform.upstream.budgets import (
    Cost,
    Limiter,
    Limits,
)
from forthwith.platform.upstream.budgets.accounts import Document, Pool


class _FarAway(SetApart):
    """A shared store that takes its time."""

    async def take(self, pool: Pool, cost: Cost, **how: Any) -> Any:
        """Half a second."""
        await asyncio.sleep(0.5)
        return await super().take(pool, cost, **how)

    async def read(self, pool: Pool) -> Document:
        """As much."""
        await asyncio.sleep(0.5)
        return await super().read(pool)


def test_what_is_to_be_expected_is_not_asked_while_a_slow_store_grants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> int:
        limiter = Limiter("v", Limits(concurrency=9), store=(store := _FarAway()))
        deadline = clock.monotonic() + 20
        await asyncio.gather(*(limiter.acquire(deadline=deadline) for _ in range(9)))
        return store.reads

    assert run(monkeypatch, story) == 0


def test_what_is_to_be_expected_is_asked_once_for_all_who_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> tuple[int, int]:
        limiter = Limiter("v", Limits(per_second=1), store=(store := _FarAway()))
        deadline = clock.monotonic() + 10
        calls = (limiter.acquire(deadline=deadline) for _ in range(30))
        ends = await asyncio.gather(*calls, return_exceptions=True)
        return store.reads, sum(isinstance(each, TooMany) for each in ends)

    reads, refused = run(monkeypatch, story)
    assert reads <= 4  # and once for each whose time is over in line, what Retry-After is to say
    assert refused == pytest.approx(21, abs=2)
