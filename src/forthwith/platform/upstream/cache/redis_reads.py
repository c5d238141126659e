"""Reading from Redis for all callers of a process at once.

What is asked while a reply is awaited goes out together, as one MGET over one connection. A read
therefore needs no connection of its own, and nobody who leaves takes the reply of another along.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, TypeAlias

from redis.asyncio.connection import AbstractConnection

from forthwith.platform.upstream.redis_link import RedisLink

Values: TypeAlias = list[bytes | None]

_ANSWER_SECONDS: Final = 1.0


class RedisReads:
    """MGET by whichever connection is held; it closes with its link."""

    def __init__(self, link: RedisLink) -> None:
        self._pool = link.client.connection_pool
        self._connection: AbstractConnection | None = None
        self._asked: list[tuple[Sequence[str], asyncio.Future[Values]]] = []
        self._reading: asyncio.Task[None] | None = None

    def mget(self, names: Sequence[str]) -> "asyncio.Future[Values]":
        """The values in the order asked. Raises what redis-py raises."""
        answer: asyncio.Future[Values] = asyncio.get_running_loop().create_future()
        self._asked.append((names, answer))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return answer

    async def _read(self) -> None:
        """Read until nobody asks."""
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._answer(asked)
        finally:
            self._reading = None

    async def _answer(self, asked: "list[tuple[Sequence[str], asyncio.Future[Values]]]") -> None:
        try:
            values = await self._exchange([name for names, _ in asked for name in names])
        except BaseException as error:
            await self._drop_connection()
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            begin = 0
            for names, answer in asked:
                end = begin + len(names)
                if not answer.done():
                    answer.set_result(values[begin:end])
                begin = end

    async def _exchange(self, names: Sequence[str]) -> Values:
        connection = self._connection or await self._connect()
        async with asyncio.timeout(_ANSWER_SECONDS):
            await connection.send_command("MGET", *names, check_health=False)
            values: Values = await connection.read_response()
        return values

    async def _connect(self) -> AbstractConnection:
        connection: AbstractConnection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
        connection.socket_timeout = None  # its own costs a task for each command
        self._connection = connection
        return connection

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)
