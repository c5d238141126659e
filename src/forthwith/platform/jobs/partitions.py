"""Monthly partitions of the ledger, and dropping what is older than it is kept.

A partition holds the UUIDv7 ids made in one month. The coming ones are made ahead; a DEFAULT
partition takes what falls outside, so that a clock that is off loses nothing.
"""

from datetime import UTC, datetime
from typing import Final

from forthwith.platform import ids, logging
from forthwith.platform.db import Connection

log = logging.get(__name__)

TABLES: Final = ("streams", "events", "runs", "steps")
MONTHS_AHEAD: Final = 2
_LOCK: Final = 0x466F7274  # "Fort": one process at a time makes partitions

_EXISTING: Final = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'platform' and c.relispartition
"""


def month(moment: datetime, offset: int = 0) -> datetime:
    """The first moment of a month, `offset` months on."""
    index = moment.year * 12 + moment.month - 1 + offset
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)


async def make_coming(connection: Connection, now: datetime) -> list[str]:
    """Make the partitions of this and the coming months; the names of the new ones."""
    made = []
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        existing = {row["relname"] for row in await connection.fetch(_EXISTING)}
        for offset in range(MONTHS_AHEAD + 1):
            start, end = month(now, offset), month(now, offset + 1)
            for table in TABLES:
                name = f"{table}_{start:%Y_%m}"
                if name not in existing:
                    await connection.execute(_create(table, name, start, end))
                    made.append(name)
    return made


async def drop_older(connection: Connection, now: datetime, months_kept: int) -> list[str]:
    """Drop the partitions of months before the last `months_kept` ones; their names."""
    oldest = month(now, -months_kept)
    rows = await connection.fetch(_EXISTING)
    gone = [row["relname"] for row in rows if _month_of(row["relname"], oldest) < oldest]
    for name in gone:
        await connection.execute(f'drop table platform."{name}"')
    return gone


def _month_of(partition: str, otherwise: datetime) -> datetime:
    """The month in a partition's name; `otherwise` for the DEFAULT one."""
    _, *tail = partition.split("_")
    if len(tail) != 2 or not all(part.isdigit() for part in tail):  # noqa: PLR2004 - year, month
        return otherwise
    return datetime(int(tail[0]), int(tail[1]), 1, tzinfo=UTC)


def _create(table: str, name: str, start: datetime, end: datetime) -> str:
    """DDL takes no parameters; every part is made here."""
    bounds = f"from ('{ids.lowest(start)}') to ('{ids.lowest(end)}')"
    return f'create table platform."{name}" partition of platform.{table} for values {bounds}'
