"""PostgreSQL as a shared tier: what was paid for survives a restart of everything.

Each change takes a number of the sequence `cache_changes`; a look reads the last one. A row's
own version guards its key. Tags and namespaces have fences; whoever stores holds a shared
advisory lock, whoever sets a fence holds it alone, so that neither misses the other.

A statement does not see what was committed after it began, so it may miss a fence that was set
before it had the lock; the sequence, which no snapshot hides, tells whether there may be one.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import asyncpg

from forthwith.platform.db import FAILURES, NOTICE_LIMIT_BYTES, Database
from forthwith.platform.upstream.cache.tiers import (
    CHANNEL,
    LONGEST_FENCED_SECONDS,
    Invalidation,
    Looked,
    Record,
)
from forthwith.platform.upstream.flights import Flight, PostgresFlights
from forthwith.platform.upstream.flights.flight import CHANNEL as FLIGHTS_CHANNEL
from forthwith.platform.upstream.flights.postgres_flights import (
    RELEASE,
    RELEASING,
    PooledConnection,
)

_ANSWER_SECONDS: Final = 2.0
_LOCK: Final = 0x43616368  # "Cach"
_FENCED: Final = timedelta(seconds=2 * LONGEST_FENCED_SECONDS)

_LOOK: Final = """
select c.last_value as seen, v.key, v.blob from platform.cache_changes c
left join platform.cached_values v
  on v.key = any($1) and v.blob is not null and v.expires_at > clock_timestamp()
"""

_UNLESS_NEWER: Final = """
on conflict (key) do update
  set version = excluded.version, tags = excluded.tags, blob = excluded.blob,
    expires_at = excluded.expires_at
  where v.version <= excluded.version
"""

_STORE: Final = f"""
insert into platform.cached_values as v (key, version, tags, blob, expires_at)
select $1, $2, $3::text[], $4::bytea, clock_timestamp() + $5::interval
where not exists (select from platform.cache_fences where name = any($6) and version > $2)
{_UNLESS_NEWER}
"""  # noqa: S608 - fixed parts

_LAND: Final = f"""
with guard as materialized (
  select pg_try_advisory_xact_lock_shared($3) as is_held
), state as materialized (
  select (select last_value from platform.cache_changes where is_held) = $4 as is_unchanged
  from guard
), stored as (
  insert into platform.cached_values as v (key, version, tags, blob, expires_at)
  select $1, $4, $5::text[], $6::bytea, clock_timestamp() + $7::interval
  from state where is_unchanged
  {_UNLESS_NEWER}
), gone as (
  {RELEASING} and (select is_unchanged from state) returning is_awaited
)
select is_unchanged, (select is_awaited from gone) from state
"""  # noqa: S608 - fixed parts
"""Where nothing changed since the look there is no fence to miss. The lock comes first: `state`
reads the sequence in a subquery that depends on it, and no fence is set until this is committed.
"""

_REPLACE: Final = """
insert into platform.cached_values as v (key, version, tags, blob, expires_at)
values ($1, nextval('platform.cache_changes'), $2::text[], $3,
  clock_timestamp() + $4::interval)
on conflict (key) do update
  set version = excluded.version, tags = excluded.tags, blob = excluded.blob,
    expires_at = excluded.expires_at
  where v.version < excluded.version
"""

_FENCE: Final = """
insert into platform.cache_fences as f (name, version, expires_at)
select name, nextval('platform.cache_changes'), clock_timestamp() + $2::interval
from unnest($1::text[]) as name order by name
on conflict (name) do update set version = excluded.version, expires_at = excluded.expires_at
"""

_DELETE: Final = """
delete from platform.cached_values where tags && $1::text[] or namespace = any($2::text[])
"""

_PURGE_EXPIRED: Final = """
with fences as (delete from platform.cache_fences where expires_at < now()),
flights as (delete from platform.flights where lease_until < now() - interval '1 hour')
delete from platform.cached_values where expires_at < now()
"""

_PURGE_EXCESS: Final = """
delete from platform.cached_values where key in (
  select key from (
    select key, sum(octet_length(blob)) over (order by expires_at desc, key) as total
    from platform.cached_values
  ) ranked where total > $1)
