"""Budgets that processes and hosts share through PostgreSQL, changed one after the other.

A pool's document is changed by the rules of accounts.py, on the database's clock. A process that
changed it last puts the next version in the place of that one with a single statement; where
another process was quicker it begins again with that one's, and at last locks the row, so that
nobody loses for ever. What several callers of one process ask for meanwhile goes together with
the next change, in the order in which they asked. A commit does not wait for the disk: a crash of
the database forgets the last moments of spending, never a whole day of it.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

import asyncpg
import msgspec

from forthwith.platform import clock
from forthwith.platform.db import Database, Pooled
from forthwith.platform.upstream.budgets import accounts
from forthwith.platform.upstream.budgets.accounts import (
    Account,
    AccountState,
    Blocked,
    Document,
    Grant,
    Pool,
    Standing,
)
from forthwith.platform.upstream.budgets.parts import NOTHING, Cost, Dimension
from forthwith.platform.upstream.budgets.store import lease_numbers

T = TypeVar("T")

_CLOCK_SET_BACK: Final = 60.0  # seconds; beyond them a document from the future is dropped
_CLOCK_KNOWN: Final = 10.0  # seconds since the database's clock was heard; it may be set since
_SWAPS: Final = 2
_MOST_KNOWN: Final = 1_000  # pools

_SWAP: Final = """
with swapped as (
  update platform.budgets set document = $3, changed_at = now()
  where pool = $1 and document = $2 returning pool
)
select exists (select from swapped) as is_swapped,
  extract(epoch from clock_timestamp())::float8 as now,
  (select document from platform.budgets
   where pool = $1 and not exists (select from swapped)) as document,
  set_config('synchronous_commit', 'off', true)
"""
"""Without a swap `document` is the one to begin with; the same as before where it just changed."""
_LOCK: Final = """
with held as materialized (
  select document from platform.budgets where pool = $1 for update
)
select document, extract(epoch from clock_timestamp())::float8 as now,
  set_config('synchronous_commit', 'off', true)
from held
"""
"""The clock is looked at once the row is held: a wait for it may have been long."""
_MAKE: Final = """
insert into platform.budgets (pool, document) values ($1, $2) on conflict do nothing
"""
_WRITE: Final = "update platform.budgets set document = $2, changed_at = now() where pool = $1"
_READ: Final = """
select extract(epoch from clock_timestamp())::float8 as now,
  (select document from platform.budgets where pool = $1)
"""
_UNTOUCHED: Final = """
select pool, document, changed_at, extract(epoch from now() - changed_at)::float8 as seconds
from platform.budgets where changed_at < now() - $1::interval order by changed_at limit 1000
"""
_DELETE: Final = """
delete from platform.budgets as budget
using unnest($1::varchar[], $2::timestamptz[]) as old (pool, changed_at)
where budget.pool = old.pool and budget.changed_at = old.changed_at
"""


@dataclass(slots=True)
class _Open:
    """A pool's document while its row is locked."""

    now: float
    pool: Pool
    states: list[AccountState]

    def account(self, alias: str) -> list[tuple[Account, AccountState]]:
        """The account of an alias, or nothing."""
        pairs = zip(self.pool.accounts, self.states, strict=True)
        return [(account, state) for account, state in pairs if account.alias == alias]


@dataclass(slots=True)
class _DatabaseClock:
    """The database's clock as last heard, and this process's at that moment.

    What was heard is older by the way back, so this one is late, never early: nothing is granted
    before its time.
    """

    heard: float = 0.0
    heard_at: float = -math.inf

    def hear(self, now: float) -> None:
        """The moment at which the database has answered."""
        self.heard, self.heard_at = now, clock.monotonic()

    def now(self) -> float | None:
        """UNIX seconds; None where it was not heard lately."""
        passed = clock.monotonic() - self.heard_at
        return self.heard + passed if passed < _CLOCK_KNOWN else None


