"""One process of a fleet: waits for a go, asks many times at once, says what it got.

Run as `cache_process.py KIND ADDRESS BOOK CALLERS LOAD_SECONDS LEASE_SECONDS`. Each paid call is
a line in the book.
"""

import asyncio
import os
import sys
from pathlib import Path

from cache_stores import postgres_cache, redis_cache

from forthwith.platform.upstream.cache import Policy

POLICY = Policy(namespace="paid", into=int, ttl=60)


async def main(
    kind: str, address: str, book: Path, callers: int, seconds: float, lease: float
) -> None:
    """Ask once told to."""

    async def load() -> int:
        with book.open("a") as lines:
            lines.write(f"{os.getpid()}\n")
        await asyncio.sleep(seconds)
        return -7

    opened = redis_cache if kind == "redis" else postgres_cache
    async with opened(address, lease_seconds=lease) as cache:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(
            *(cache.get_or_load("k", load, POLICY) for _ in range(callers))
        )
        sys.stdout.write(f"{sum(answer == -7 for answer in answers)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    kind, address, book, *numbers = sys.argv[1:]
    asyncio.run(main(kind, address, Path(book), int(numbers[0]), *map(float, numbers[1:])))
