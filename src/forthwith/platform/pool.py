"""Processes for work that keeps a core busy: decoding pictures, reading text.

A child is a fresh interpreter (never a fork: no locks, sockets or threads come along) that talks
over its own two pipes and works on one call at a time. So whatever becomes of a child, another
child's caller does not notice. Measured in November 2026: a killed child fails every caller of
`concurrent.futures` and of loky 3.7, and a killed idle child ends a pebble 5.2 pool for good.
"""

import asyncio
import contextlib
import ctypes
import io
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar, TypeVarTuple, cast

from forthwith.platform.errors import ForthwithError, Unavailable
from forthwith.platform.priority import give_way

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_ATTEMPTS = 2  # a second death under the same call is the call's fault
_ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}  # glibc's own for each thread held 100 MB a child
_OOM_SCORE = 500  # of 1000: when memory runs out, the kernel takes a child before its parent
_PR_SET_PDEATHSIG = 1  # prctl(2)
_PACKAGES = Path(__file__).parents[2]  # where the parent found this package
_START = """
import sys
sys.path.append(sys.argv[2])
from forthwith.platform import pool
pool.serve_parent()
"""
_FRAME = struct.Struct("!Q")  # bytes of the pickle that follows


class WorkerDied(ForthwithError):
    """The call ended its process, and did so again when it was repeated in a fresh one."""

    code, title = "WORKER_DIED", "The work ended its process"


class ProcessPool:
    """Runs functions in at most `processes` children, each started when first needed.

    `max_waiting` calls may wait for a free child; one more is refused with `Unavailable`.
    """

    def __init__(self, processes: int, *, max_waiting: int = 100) -> None:
        self._processes = processes
        self._max_waiting = max_waiting
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Child] = []
        self._children: set[_Child] = set()
        self._waiting = 0
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def run(
        self,
        function: Callable[[*Ts], T],
        *args: *Ts,
        timeout: float | None = None,  # noqa: ASYNC109 - counts the work, not the wait for a place
    ) -> T:
        """Call `function(*args)` in a child and return what it returns or raise what it raises.

        The function must be importable by name and its arguments picklable. `timeout` is in
        seconds of work. A timeout or a cancellation ends the child that works, and no other.

        Raises:
            TimeoutError: The work took longer than `timeout`.
            WorkerDied: The call ended its process twice.
            Unavailable: Too many calls are waiting, or the pool is closing.
        """
        work = pickle.dumps((function, args), pickle.HIGHEST_PROTOCOL)
        await self._take_place()
        try:
            return cast("T", await self._repeat(work, timeout))
        finally:
            self._places.release()

    async def warm(self, function: Callable[[*Ts], object], *args: *Ts) -> None:
        """Start all children now and call `function` once in each, for what it leaves loaded."""
        await asyncio.gather(*(self.run(function, *args) for _ in range(self._processes)))

    async def aclose(self) -> None:
        """End all children, even those at work; their callers get `Unavailable`."""
        if self._closed:
            return
        self._closed = True
        await asyncio.gather(*(child.end() for child in tuple(self._children)))
        for _ in range(self._processes):  # until the last caller has left
            await self._places.acquire()

    async def _take_place(self) -> None:
        self._refuse_if_closed()
        if self._places.locked() and self._waiting >= self._max_waiting:
            raise Unavailable("Too much work is waiting here; try again shortly.", retry_after=1.0)
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        if self._closed:
            self._places.release()
            self._refuse_if_closed()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise Unavailable("The server is stopping; try again shortly.", retry_after=1.0)

    async def _repeat(self, work: bytes, limit: float | None) -> object:
        for _ in range(_ATTEMPTS):
            with contextlib.suppress(_ChildDied):
                return await self._attempt(work, limit)
            self._refuse_if_closed()
        raise WorkerDied(f"This ended its process {_ATTEMPTS} times; try something else.")

    async def _attempt(self, work: bytes, limit: float | None) -> object:
        child = await self._take_child()
        try:
            self._refuse_if_closed()
            async with asyncio.timeout(limit):
                answer = await child.ask(work)
        except TimeoutError:
            await self._end(child)
            raise TimeoutError(f"The work took longer than {limit} seconds.") from None
        except BaseException:
            await self._end(child)
            raise
        self._idle.append(child)
        return _result(answer)

    async def _end(self, child: "_Child") -> None:
        self._children.discard(child)
        await asyncio.shield(child.end())

    async def _take_child(self) -> "_Child":
        while self._idle:
            child = self._idle.pop()
            if child.alive:
                return child
            await self._end(child)
        return await self._start()

    async def _start(self) -> "_Child":
        loop = asyncio.get_running_loop()
        _, child = await loop.subprocess_exec(
            _Child,
            *_command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None,
            env={**os.environ, **_ONE_ARENA},
            start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
        )
        self._children.add(child)
        return child


