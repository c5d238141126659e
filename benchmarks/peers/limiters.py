"""Rate limiters of one process, ours among them: `limiters NAME WAITERS SECONDS`.

Only the standard library and uvloop, on which Forthwith runs, are used around them: the peers
run in a venv of their own. Prints as JSON what `benchmarks.limits` makes its tables from.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import uvloop

Acquire = Callable[[int], Awaitable[object]]
"""Waits until so many units are granted."""

RATE: Final = 100.0  # units a second
HEAVY_UNITS: Final = 50
HEAVY_CALLERS: Final = 200
HEAVY_SECONDS: Final = 6.0
_FREE_ROUNDS: Final = 20
_FREE_CALLS: Final = 1_000
"""In each round."""
_PLENTY: Final = 10**9
_RETRY_SECONDS: Final = 0.001
_STARTING_SECONDS: Final = 0.1


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


def _bare_queue(rate: float, burst: float) -> Acquire:
    """The least that a line of callers takes: no rule, no way out, one timer that serves them."""
    del burst
    line: deque[asyncio.Future[None]] = deque()
    loop = asyncio.get_running_loop()
    began, ticks = loop.time(), itertools.count(1)

    def serve() -> None:
        loop.call_at(began + next(ticks) / rate, serve)
        if line and not (first := line.popleft()).cancelled():
            first.set_result(None)

    def acquire(units: int) -> Awaitable[None]:
        del units
        line.append(place := loop.create_future())
        return place

    serve()
    return acquire


FLOOR: Final = "a bare queue"
LIMITERS: Final = {
    "ours": _ours,
    "aiolimiter": _aiolimiter,
    "pyrate-limiter": _pyrate_limiter,
    "limits, moving window": _limits,
    FLOOR: _bare_queue,
}


@dataclass(slots=True)
class Granted:
    """Grants in order, each with the place of its caller among all who asked."""

    tickets: list[int] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    """Monotonic, which all processes of a machine share."""
    rate: float = 0.0
    """Grants a second, once all are in line; it takes a while to put a thousand there."""
    cpu: float = 0.0
    """Share of a core, from then on."""

    @property
    def out_of_order(self) -> float:
        """The share of grants to a later caller first."""
        pairs = itertools.pairwise(self.tickets)
        return sum(one > other for one, other in pairs) / len(self.tickets)


async def granted(acquire: Acquire, waiters: int, begin: float, seconds: float) -> Granted:
    """What callers get that ask again and again from `begin` on, and for so long once in line."""
    asked = itertools.count()
    found, since = Granted(), begin + _STARTING_SECONDS
    end = since + seconds
    await asyncio.sleep(begin - time.monotonic())

    async def caller() -> None:
        while True:
            ticket = next(asked)
            await acquire(1)
            moment = time.monotonic()
            if moment < end:
                found.tickets.append(ticket)
                found.moments.append(moment)

    callers = [asyncio.create_task(caller()) for _ in range(waiters)]
    await asyncio.sleep(since - time.monotonic())
    cpu = time.process_time()
    await asyncio.sleep(end - time.monotonic())
    found.cpu = (time.process_time() - cpu) / seconds
    found.rate = sum(moment >= since for moment in found.moments) / seconds
    for task in callers:
        task.cancel()
    await asyncio.wait(callers)
    return found


async def _rate(acquire: Acquire, waiters: int, seconds: float) -> dict[str, Any]:
    found = await granted(acquire, waiters, time.monotonic(), seconds)
    return {
        "rate": found.rate,
        "worst_second": worst_second(found.moments),
        "out_of_order": found.out_of_order,
        "cpu": found.cpu,
    }


def worst_second(moments: list[float]) -> int:
    """Most grants within any second; the moments are in order."""
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
    """Microseconds of an acquire that has not to wait: the best round, as `timeit` advises."""
    took = []
    for _ in range(_FREE_ROUNDS):
        began = time.perf_counter()
        for _ in range(_FREE_CALLS):
            await acquire(1)
        took.append(time.perf_counter() - began)
    return min(took) / _FREE_CALLS * 1e6


async def _nothing(units: int) -> None:
    """What a call of a coroutine takes that does nothing."""
    del units


async def _main(name: str, waiters: int, seconds: float) -> dict[str, Any]:
    make = LIMITERS[name]
    found = await _rate(make(RATE, 1), waiters, seconds)
    found["free"] = await _free(_nothing if name == FLOOR else make(_PLENTY, _PLENTY))
    if waiters == HEAVY_CALLERS and name != FLOOR:
        burst = 1 if name == "ours" else HEAVY_UNITS  # the others refuse more than their burst
        found["heavy"] = await _heavy(make(RATE, burst))
    return found


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(uvloop.run(_main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
    )
