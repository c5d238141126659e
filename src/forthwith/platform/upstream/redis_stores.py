"""What Redis adds to a process. Imported only where one is configured: the client loads slowly."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from forthwith.platform.upstream.budgets.redis_store import RedisStore
from forthwith.platform.upstream.cache.redis_tier import RedisTier
from forthwith.platform.upstream.flights.redis_flights import RedisFlights
from forthwith.platform.upstream.redis_link import RedisLink
from forthwith.platform.upstream.redis_listener import RedisListener


@dataclass(frozen=True, slots=True)
class RedisStores:
    """The tier of the cache, the budgets, and the listener that tells of changes."""

    link: RedisLink
    tier: RedisTier
    budgets: RedisStore
    listener: RedisListener


@asynccontextmanager
async def opened(address: str, max_connections: int) -> AsyncGenerator[RedisStores]:
    """Stores in the Redis at `address`, which may be away, while the block lasts."""
    async with AsyncExitStack() as stack:
        link = RedisLink(address, max_connections=max_connections)
        stack.push_async_callback(link.close)
        listener = RedisListener(link)
        flights = RedisFlights(link)
        await flights.open(listener)
        stack.push_async_callback(flights.close)
        listening = asyncio.create_task(listener.run())
        stack.push_async_callback(_end, listening)
        tier = RedisTier(link, flights=flights)
        yield RedisStores(link, tier, RedisStore(link.client), listener)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
