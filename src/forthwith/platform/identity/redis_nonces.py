"""Nonces in Redis; apart, so that a process without Redis need not load its client."""

from uuid import UUID

from forthwith.platform.errors import Unavailable
from forthwith.platform.identity.nonces import KEPT_SECONDS
from forthwith.platform.upstream.redis_link import REDIS_FAILURES, RedisLink


class RedisNonces:
    """Nonces as keys that expire by themselves."""

    def __init__(self, link: RedisLink) -> None:
        self._client = link.client

    async def take(self, key: UUID, nonce: str) -> bool:
        """Whether it is the first time. Raises `Unavailable`."""
        name = f"forthwith:nonce:{key}:{nonce}"
        try:
            return bool(await self._client.set(name, 1, nx=True, ex=KEPT_SECONDS))
        except REDIS_FAILURES:
            raise Unavailable("Redis is away; sign again shortly.", retry_after=2) from None
