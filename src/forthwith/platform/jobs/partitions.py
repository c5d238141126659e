"""Monthly partitions of the ledger, and dropping what is older than it is kept.

A partition holds the UUIDv7 ids made in one month. The coming ones are made ahead; a DEFAULT
partition takes what falls outside, so that a clock that is off loses nothing.
"""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import product
from typing import Final, NamedTuple

from forthwith.platform import clock, ids, logging
from forthwith.platform.db import Connection, Database

log = logging.get(__name__)

TABLES: Final = ("streams", "events", "runs", "steps")
MONTHS_AHEAD: Final = 2
_KEYS: Final = {"streams": "id", "events": "stream", "runs": "id", "steps": "run"}
_LOCK: Final = 0x466F7274  # "Fort": one process at a time makes partitions
_GIVE_WAY: Final = "set local lock_timeout = '2s'"
"""Whoever waits for a table lock holds up everybody behind it: rather come back later."""

_EXISTING: Final = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'platform' and c.relispartition and c.relkind = 'r'
"""


def month(moment: datetime, offset: int = 0) -> datetime:
    """The first moment of a month, `offset` months on."""
    index = moment.year * 12 + moment.month - 1 + offset
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)


async def make_first(db: Database) -> None:
    """Make the partitions of the first requests before there are any."""
    connection = await db.connect()
    try:
        await make_coming(connection, clock.now())
    finally:
        await connection.close()


async def make_coming(connection: Connection, now: datetime) -> list[str]:
    """Make the partitions of this and the coming months; the names of the new ones.

    Rows of these months that the DEFAULT partition took meanwhile move to where they belong.
    """
    existing = await _existing(connection)
    missing = [each for each in _coming(now) if each.name not in existing]
    return [each.name for each in missing if await _make(connection, each)]


async def drop_older(connection: Connection, now: datetime, months_kept: int) -> list[str]:
    """Drop the partitions of months before the last `months_kept` ones; their names.

    A month with a run that has not ended is kept whole: it was promised, however late.
    """
    existing = await _existing(connection)
    dropped: list[str] = []
    for old in _months_before(existing, month(now, -months_kept)):
        if f"runs_{old}" in existing and not await _drop_runs(connection, f"runs_{old}"):
            log.warning("month_kept_for_unfinished_runs", month=old)
            continue
        names = sorted({f"{table}_{old}" for table in TABLES} & existing)
        for name in names:
            await _drop(connection, name)
        dropped += names
    return dropped


class _Partition(NamedTuple):
    table: str
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        return f"{self.table}_{self.start:%Y_%m}"


def _coming(now: datetime) -> Iterator[_Partition]:
    for offset, table in product(range(MONTHS_AHEAD + 1), TABLES):
        yield _Partition(table, month(now, offset), month(now, offset + 1))


async def _existing(connection: Connection) -> set[str]:
    return {row["relname"] for row in await connection.fetch(_EXISTING)}


@asynccontextmanager
async def _alone(connection: Connection) -> AsyncGenerator[None]:
    """A transaction in which nobody else makes or drops partitions.

    One table is locked in each, so that a statement that writes several cannot meet it in a
    deadlock.
    """
    async with connection.transaction():
        await connection.execute(_GIVE_WAY)
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        yield


async def _make(connection: Connection, partition: _Partition) -> bool:
    """Whether it was made: another process may have been first."""
    async with _alone(connection):
        if partition.name in await _existing(connection):
            return False
        for statement in _statements(partition):
            await connection.execute(statement)
    return True


async def _drop_runs(connection: Connection, name: str) -> bool:
    """Drop a month of runs unless one of them has not ended."""
    async with _alone(connection):
        if await _has_unfinished(connection, name):
            return False
        await connection.execute(f'drop table if exists platform."{name}"')
    return True


async def _drop(connection: Connection, name: str) -> None:
    async with _alone(connection):
        await connection.execute(f'drop table if exists platform."{name}"')


def _months_before(partitions: set[str], oldest: datetime) -> list[str]:
    """The months in the partitions' names (as `2026_11`) that are before `oldest`."""
    months = {name.partition("_")[2] for name in partitions} - {"default"}
    return sorted(each for each in months if each < f"{oldest:%Y_%m}")


async def _has_unfinished(connection: Connection, partition: str) -> bool:
    sql = f"select 1 from platform.\"{partition}\" where state in ('queued', 'running') limit 1"
    return await connection.fetchval(sql) is not None


def _statements(partition: _Partition) -> Iterator[str]:
    """DDL takes no parameters; every part is made here.

    The table is locked before its DEFAULT partition: an insert that had already been led to the
    latter would find there, after its wait, that the row belongs elsewhere, and fail.
    """
    table, name, key = partition.table, partition.name, _KEYS[partition.table]
    low, high = ids.lowest(partition.start), ids.lowest(partition.end)
    rest = f"platform.{table}_default"
    yield f'create table platform."{name}" (like platform.{table} including all)'
    yield f"lock table platform.{table} in access exclusive mode"
    yield f"""
        with moved as (
          delete from {rest} where {key} >= '{low}' and {key} < '{high}' returning *
        )
        insert into platform."{name}" select * from moved
    """
    bounds = f"from ('{low}') to ('{high}')"
    yield f'alter table platform.{table} attach partition platform."{name}" for values {bounds}'
