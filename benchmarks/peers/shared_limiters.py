"""A rate that two processes share: `shared_limiters NAME URL WAITERS SECONDS`.

Prints `ready`, reads the moment to begin, and prints as JSON what this process was granted. Only
the standard library and uvloop are used around the limiters.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvloop

from benchmarks.peers.limiters import RATE, Acquire, granted

_RETRY_SECONDS: Final = 0.005


@asynccontextmanager
async def _ours_on_redis(url: str) -> AsyncIterator[Acquire]:
    from redis.asyncio import Redis  # noqa: PLC0415

    from forthwith.platform.upstream.budgets.redis_store import RedisStore  # noqa: PLC0415

    client = Redis.from_url(url)
    yield _ours(RedisStore(client))
    await client.aclose()


@asynccontextmanager
async def _ours_on_postgres(url: str) -> AsyncIterator[Acquire]:
    from forthwith.platform.db import Database, opened  # noqa: PLC0415
    from forthwith.platform.upstream.budgets.postgres_store import PostgresStore  # noqa: PLC0415

    async with opened(Database(url)) as db:
        yield _ours(PostgresStore(db))


def _ours(store: Any) -> Acquire:
    from forthwith.platform.upstream.budgets import Cost, Limiter, Limits  # noqa: PLC0415

    limiter = Limiter("vendor", Limits(per_second=RATE), store=store)
    one = Cost()
    return lambda units: limiter.acquire(one if units == 1 else Cost(units))


@asynccontextmanager
async def _limits(url: str) -> AsyncIterator[Acquire]:
    import limits as peer  # type: ignore[import-not-found] # noqa: PLC0415
    from limits.aio import storage, strategies  # type: ignore[import-not-found] # noqa: PLC0415

    limiter = strategies.MovingWindowRateLimiter(storage.RedisStorage(f"async+{url}"))
    item = peer.RateLimitItemPerSecond(int(RATE))

    async def acquire(units: int) -> None:
        while not await limiter.hit(item, "vendor", cost=units):  # noqa: ASYNC110 - no other way
            await asyncio.sleep(_RETRY_SECONDS)  # it has no waiting of its own

    yield acquire


SHARED: Final = {
    "ours, Redis": _ours_on_redis,
    "ours, PostgreSQL": _ours_on_postgres,
    "limits, moving window, Redis": _limits,
}


async def _main(name: str, url: str, waiters: int, seconds: float) -> dict[str, Any]:
    async with SHARED[name](url) as acquire:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        begin = float(await asyncio.to_thread(sys.stdin.readline))
        found = await granted(acquire, waiters, begin, seconds)
        return {
            "moments": found.moments,
            "out_of_order": found.out_of_order,
            "rate": found.rate,
            "cpu": found.cpu,
        }


def main() -> None:
    """Take part as the command line says."""
    name, url, waiters, seconds = sys.argv[1:]
    sys.stdout.write(json.dumps(uvloop.run(_main(name, url, int(waiters), float(seconds)))))


if __name__ == "__main__":
    main()
