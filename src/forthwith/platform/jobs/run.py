"""What a job function is handed: its run."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Concatenate, Final, Never, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

import asyncpg

from forthwith.platform import clock, logging
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import EVENTS_CHANNEL, Database, Session
from forthwith.platform.errors import LeaseLost
from forthwith.platform.events import FAILURES, append, event_place
from forthwith.platform.jobs import statements
from forthwith.platform.jobs.lease import Lease
from forthwith.platform.jobs.ledger import Ledger
from forthwith.platform.jobs.outages import Interrupted
from forthwith.platform.jobs.outcome import Snooze

log = logging.get(__name__)
P = ParamSpec("P")
T = TypeVar("T")

_SAVE_AGAIN_SECONDS: Final = 0.5
_SAVE_FOR_SECONDS: Final = 60.0
"""A paid answer is worth waiting this long for a database that is away."""
_JUST_SEEN_SECONDS: Final = 1.0
_LARGE_BYTES: Final = 1024 * 1024


class Run:
    """One try of one run, held under a lease.

    `attempt` counts earlier tries that failed by themselves, `takeovers` workers that died;
    `is_first`: nobody has had the run before, so it has begun with no step recorded.
    """

    def __init__(
        self,
        db: Database,
        ledger: Ledger,
        codec: Codec,
        lease: Lease,
        *,
        owner: UUID,
        attempt: int,
        takeovers: int,
        is_first: bool,
    ) -> None:
        self._db = db
        self._ledger = ledger
        self._codec = codec
        self._lease = lease
        self.id = lease.run
        self.name = lease.name
        self.owner = owner
        self.attempt = attempt
        self.takeovers = takeovers
        self.is_first = is_first
        self._begun: set[str] = set()

    async def step(
        self, name: str, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` once for the whole life of the run, and give its result ever after.

        The result is stored as JSON and read back as the type the function declares. Names
        must be stable; number them in loops. Raises `LeaseLost` when the run is not ours.
        A result above a megabyte is kept too, and logged: better return what names a blob.
        """
        stored = None if self._is_surely_new(name) else await self._recorded(name)
        if stored is None:
            stored = await self._pay(name, functools.partial(function, *args, **kwargs))
        return self._decode(name, stored, function)

    async def write(
        self,
        name: str,
        function: Callable[Concatenate[Session, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function` with a session, as a step that happens exactly once or not at all.

        For writes to our own database: rows, step result and fence commit together.
        """
        async with self._fenced(statements.FENCE_STEP, name) as (session, found):
            stored: bytes | None = found["result"]
            if stored is None:
                result = await function(session, *args, **kwargs)
                stored = self._codec.seal(result, self._step_place(name))
                await session.fetch(statements.WRITE_STEP, self.id, name, stored)
        return self._decode(name, stored, function)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A transaction that commits only while the run is ours. Raises `LeaseLost`."""
        async with self._fenced(statements.FENCE) as (session, _):
            yield session

    async def ask(self, sql: str, *values: object) -> asyncpg.Record:
        """The row of one statement that acts only while the run is ours, without a transaction.

        The statement begins with `HELD`, which has `$1` and `$2`; `values` are those from `$3` on.
        It has a row of `held` if nothing else. Raises `LeaseLost`.
        """
        return await self._ask_held(f"with {statements.HELD}, {sql}", *self._holder, *values)

    async def progress(self, fraction: float, stage: str) -> None:
        """Tell how far the run is: 0.0 to 1.0, and a short stage name such as `reading`."""
        told = {"fraction": fraction, "stage": stage}
        row = await self._ask_held(
            statements.PROGRESS,
            self.id,
            self._lease.token,
            self._codec.seal(told, progress_place(self.id)),
            self._codec.seal(told, event_place(self.id)),
        )
        self._db.tell(EVENTS_CHANNEL, row["told"])

    async def tell(self, kind: str, data: Any) -> None:
        """Add an event of the job's own to the run's stream."""
        async with self.transaction() as session:
            await append(session, self._codec, self.id, kind, data)

    def snooze(self, *, seconds: float | None = None, until: datetime | None = None) -> Never:
        """Stop here and come back later, without using a try; finished steps stay finished."""
        moment = until or clock.now() + timedelta(seconds=seconds or 0)
        raise Snooze(moment, "snoozed")

    def ensure_held(self) -> None:
        """Raise `LeaseLost` when the run is not ours any more."""
        self._lease.ensure_held()

    @asynccontextmanager
    async def _fenced(
        self, fence: str, *values: object
    ) -> AsyncIterator[tuple[Session, asyncpg.Record]]:
        """A transaction behind a fence, and what the fence has told."""
        self._lease.ensure_held()
        async with self._db.transaction() as session:
            held = await session.fetchrow(fence, *self._holder, *values)
            if held is None:
                self._lost()
            yield session, held

    @property
    def _holder(self) -> tuple[UUID, UUID]:
        return self.id, self._lease.token

    def _is_surely_new(self, name: str) -> bool:
        """Whether the step cannot be recorded: nobody had the run before, and it is still ours.

        A statement was the fence just now, and looking for a result would be one more.
        """
        is_new = self.is_first and name not in self._begun
        self._begun.add(name)
        return is_new and clock.monotonic() - self._lease.seen_held_at < _JUST_SEEN_SECONDS

    async def _recorded(self, name: str) -> bytes | None:
        """The stored result of a step; reading it is the fence before the step."""
        row = await self._ask_held(statements.READ_STEP, self.id, name, self._lease.token)
        result: bytes | None = row["result"]
        return result

    async def _ask_held(self, sql: str, *values: object) -> asyncpg.Record:
        """The row of one statement that has one only while the run is ours. Raises `LeaseLost`.

        That the database fails is never the job's own failure.
        """
        self._lease.ensure_held()
        asked_at = clock.monotonic()
        try:
            row = await self._db.fetchrow(sql, *values)
        except FAILURES as error:
            raise Interrupted("the database was away") from error
        if row is None:
            self._lost()
        self._lease.seen_held_at = asked_at
        return row

    async def _pay(self, name: str, call: Callable[[], Awaitable[Any]]) -> bytes:
        """Make a paid call and keep its answer, whatever becomes of the lease meanwhile."""
        with self._lease.paying():
            self._lease.ensure_held()  # the process may have been frozen since the look
            result = await call()
            return await _unbroken(self._save(name, result))

    async def _save(self, name: str, result: Any) -> bytes:
        """Store a paid result even when the database is away for a while, then read it back.

        The insert does not ask who holds the run: an answer that was paid for is kept by
        whoever paid. Going on is only for the holder.
        """
        sealed = self._codec.seal(result, self._step_place(name))
        if len(sealed) > _LARGE_BYTES:
            log.warning("step_result_large", step=name, bytes=len(sealed))
        asked_at = clock.monotonic()
        saved = await self._insist_on_saving(name, sealed)
        if saved is None or not saved["is_held"]:
            self._lost()
        self._lease.seen_held_at = asked_at
        stored: bytes | None = saved["result"]
        if stored is None:
            stored = await self._recorded(name)
        if stored is None:
            self._lost()
        return stored

    async def _insist_on_saving(self, name: str, sealed: bytes) -> asyncpg.Record | None:
        give_up_at = clock.monotonic() + _SAVE_FOR_SECONDS
        while True:
            try:
                return await self._ledger.save_step(self.id, name, sealed, self._lease.token)
            except (*FAILURES, asyncpg.PostgresError):
                if clock.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(_SAVE_AGAIN_SECONDS)

    def _step_place(self, name: str) -> bytes:
        return place("platform.steps", "result", f"{self.id}|{name}")

    def _decode(self, name: str, stored: bytes, function: Callable[..., Awaitable[T]]) -> T:
        decoded: T = self._codec.open(stored, self._step_place(name), _returned(function))
        return decoded

    def _lost(self) -> Never:
        self._lease.note_lost()
        raise LeaseLost("This run was taken over or cancelled.")


def progress_place(run: UUID) -> bytes:
    """Where the progress of a run is bound to."""
    return place("platform.runs", "progress", run)


async def _unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Bring it to its end; a cancellation that comes meanwhile is raised afterwards."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen: the cancellation is what counts now
        raise


@functools.lru_cache(maxsize=256)  # bounded: a job may make functions as it runs
def _declared_result(function: Callable[..., Any]) -> Any:
    return get_type_hints(function).get("return", Any)


def _returned(function: Callable[..., Any]) -> Any:
    """The declared result type of a function; anything for a partial or a lambda."""
    while isinstance(function, functools.partial):
        function = function.func
    return _declared_result(function)
