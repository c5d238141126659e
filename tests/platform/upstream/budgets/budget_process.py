"""A process of its own that takes from a shared budget: `budget_process.py STORE WHERE`.

Prints `ready`, reads the moment to begin, and prints as JSON which calls were granted and when.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from forthwith.platform.db import Database, opened
from forthwith.platform.upstream.budgets import BudgetStore, Limiter, Limits
from forthwith.platform.upstream.budgets.postgres_store import PostgresStore
from forthwith.platform.upstream.budgets.redis_store import RedisStore

LIMITS = Limits(per_second=50, burst=5, concurrency=20)
WAITERS = 25
SECONDS = 4.0


@contextlib.asynccontextmanager
async def _store(kind: str, where: str) -> AsyncIterator[BudgetStore]:
    if kind == "redis":
        redis = Redis(unix_socket_path=where)
        yield RedisStore(redis)
        await redis.aclose()
    else:
        async with opened(Database(where)) as db:
            yield PostgresStore(db)


async def _main(kind: str, where: str) -> None:
    tickets: list[int] = []
    moments: list[float] = []
    asked = 0
    async with _store(kind, where) as store:
        limiter = Limiter("vendor", LIMITS, store=store)
        await limiter.store.read(limiter.pool)
        print("ready", flush=True)  # noqa: T201 - the answer
        begin = float(await asyncio.to_thread(input))
        await asyncio.sleep(begin - time.time())

        async def caller() -> None:
            nonlocal asked
            while time.time() < begin + SECONDS:
                asked += 1
                ticket = asked
                async with await limiter.acquire():
                    tickets.append(ticket)
                    moments.append(time.time())

        await asyncio.gather(*(caller() for _ in range(WAITERS)))
    print(json.dumps({"tickets": tickets, "moments": moments}))  # noqa: T201 - the answer


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2]))
