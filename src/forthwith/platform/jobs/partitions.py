"""Monthly partitions of the ledger, and dropping what is older than it is kept.

A partition holds the UUIDv7 ids made in one month. The coming ones are made ahead; a DEFAULT
partition takes what falls outside, so that a clock that is off loses nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from forthwith.platform import ids, logging
from forthwith.platform.db import Connection

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


async def make_coming(connection: Connection, now: datetime) -> list[str]:
    """Make the partitions of this and the coming months; the names of the new ones.

    Rows of these months that the DEFAULT partition took meanwhile move to where they belong.
    """
    made = []
    async with connection.transaction():
        existing = await _existing(connection)
        for offset in range(MONTHS_AHEAD + 1):
            start, end = month(now, offset), month(now, offset + 1)
            for table in TABLES:
                name = f"{table}_{start:%Y_%m}"
                if name not in existing:
                    for statement in _make(table, name, start, end):
                        await connection.execute(statement)
                    made.append(name)
    return made


async def drop_older(connection: Connection, now: datetime, months_kept: int) -> list[str]:
    """Drop the partitions of months before the last `months_kept` ones; their names.

    A month with a run that has not ended is kept whole: it was promised, however late.
    """
    dropped = []
    async with connection.transaction():
        existing = await _existing(connection)
        for old in _months_before(existing, month(now, -months_kept)):
            if f"runs_{old}" in existing and await _has_unfinished(connection, f"runs_{old}"):
                log.warning("month_kept_for_unfinished_runs", month=old)
                continue
            for name in sorted({f"{table}_{old}" for table in TABLES} & existing):
                await connection.execute(f'drop table platform."{name}"')
                dropped.append(name)
    return dropped


async def _existing(connection: Connection) -> set[str]:
    """The partitions, which nobody else changes until the transaction ends."""
    await connection.execute(_GIVE_WAY)
    await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
    return {row["relname"] for row in await connection.fetch(_EXISTING)}


def _months_before(partitions: set[str], oldest: datetime) -> list[str]:
    """The months in the partitions' names (as `2026_11`) that are before `oldest`."""
    months = {name.partition("_")[2] for name in partitions} - {"default"}
    return sorted(each for each in months if each < f"{oldest:%Y_%m}")


async def _has_unfinished(connection: Connection, partition: str) -> bool:
    sql = f"select 1 from platform.\"{partition}\" where state in ('queued', 'running') limit 1"
    return await connection.fetchval(sql) is not None


def _make(table: str, name: str, start: datetime, end: datetime) -> Iterator[str]:
    """DDL takes no parameters; every part is made here."""
    low, high, key = ids.lowest(start), ids.lowest(end), _KEYS[table]
    rest = f"platform.{table}_default"
    yield f'create table platform."{name}" (like platform.{table} including all)'
    yield f"lock table {rest} in access exclusive mode"
    yield f"""
        with moved as (
          delete from {rest} where {key} >= '{low}' and {key} < '{high}' returning *
        )
        insert into platform."{name}" select * from moved
    """
    bounds = f"from ('{low}') to ('{high}')"
    yield f'alter table platform.{table} attach partition platform."{name}" for values {bounds}'
