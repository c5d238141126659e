"""Budgets that processes and hosts share through PostgreSQL, changed in short transactions.

The pool's row is locked while its document is read, changed by the rules of accounts.py and
written, all on the database's clock. What several callers of one process ask for meanwhile goes
together with the next transaction, in the order in which they asked. A commit does not wait for
the disk: a crash of the database forgets the last moments of spending, never a whole day of it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
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
                    made = await _make_all(connection, name, waiting, taken)
                for change, outcome in zip(taken, made, strict=True):
                    if not change.tell(outcome) and isinstance(outcome, Grant):
                        self._give_back(change.pool, outcome)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            for change in (*taken, *waiting):
                change.fail(error)
            waiting.clear()
        finally:
            del self._serving[name]

    def _give_back(self, pool: Pool, unseen: Grant) -> None:
        """What was granted to somebody who had left; without a database its lease runs out."""
        given = self._ask(pool, partial(_settle, unseen, NOTHING))
        given.add_done_callback(asyncio.Future.exception)


async def _make_all(
    connection: Pooled, name: str, waiting: deque[_Change], taken: list[_Change]
) -> list[Any]:
    """Make all changes that wait once the row is held, moved to `taken`; what came of each."""
    taken.clear()
    async with connection.transaction():
        kept = await _locked(connection, name)
        document, made = _document(kept["document"]), []
        taken += [each for each in waiting if not each.outcome.cancelled()]
        waiting.clear()
        for change in taken:
            opened = _open(change.pool, document, kept["now"])
            made.append(change.make(opened))
            document.at = opened.now
        await connection.execute(_WRITE, name, _packed(document))
    return made


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