class _ChildDied(Exception):
    """The process is gone, or going, without an answer."""


class _Child(asyncio.SubprocessProtocol):
    """The parent's end of one child."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        self._closing = False
        self._received = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._send(pickle.dumps(sys.path))

    @property
    def alive(self) -> bool:
        return not self._closing and self._transport.get_returncode() is None

    async def ask(self, work: bytes) -> bytes:
        if not self.alive:
            raise _ChildDied
        self._answer = asyncio.get_running_loop().create_future()
        self._send(work)
        return await self._answer

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._transport.kill()
        self._transport.close()
        await self._ended.wait()

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        del fd  # only standard output is a pipe that is read
        self._received += cast("bytes", data)
        if (frame := _take_frame(self._received)) is not None:
            self._settle(frame)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del fd, exc  # either pipe's end is the child's end
        self._closing = True
        self._settle(None)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._settle(None)
        self._ended.set()

    def _send(self, frame: bytes) -> None:
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        stdin.write(_FRAME.pack(len(frame)))
        stdin.write(frame)

    def _settle(self, frame: bytes | None) -> None:
        if self._answer is None or self._answer.done():
            return
        if frame is None:
            self._answer.set_exception(_ChildDied())
        else:
            self._answer.set_result(frame)


def _command() -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", _START, str(os.getpid()), str(_PACKAGES))


def _take_frame(buffer: bytearray) -> bytes | None:
    if len(buffer) < _FRAME.size:
        return None
    end = _FRAME.size + _FRAME.unpack_from(buffer)[0]
    if len(buffer) < end:
        return None
    frame = bytes(buffer[_FRAME.size : end])
    del buffer[:end]
    return frame


def _result(answer: bytes) -> object:
    succeeded, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if not succeeded:
        raise value
    return value


def serve_parent() -> None:
    """Be a child: answer the parent's calls until it is gone. The parent's pid is in `argv`."""
    answers = _protect_standard_output()
    _behave_as_child(int(sys.argv[1]))
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(calls,), daemon=True).start()
    sys.path[:] = pickle.loads(calls.get())  # noqa: S301 - written by our own parent
    while True:
        answer = _perform(calls.get())
        answers.write(_FRAME.pack(len(answer)) + answer)
        answers.flush()


def _protect_standard_output() -> io.BufferedWriter:
    """Keep the pipe to the parent for answers; what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _behave_as_child(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the parent drains first, then ends us
    give_way()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a container may forbid it
            Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE), encoding="ascii")
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was told to watch it
        os._exit(1)


def _receive(calls: "queue.SimpleQueue[bytes]") -> None:
    """Queue what the parent sends; its end is ours, also where the kernel does not see to it."""
    stdin = sys.stdin.buffer
    while len(header := stdin.read(_FRAME.size)) == _FRAME.size:
        calls.put(stdin.read(_FRAME.unpack(header)[0]))
    os._exit(0)


def _perform(work: bytes) -> bytes:
    try:
        function, args = pickle.loads(work)  # noqa: S301 - written by our own parent
        return pickle.dumps((True, function(*args)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - the caller gets whatever went wrong
        return _failure(error)


def _failure(error: Exception) -> bytes:
    """The pickled error with the child's traceback as a note; described, if it cannot travel."""
    error.add_note("In the child process:\n" + "".join(traceback.format_exception(error)))
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)  # noqa: S301 - an error with its own constructor may fail only here
    except Exception:  # noqa: BLE001 - pickling calls the error's own code
        description = RuntimeError("".join(traceback.format_exception_only(error)))
        return pickle.dumps((False, description))
    return answer
