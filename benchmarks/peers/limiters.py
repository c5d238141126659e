"""Rate limiters of one process, ours among them: `limiters NAME WAITERS SECONDS`.

Only the standard library is used around them: the peers run in a venv of their own. Prints as
JSON what `benchmarks.limits` makes its tables from.
"""

import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

Acquire = Callable[[int], Awaitable[object]]
"""Waits until so many units are granted."""

RATE: Final = 100.0  # units a second
HEAVY_UNITS: Final = 50
HEAVY_CALLERS: Final = 200
HEAVY_SECONDS: Final = 6.0
_FREE_CALLS: Final = 20_000
_PLENTY: Final = 10**9
_RETRY_SECONDS: Final = 0.001


def _ours(rate: float, burst: float) -> Acquire:
    from forthwith.platform.upstream.budgets import Cost, Limiter, Limits  # noqa: PLC0415

    limiter = Limiter("vendor", Limits(per_second=rate, burst=burst))
    one = Cost()
    return lambda units: limiter.acquire(one if units == 1 else Cost(units))


def _aiolimiter(rate: float, burst: float) -> Acquire:
    from aiolimiter import AsyncLimiter  # type: ignore[import-not-found]  # noqa: PLC0415

    limiter = AsyncLimiter(burst, burst / rate)
    acquire: Acquire = limiter.acquire
    return acquire


def _pyrate_limiter(rate: float, burst: float) -> Acquire:
    import pyrate_limiter as peer  # noqa: PLC0415

    window_ms = 1_000 if burst > 1 else round(1_000 / rate)
    units = rate if burst > 1 else 1
    limiter = peer.Limiter(peer.Rate(int(units), window_ms), buffer_ms=0)
    return lambda weight: limiter.try_acquire_async("vendor", weight=weight)


def _limits(rate: float, burst: float) -> Acquire:
    import limits as peer  # type: ignore[import-not-found] # noqa: PLC0415
    from limits.aio import storage, strategies  # type: ignore[import-not-found] # noqa: PLC0415

    del burst
    limiter = strategies.MovingWindowRateLimiter(storage.MemoryStorage())
    item = peer.RateLimitItemPerSecond(int(rate))

    async def acquire(units: int) -> None:
        while not await limiter.hit(item, "vendor", cost=units):  # noqa: ASYNC110 - no other way
            await asyncio.sleep(_RETRY_SECONDS)  # it has no waiting of its own

    return acquire


LIMITERS: Final = {
    "ours": _ours,
    "aiolimiter": _aiolimiter,
    "pyrate-limiter": _pyrate_limiter,
    "limits, moving window": _limits,
}


async def _rate(acquire: Acquire, waiters: int, seconds: float) -> dict[str, Any]:
    """Callers that ask again and again; a grant to a later arrival first is out of order."""
    tickets = itertools.count()
    granted: list[tuple[int, float]] = []
    begin, cpu = time.monotonic(), time.process_time()
    end = begin + seconds

    async def caller() -> None:
        while True:
            ticket = next(tickets)
            await acquire(1)
            granted.append((ticket, time.monotonic()))

    callers = [asyncio.create_task(caller()) for _ in range(waiters)]
    await asyncio.sleep(seconds)
    cpu = time.process_time() - cpu
    for task in callers:
        task.cancel()
    await asyncio.wait(callers)
    moments = [moment for _, moment in granted if moment < end]
    order = [ticket for ticket, moment in granted if moment < end]
    return {
        "rate": len(moments) / seconds,
        "worst_second": _worst_second(moments),
        "out_of_order": sum(one > other for one, other in itertools.pairwise(order)) / len(order),
        "cpu": cpu / seconds,
    }


def _worst_second(moments: list[float]) -> int:
    worst = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


async def _heavy(acquire: Acquire) -> float | None:
    """Seconds until a heavy request among many light callers is served; None: not in time."""
    began = time.monotonic()

    async def light() -> None:
        while True:
            await acquire(1)

    callers = [asyncio.create_task(light()) for _ in range(HEAVY_CALLERS)]
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(HEAVY_SECONDS):
            await acquire(HEAVY_UNITS)
    except TimeoutError:
        return None
    finally:
        for task in callers:
            task.cancel()
        await asyncio.wait(callers)
    return time.monotonic() - began


async def _free(acquire: Acquire) -> float:
    """Microseconds of an acquire that has not to wait, the median of single calls."""
    took = []
    for _ in range(_FREE_CALLS):
        began = time.perf_counter()
        await acquire(1)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


async def _main(name: str, waiters: int, seconds: float) -> dict[str, Any]:
    make = LIMITERS[name]
    found = await _rate(make(RATE, 1), waiters, seconds)
    if waiters == HEAVY_CALLERS:
        burst = 1 if name == "ours" else HEAVY_UNITS  # the others refuse more than their burst
        found["heavy"] = await _heavy(make(RATE, burst))
        found["free"] = await _free(make(_PLENTY, _PLENTY))
    return found


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(asyncio.run(_main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
    )