@dataclass(frozen=True, slots=True)
class _Change:
    """What somebody who waits wants done to a pool's document."""

    pool: Pool
    make: Callable[[_Open], Any]
    outcome: "asyncio.Future[Any]"

    def tell(self, made: object) -> bool:
        """What came of it; False when nobody waits for that any more."""
        if self.outcome.done():
            return False
        self.outcome.set_result(made)
        return True

    def fail(self, error: Exception) -> None:
        """That it was not made."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class PostgresStore:
    """Budgets in `platform.budgets`.

    Raises what asyncpg raises when the database is away; `StandIn` takes over then.
    """

    is_local = False

    def __init__(self, db: Database) -> None:
        self._db = db
        self._clock = _DatabaseClock()
        self._known: dict[str, bytes] = {}
        """Documents as they were left here; another process may have changed them."""
        self._waiting: dict[str, deque[_Change]] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost, all or nothing."""

        def make(it: _Open) -> Grant | Blocked:
            return accounts.take(
                *(pool, it.states, cost),
                now=it.now,
                waited=waited,
                lease=next(lease_numbers),
                aside=aside,
            )

        return await self._ask(pool, make)

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Correct what was taken and free the slots."""
        await self._ask(pool, partial(_settle, grant, actual))

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give an account a standing."""

        def make(it: _Open) -> None:
            for _, state in it.account(alias):
                accounts.mark(state, standing, seconds, now=it.now)

        await self._ask(pool, make)

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor where it says less."""

        def make(it: _Open) -> None:
            for account, state in it.account(alias):
                accounts.observe(
                    account, state, dimension, now=it.now, remaining=remaining, resets_in=resets_in
                )

        await self._ask(pool, make)

    async def read(self, pool: Pool) -> Document:
        """A copy, as of now."""
        row = await self._db.fetchrow(_READ, pool.name)
        if row is None:
            raise RuntimeError("a select of the clock has a row")
        opened = _open(pool, _document(row["document"]), row["now"])
        return Document(opened.now, opened.states)

    async def purge(self) -> None:
        """Delete what nobody changed for longer than it says anything."""
        rows = await self._db.fetch(_UNTOUCHED, timedelta(seconds=accounts.KEPT_SECONDS))
        over = [
            row
            for row in rows
            if row["seconds"] > accounts.kept_seconds(_document(row["document"]))
        ]
        pools, changed = [row["pool"] for row in over], [row["changed_at"] for row in over]
        await self._db.execute(_DELETE, pools, changed)

    def _ask(self, pool: Pool, make: Callable[[_Open], T]) -> "asyncio.Future[T]":
        """Have the change made in the next transaction of this process on the pool."""
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(pool.name, deque()).append(_Change(pool, make, outcome))
        if pool.name not in self._serving:
            self._serving[pool.name] = asyncio.create_task(self._serve(pool.name))
        return outcome

    async def _serve(self, name: str) -> None:
        """Make changes until nobody waits for one."""
        waiting, taken = self._waiting[name], list[_Change]()
        try:
            while waiting:
                async with self._db.statements.acquire() as connection:
                    made = await self._make_all(connection, name, waiting, taken)
                for change, outcome in zip(taken, made, strict=True):
                    if not change.tell(outcome) and isinstance(outcome, Grant):
                        self._give_back(change.pool, outcome)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            for change in (*taken, *waiting):
                change.fail(error)
            waiting.clear()
        finally:
            del self._serving[name]

    async def _make_all(
        self, connection: Pooled, name: str, waiting: deque[_Change], taken: list[_Change]
    ) -> list[Any]:
        """Make all changes that wait, moved to `taken`; what came of each."""
        taken.clear()
        _move(waiting, taken)
        made = await self._swapped(connection, name, taken)
        if made is not None:
            return made
        async with connection.transaction():
            kept = await _locked(connection, name)
            _move(waiting, taken)
            made, packed = _made(kept["document"], kept["now"], taken)
            await connection.execute(_WRITE, name, packed)
        self._clock.hear(kept["now"])
        self._know(name, packed)
        return made

    async def _swapped(
        self, connection: Pooled, name: str, changes: Sequence[_Change]
    ) -> list[Any] | None:
        """Make them over the document that is known here; None where others are always quicker."""
        kept = self._known.get(name)
        for _ in range(_SWAPS):
            now = self._clock.now()
            if kept is None or now is None:
                return None
            made, packed = _made(kept, now, changes)
            found = await connection.fetchrow(_SWAP, name, kept, packed)
            if found is None:
                raise RuntimeError("a select without from has a row")
            self._clock.hear(found["now"])
            if found["is_swapped"]:
                self._know(name, packed)
                return made
            kept = None if found["document"] == kept else found["document"]
        return None

    def _know(self, name: str, packed: bytes) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[name] = packed

    def _give_back(self, pool: Pool, unseen: Grant) -> None:
        """What was granted to somebody who had left; without a database its lease runs out."""
        given = self._ask(pool, partial(_settle, unseen, NOTHING))
        given.add_done_callback(asyncio.Future.exception)


def _move(waiting: deque[_Change], taken: list[_Change]) -> None:
    """Take the changes that somebody still waits for."""
    taken += [each for each in waiting if not each.outcome.cancelled()]
    waiting.clear()


def _made(packed: bytes, now: float, changes: Sequence[_Change]) -> tuple[list[Any], bytes]:
    """What comes of changes to a document, and the document after them."""
    document, made = _document(packed), []
    for change in changes:
        opened = _open(change.pool, document, now)
        made.append(change.make(opened))
        document.at = opened.now
    return made, _packed(document)


async def _locked(connection: Pooled, name: str) -> asyncpg.Record:
    """A pool's row, held until the transaction ends; made if it is the first time."""
    kept = await connection.fetchrow(_LOCK, name)
    if kept is None:
        await connection.execute(_MAKE, name, _packed(Document(0.0, [])))
        kept = await connection.fetchrow(_LOCK, name)
    if kept is None:
        raise RuntimeError(f"the budget of {name} was deleted while it was made")
    return kept


def _settle(grant: Grant, actual: Cost, it: _Open) -> None:
    accounts.settle(it.pool, it.states, grant, actual, now=it.now)


def _open(pool: Pool, document: Document, now: float) -> _Open:
    if document.at > now + _CLOCK_SET_BACK:
        document.at, document.accounts = 0.0, []
    now = max(now, document.at)
    states = accounts.states_of(document, pool)
    accounts.roll(pool, states, now, clock.now().timestamp())
    return _Open(now, pool, states)


def _packed(document: Document) -> bytes:
    return msgspec.msgpack.encode(document)


def _document(packed: bytes | None) -> Document:
    if packed is None:
        return Document(0.0, [])
    return msgspec.msgpack.decode(packed, type=Document)
