"""Budgets that processes and hosts share through PostgreSQL: one short transaction each.

The pool's row is locked while its document is read, changed by the rules of accounts.py and
written, all on the database's clock. A commit does not wait for the disk: a crash of the
database forgets the last moments of spending, never a whole day of it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from forthwith.platform import clock
from forthwith.platform.db import Database
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
from forthwith.platform.upstream.budgets.parts import Cost, Dimension
from forthwith.platform.upstream.budgets.store import lease_numbers

_CLOCK_SET_BACK: Final = 60.0  # seconds; beyond them a document from the future is dropped

_LOCK: Final = """
select document, set_config('synchronous_commit', 'off', true)
from platform.budgets where pool = $1 for update
"""
_MAKE: Final = """
insert into platform.budgets (pool, document) values ($1, $2) on conflict do nothing
"""
_NOW: Final = "select extract(epoch from clock_timestamp())::float8"
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


class PostgresStore:
    """Budgets in `platform.budgets`.

    Raises what asyncpg raises when the database is away; `StandIn` takes over then.
    """

    is_local = False

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, pool: Pool, cost: Cost, *, waited: float = 0.0) -> Grant | Blocked:
        """Take the cost, all or nothing."""
        async with self._opened(pool) as it:
            lease = next(lease_numbers)
            return accounts.take(pool, it.states, cost, now=it.now, waited=waited, lease=lease)

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Correct what was taken and free the slots."""
        async with self._opened(pool) as it:
            accounts.settle(pool, it.states, grant, actual, now=it.now)

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give an account a standing."""
        async with self._opened(pool) as it:
            for _, state in it.account(alias):
                accounts.mark(state, standing, seconds, now=it.now)

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor where it says less."""
        async with self._opened(pool) as it:
            for account, state in it.account(alias):
                accounts.observe(
                    account, state, dimension, now=it.now, remaining=remaining, resets_in=resets_in
                )

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

    @asynccontextmanager
    async def _opened(self, pool: Pool) -> AsyncGenerator[_Open]:
        async with self._db.statements.acquire() as connection, connection.transaction():
            kept = await connection.fetchval(_LOCK, pool.name)
            if kept is None:
                await connection.execute(_MAKE, pool.name, _packed(Document(0.0, [])))
                kept = await connection.fetchval(_LOCK, pool.name)
            document = _document(kept)
            opened = _open(pool, document, await connection.fetchval(_NOW))
            yield opened
            document.at = opened.now
            await connection.execute(_WRITE, pool.name, _packed(document))


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