"""


class DurableTier:
    """`SharedTier` in PostgreSQL. `tells` is off where Redis already tells of changes."""

    name = "postgres"
    failures: tuple[type[Exception], ...] = (*FAILURES, asyncpg.PostgresError)

    def __init__(
        self, db: Database, *, flights: PostgresFlights | None = None, tells: bool = True
    ) -> None:
        self._db = db
        self.flights = flights
        self._tells = tells

    async def look(self, keys: Sequence[str]) -> Looked:
        """Values in one round trip."""
        async with asyncio.timeout(_ANSWER_SECONDS):
            rows = await self._db.fetch(_LOOK, list(keys))
        found = {row["key"]: row["blob"] for row in rows}
        return Looked([found.get(key) for key in keys], rows[0]["seen"])

    async def store(self, records: Sequence[Record], seen: int) -> None:
        """Keep loaded values unless they were changed or invalidated since `seen`."""
        async with self._db.statements.acquire() as connection, connection.transaction():
            await _store(connection, records, seen)

    async def land(self, flight: Flight, record: Record, seen: int) -> None:
        """Store a loaded value and end its flight: in one statement where nothing changed."""
        row = await self._db.fetchrow(
            _LAND,
            *(record.key, flight.token, _LOCK, seen),
            *(list(record.tags), record.blob, timedelta(seconds=record.seconds)),
        )
        if row is None or not row["is_unchanged"]:
            async with self._db.statements.acquire() as connection, connection.transaction():
                await _store(connection, [record], seen)
                row = await connection.fetchrow(RELEASE, flight.key, flight.token)
        if row is not None and row["is_awaited"]:
            self._db.tell(FLIGHTS_CHANNEL, flight.key)

    async def replace(self, records: Sequence[Record], told: Invalidation) -> None:
        """Keep values that win over every earlier one, and tell the other processes."""
        rows = [
            (each.key, list(each.tags), each.blob, timedelta(seconds=each.seconds))
            for each in sorted(records, key=lambda each: each.key)
        ]
        async with self._db.statements.acquire() as connection, connection.transaction():
            await connection.executemany(_REPLACE, rows)
            await self._tell(connection, told)

    async def forget(self, told: Invalidation) -> None:
        """Invalidate, and tell the other processes."""
        marks: list[tuple[str, list[str], None, timedelta]] = [
            (key, [], None, _FENCED) for key in sorted(told.keys)
        ]
        async with self._db.statements.acquire() as connection, connection.transaction():
            if marks:
                await connection.executemany(_REPLACE, marks)
            if told.tags or told.namespaces:
                await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
                await connection.execute(_FENCE, _fences(told.tags, told.namespaces), _FENCED)
                await connection.execute(_DELETE, list(told.tags), list(told.namespaces))
            await self._tell(connection, told)

    async def probe(self) -> None:
        """Raise one of `failures` unless it can be used."""
        await self._db.fetchrow("select 1")

    async def purge(self, max_bytes: int) -> None:
        """Delete what is expired, then what expires soonest until `max_bytes` are left.

        Also the leases of processes that died; to be called every few minutes by one worker.
        """
        await self._db.execute(_PURGE_EXPIRED)
        await self._db.execute(_PURGE_EXCESS, max_bytes)

    async def _tell(self, connection: PooledConnection, told: Invalidation) -> None:
        if self._tells:
            notice = told.notice(NOTICE_LIMIT_BYTES)
            await connection.execute("select pg_notify($1, $2)", CHANNEL, notice)


async def _store(connection: PooledConnection, records: Sequence[Record], seen: int) -> None:
    """Under the lock first: the next statement sees every fence that was set before."""
    await connection.execute("select pg_advisory_xact_lock_shared($1)", _LOCK)
    for each in records:
        await connection.execute(
            _STORE,
            *(each.key, seen, list(each.tags), each.blob, timedelta(seconds=each.seconds)),
            _fences(each.tags, (each.namespace,)),
        )


def _fences(tags: Sequence[str], namespaces: Sequence[str]) -> list[str]:
    return [*(f"t:{tag}" for tag in tags), *(f"n:{namespace}" for namespace in namespaces)]
