"""Reading from Redis at the price of a write and a reply, for all callers of a process.

Each MGET goes out at once over one connection, and replies come in the order asked: a read needs
no connection and no task of its own, and nobody who leaves takes the reply of another along.
redis-py opens the connection (address, credentials, TLS); what it does for each command, with
streams, time-outs and tasks, costs more than Redis itself.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hiredis import PushNotification, Reader, pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as AnsweredLate

from forthwith.platform import clock
from forthwith.platform.upstream.redis_link import RedisLink

Values: TypeAlias = list[bytes | None]

_ANSWER_SECONDS: Final = 1.0
_LAST_LOOK_SECONDS: Final = 0.05
_NOT_YET: Final = object()


class RedisReads:
    """MGET by a connection that closes with its link."""

    def __init__(self, link: RedisLink) -> None:
        self._pool = link.client.connection_pool
        self._connection: AbstractConnection | None = None
        self._channel: _Channel | None = None
        self._opening = asyncio.Lock()

    async def mget(self, names: Sequence[str]) -> Values:
        """The values in the order asked. Raises what redis-py raises."""
        channel = self._channel
        if channel is None or channel.is_lost:
            channel = await self._open()
        return await channel.ask(("MGET", *names))

    async def _open(self) -> "_Channel":
        async with self._opening:
            if self._channel is None or self._channel.is_lost:
                await self._drop()
                self._connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
                self._channel = _Channel(self._connection)
            return self._channel

    async def _drop(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)


class _Channel(asyncio.Protocol):
    """Takes a connection over from redis-py's streams once they have greeted the server."""

    def __init__(self, connection: AbstractConnection) -> None:
        streams = connection._writer  # noqa: SLF001 - redis-py has no public name for it
        if streams is None:
            raise ConnectionLost("the connection is closed already")
        self._transport = streams.transport
        self._streams = self._transport.get_protocol()
        self._reader = Reader(InvalidResponse, ResponseError, notEnoughData=_NOT_YET)
        self._asked: deque[tuple[asyncio.Future[Values], float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.is_lost = self._transport.is_closing()
        self._transport.set_protocol(self)

    def ask(self, command: tuple[str, ...]) -> "asyncio.Future[Values]":
        """Send a command; the future has its reply, or the error that came in its place."""
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Values] = loop.create_future()
        self._asked.append((reply, clock.monotonic()))
        self._transport.write(pack_command(command))  # type: ignore[arg-type]
        if self._timer is None:
            self._timer = loop.call_later(_ANSWER_SECONDS, self._check_time)
        return reply

    def data_received(self, data: bytes) -> None:
        """Hand out what is complete."""
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _NOT_YET:
                if not isinstance(reply, PushNotification):
                    self._answer(reply)
        except InvalidResponse as error:
            self._lose(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all who wait, and redis-py, which may wait for the end."""
        self._lose(ConnectionLost("Redis closed the connection"), exc)
        if isinstance(self._streams, asyncio.BaseProtocol):
            self._streams.connection_lost(exc)

    def _answer(self, reply: Any) -> None:
        if not self._asked:
            raise InvalidResponse("a reply that nobody asked for")
        future, _ = self._asked.popleft()
        if future.done():
            return
        if isinstance(reply, Exception):
            future.set_exception(reply)
        else:
            future.set_result(reply)

    def _check_time(self) -> None:
        """One timer for all: give up a connection whose oldest reply is late."""
        self._timer = None
        if not self._asked:
            return
        left = self._seconds_left()
        loop = asyncio.get_running_loop()
        if left > 0:
            self._timer = loop.call_later(left, self._check_time)
        else:  # a loop that was held up hears of the time before it hears of the reply
            self._timer = loop.call_later(_LAST_LOOK_SECONDS, self._look_again)

    def _look_again(self) -> None:
        if self._asked and self._seconds_left() <= 0:
            self._lose(AnsweredLate("Redis did not answer in time"))
        else:
            self._check_time()

    def _seconds_left(self) -> float:
        _, asked_at = self._asked[0]
        return asked_at + _ANSWER_SECONDS - clock.monotonic()

    def _lose(self, error: Exception, cause: Exception | None = None) -> None:
        self.is_lost = True
        self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        error.__cause__ = cause
        while self._asked:
            future, _ = self._asked.popleft()
            if not future.done():
                future.set_exception(error)
