"""What every engine's module answers to: `work`, `prepare`, `enqueue`, `offer`.

Only the standard library is used: each engine runs in a venv of its own. A job writes one line
when it starts: its process id, when it was due, and when it started, on the clock that all
processes of this machine share. From these lines `benchmarks.jobs` makes every figure.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

Enqueue = Callable[[float, float], Awaitable[object]]
"""`await enqueue(due, hold_seconds)`: committed, or taken by Redis, when it returns."""

CONCURRENCY: Final = 20  # runs one worker works on at once, where the engine can be told
ENQUEUERS: Final = 20
DSN: Final = os.environ.get("BENCH_DSN", "")
REDIS_PORT: Final = int(os.environ.get("BENCH_REDIS_PORT", "0"))
_STARTS: Final = os.environ.get("BENCH_STARTS", os.devnull)
_starts = os.open(_STARTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine as its users set it up."""

    prepare: Callable[[], None]
    """Make its tables."""
    work: Callable[[], None]
    """Work until killed."""
    opened: Callable[[], AbstractAsyncContextManager[Enqueue]]
    """What a web application that enqueues keeps open."""


def nothing() -> None:
    """For engines without tables."""


def started(due: float) -> None:
    """The first line of every job."""
    line = f"{os.getpid()} {due:.6f} {time.monotonic():.6f}\n"
    os.write(_starts, line.encode())


def main(engine: Engine) -> None:
    """Do what the command line says; figures go to the file BENCH_RESULT as JSON."""
    command, *numbers = sys.argv[1:]
    if command == "prepare":
        engine.prepare()
    elif command == "work":
        engine.work()
    elif command == "enqueue":
        count, hold = int(numbers[0]), float(numbers[1])
        _tell(asyncio.run(_enqueue(engine, count, hold)))
    elif command == "offer":
        rate, seconds = (float(number) for number in numbers)
        _tell(asyncio.run(_offer(engine, rate, seconds)))
    else:
        raise SystemExit(f"unknown command: {command}")


def _tell(result: dict[str, float]) -> None:
    with open(os.environ["BENCH_RESULT"], "w") as file:  # noqa: PTH123 - read as a whole
        json.dump(result, file)


async def _enqueue(engine: Engine, count: int, hold: float) -> dict[str, float]:
    """As fast as it goes, from ENQUEUERS tasks at once: a closed loop."""
    async with _warm(engine) as enqueue:
        due = iter(range(count))

        async def repeat() -> None:
            for _ in due:
                await enqueue(time.monotonic(), hold)

        begin = time.monotonic()
        await asyncio.gather(*(repeat() for _ in range(min(ENQUEUERS, count))))
        return {"seconds": time.monotonic() - begin, "count": count}


async def _offer(engine: Engine, rate: float, seconds: float) -> dict[str, float]:
    """At the moments of a Poisson process, whether or not earlier ones are through."""
    source = random.Random(1)  # noqa: S311 - arrivals, not secrets
    async with _warm(engine) as enqueue:
        begin = due = time.monotonic()
        asked = []
        while (due := due + source.expovariate(rate)) < begin + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            asked.append(asyncio.ensure_future(enqueue(due, 0.0)))
        await asyncio.gather(*asked)
        return {"count": len(asked)}


@asynccontextmanager
async def _warm(engine: Engine) -> AsyncIterator[Enqueue]:
    """What enqueues, its connection made before anything is counted."""
    async with engine.opened() as enqueue:
        yield enqueue
