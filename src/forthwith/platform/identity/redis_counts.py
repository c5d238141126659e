"""Slices of request limits from Redis, by the `limits` library's sliding window counter.

Apart, so that a process without Redis need not load its client.
"""

import time

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from forthwith.platform.identity.shared_counts import Taken
from forthwith.platform.identity.windows import Limit
from forthwith.platform.upstream.redis_link import RedisLink


class RedisStore:
    """Slices by Lua scripts: each is taken whole or not at all."""

    def __init__(self, link: RedisLink) -> None:
        storage = RedisStorage(
            "async+redis://shared:6379",
            implementation="redispy",
            key_prefix="forthwith:requests",
            connection_pool=link.client.connection_pool,  # type: ignore[arg-type] # it is handed on
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)

    async def take(self, limit: Limit, subject: bytes, wanted: int) -> Taken:
        """Take a slice, or one request where no slice is left."""
        item, key = _item(limit), subject.hex()
        for amount in dict.fromkeys((wanted, 1)):
            if await self._limiter.hit(item, key, cost=amount):
                stats = await self._limiter.get_window_stats(item, key)
                return Taken(amount, stats.remaining, limit.seconds - time.time() % limit.seconds)
        stats = await self._limiter.get_window_stats(item, key)
        return Taken(0, 0, max(0.0, stats.reset_time - time.time()))


def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.requests, limit.seconds)
