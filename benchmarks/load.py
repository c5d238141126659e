"""Load over raw sockets with requests encoded ahead: a full client would eat the cores.

Open loop: requests are due at the moments of a Poisson process, whether or not earlier ones
were answered, and each latency counts from the moment it was due (no coordinated omission:
https://www.scylladb.com/2021/04/22/on-coordinated-omission/). Closed loop: each of N clients
sends its next request when it has the answer to the last one.
"""

import asyncio
import itertools
import random
import selectors
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from benchmarks.figures import Latencies
from benchmarks.outside import without_collections

T = TypeVar("T")
Request = Sequence[bytes]
"""The pieces of one request, head and body, as they go over the wire."""

_TIMEOUT_SECONDS: Final = 30.0
_MAX_CONNECTIONS: Final = 250  # who is due when all are busy waits, and the wait counts
_EARLY_SECONDS: Final = 0.0005
"""How long before it is due a request is made ready, the last of it spent awake: a core that slept
is late by nearly as much, which would be counted as the server's."""
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, how one is made, and the status that counts as answered."""

    port: int
    make_request: Callable[[], Request]
    status: int = 202
    host: str = "127.0.0.1"


def post(path: str, headers: dict[str, str], length: int) -> bytes:
    """The head of a POST whose body has `length` bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run on a loop whose timers are exact: epoll rounds to a millisecond, select does not."""
    with (
        without_collections(),
        asyncio.Runner(
            loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
        ) as runner,
    ):
        return runner.run(main)


def poisson(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Moments of a Poisson process with `rate` events a second, from 0 to `seconds`."""
    source = random.Random(seed)  # noqa: S311 - arrivals, not secrets
    moment = source.expovariate(rate)
    while moment < seconds:
        yield moment
        moment += source.expovariate(rate)


async def open_loop(target: Target, rate: float, seconds: float, seed: int = 1) -> Latencies:
    """Send at the moments of a Poisson process, over up to 250 connections."""
    client = _Client(target)
    begin = time.perf_counter()
    arrivals = _arrivals(begin, rate, seconds, seed)
    asked = [asyncio.create_task(client.ask(due)) async for due in arrivals]
    found = await asyncio.gather(*asked)
    elapsed = time.perf_counter() - begin
    client.close()
    return _latencies(found, elapsed)


async def open_loops(
    targets: Mapping[str, Target], rate: float, seconds: float, seed: int = 1
) -> dict[str, Latencies]:
    """The same to several targets in turn, one arrival each: whatever slows one slows all."""
    clients = {name: _Client(target) for name, target in targets.items()}
    begin = time.perf_counter()
    asked: dict[str, list[asyncio.Task[float | None]]] = {name: [] for name in targets}
    turns = itertools.cycle(targets)
    async for due in _arrivals(begin, rate, seconds, seed):
        name = next(turns)
        asked[name].append(asyncio.create_task(clients[name].ask(due)))
    found = {name: await asyncio.gather(*tasks) for name, tasks in asked.items()}
    elapsed = time.perf_counter() - begin
    for client in clients.values():
        client.close()
    return {name: _latencies(latencies, elapsed) for name, latencies in found.items()}


async def closed_loop(target: Target, clients: int, seconds: float) -> Latencies:
    """Send from `clients` clients at once, each waiting for its answer before the next."""
    client = _Client(target)
    begin = time.perf_counter()
    found: list[float | None] = []

    async def repeat() -> None:
        while time.perf_counter() - begin < seconds:
            found.append(await client.ask(time.perf_counter()))

    await asyncio.gather(*(repeat() for _ in range(clients)))
    elapsed = time.perf_counter() - begin
    client.close()
    return _latencies(found, elapsed)


async def _arrivals(begin: float, rate: float, seconds: float, seed: int) -> AsyncIterator[float]:
    """When requests are due, each told shortly before."""
    for moment in poisson(rate, seconds, seed):
        due = begin + moment
        if (wait := due - _EARLY_SECONDS - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        yield due


def _latencies(found: Sequence[float | None], elapsed: float) -> Latencies:
    answered = [each for each in found if each is not None]
    return Latencies(answered, len(found) - len(answered), elapsed)


class _Client:
    """Connections that are kept open; an idle one is taken before a new one is made."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._idle: deque[_Connection] = deque()
        self._free = asyncio.Semaphore(_MAX_CONNECTIONS)

    async def ask(self, due: float) -> float | None:
        """Send one request when it is due; seconds from then to its answer, None if it failed."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), self._free:
                connection = await self._connection()
                request = self._target.make_request()
                while time.perf_counter() < due:  # noqa: ASYNC110 - no event, but a moment
                    await asyncio.sleep(0)
                status = await connection.ask(request)
                self._idle.append(connection)
        except (OSError, TimeoutError):
            return None
        latency = time.perf_counter() - due
        return latency if status == self._target.status else None

    def close(self) -> None:
        """Close what is idle, which is everything once all answers are there."""
        for connection in self._idle:
            connection.close()

    async def _connection(self) -> "_Connection":
        while self._idle:
            if (idle := self._idle.pop()).is_open:  # a server closes what is idle for long
                return idle
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(_Connection, self._target.host, self._target.port)
        return made


class _Connection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: Request) -> int:
        """Send a request; the status of its answer."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._received.clear()
        self._transport.writelines(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP gives no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._answer is not None and not self._answer.done() and _is_whole(self._received):
            self._answer.set_result(int(self._received[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())


def _is_whole(received: bytearray) -> bool:
    """Whether head and body are there; every answer that is measured has a length."""
    end = received.find(_HEAD_END)
    if end < 0:
        return False
    head = bytes(received[:end]).lower()
    start = head.index(_LENGTH) + len(_LENGTH)
    length = int(head[start:].split(b"\r\n", 1)[0])
    return len(received) >= end + len(_HEAD_END) + length
