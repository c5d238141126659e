"""Limits as tests set and meet them."""

import asyncio
import time
from dataclasses import replace

import pytest

from forthwith.platform.config import RequestSettings
from forthwith.platform.identity.windows import Limit, RequestCounts
from forthwith.platform.runtime import Runtime

RUNS = "/api/v1/runs"
LOGIN = "/api/v1/auth/login"
MINUTE = Limit("basic", 100)


async def hits(counts: RequestCounts, limit: Limit, subject: str, times: int) -> int:
    """How many of so many requests at once are let in."""
    standings = await asyncio.gather(*(counts.hit(limit, subject) for _ in range(times)))
    return sum(standing.allowed for standing in standings)


async def calm(seconds: int, needed: float = 4.0) -> None:
    """Wait for a period that will not end in the middle of the test."""
    left = seconds - time.time() % seconds
    if left < needed:
        await asyncio.sleep(left + 0.1)


def limited(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, **names: str) -> Runtime:
    """The same process under other settings of requests."""
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    settings = runtime.settings.model_copy(update={"requests": RequestSettings()})
    return replace(runtime, settings=settings)
