"""The connections to one Redis, and which life of that server they speak to.

A Redis that was restarted from an old snapshot, or replaced by a replica that lagged, has values
again that were invalidated meanwhile. Each new connection therefore asks for the server's run id;
what is kept under the id of an earlier life is never read again, and expires.
"""

import re
from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

REDIS_FAILURES: Final = (RedisError, OSError, TimeoutError)
"""What a Redis that is away, restarting, full or frozen raises."""

_ANSWER_SECONDS: Final = 1.0
_RUN_ID: Final = re.compile(rb"run_id:(\w{12})")


class RedisLink:
    """A client whose commands fail soon and are never repeated behind the caller's back."""

    def __init__(self, url: str, *, max_connections: int = 32) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=max_connections,
            timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._greet,
        )
        self.client: Redis = Redis.from_pool(pool)
        self._life = ""

    async def life(self) -> str:
        """Twelve characters that are others after every restart. Raises REDIS_FAILURES."""
        if not self._life:
            await self.client.ping()
        return self._life

    async def answers(self) -> bool:
        """Whether it can be used now."""
        try:
            await self.client.ping()
        except REDIS_FAILURES:
            return False
        return True

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    async def _greet(self, connection: Any) -> None:
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        told = await connection.read_response()
        found = _RUN_ID.search(told if isinstance(told, bytes) else str(told).encode())
        self._life = found[1].decode() if found else "unknown"
