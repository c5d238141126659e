import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform import ids
from forthwith.platform.db import Connection, Database
from forthwith.platform.jobs.partitions import TABLES, drop_older, make_coming, month

FAR = datetime(2091, 5, 17, tzinfo=UTC)
STREAMS_AT = datetime(2093, 5, 17, tzinfo=UTC)
STREAMS = [ids.lowest(STREAMS_AT + timedelta(seconds=each)) for each in range(2)]
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@given(MOMENTS, st.integers(-100, 100))
def test_a_month_begins_at_its_first_moment(moment: datetime, offset: int) -> None:
    found = month(moment, offset)

    assert (found.day, found.hour, found.minute, found.second, found.microsecond) == (1, 0, 0, 0, 0)
    assert (found.year - moment.year) * 12 + found.month - moment.month == offset


@given(MOMENTS)
def test_months_follow_one_another_without_a_gap(moment: datetime) -> None:
    assert month(moment) <= moment < month(moment, 1)
    assert month(month(moment, 1) - timedelta(microseconds=1)) == month(moment)


@pytest.fixture
async def undone(db: Database) -> AsyncIterator[Connection]:
    """A connection whose every change is undone at the end."""
    connection = await db.connect()
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def _add_run(connection: Connection, made_at: datetime, state: str = "succeeded") -> str:
    """A run made at that time; the partition it went to."""
    run = ids.lowest(made_at)
    await connection.execute(
        "insert into platform.runs (id, owner, app, name, queue, state, args, run_at)"
        " values ($1, $1, 'test', 'test.x', 'test.x', $2, '', now())",
        run,
        state,
    )
    await connection.execute("insert into platform.streams (id, owner) values ($1, $1)", run)
    await connection.execute("insert into platform.steps values ($1, 'one', '')", run)
    await connection.execute("insert into platform.events values ($1, 1, 'queued', '')", run)
    return await _partition_of(connection, made_at)


async def _partition_of(connection: Connection, made_at: datetime) -> str:
    sql = "select tableoid::regclass::text from platform.runs where id = $1"
    found: str = await connection.fetchval(sql, ids.lowest(made_at))
    return found


async def test_this_month_and_two_more_are_made_once(undone: Connection) -> None:
    made = await make_coming(undone, FAR)

    assert len(made) == 3 * len(TABLES)
    assert await make_coming(undone, FAR) == []
    assert await _add_run(undone, month(FAR, 2)) == "platform.runs_2091_07"


async def test_rows_that_came_before_their_partition_move_into_it(undone: Connection) -> None:
    """A DEFAULT partition with rows of the month would otherwise forbid it for ever."""
    before = await _add_run(undone, FAR)
    await make_coming(undone, FAR)

    assert before == "platform.runs_default"
    assert await _partition_of(undone, FAR) == "platform.runs_2091_05"
    for table in TABLES:
        sql = f"select count(*) from platform.{table}_2091_05"  # noqa: S608 - constants
        assert await undone.fetchval(sql) == 1


async def test_a_row_that_waits_for_its_partition_is_stored(db: Database) -> None:
    """The first photo and the first partition come at the same moment."""
    makes, adds, holds = [await db.connect() for _ in range(3)]
    try:
        holding = holds.transaction()
        await holding.start()
        await holds.execute("insert into platform.streams (id, owner) values ($1, $1)", STREAMS[0])
        making = asyncio.create_task(make_coming(makes, STREAMS_AT))
        await _until_waiting(holds, 1)
        sql = "insert into platform.streams (id, owner) values ($1, $1)"
        adding = asyncio.create_task(adds.execute(sql, STREAMS[1]))
        await _until_waiting(holds, 2)
        await holding.commit()

        assert len(await making) == 3 * len(TABLES)
        assert await adding == "INSERT 0 1"
        assert await holds.fetchval("select count(*) from platform.streams_2093_05") == 2
    finally:
        for table, offset in product(TABLES, range(3)):
            name = f"{table}_{month(STREAMS_AT, offset):%Y_%m}"
            await holds.execute(f"drop table if exists platform.{name}")
        for connection in (makes, adds, holds):
            await connection.close()


async def _until_waiting(connection: Connection, count: int) -> None:
    sql = "select count(distinct pid) from pg_locks where not granted"
    while await connection.fetchval(sql) < count:
        await asyncio.sleep(0.01)


async def test_a_made_partition_has_the_keys_and_indexes_of_its_table(undone: Connection) -> None:
    await make_coming(undone, FAR)
    sql = "select count(*) from pg_index where indrelid = $1::text::regclass"

    for table in TABLES:
        expected = await undone.fetchval(sql, f"platform.{table}")
        assert await undone.fetchval(sql, f"platform.{table}_2091_05") == expected


async def test_old_months_are_dropped_and_kept_ones_are_not(undone: Connection) -> None:
    await make_coming(undone, FAR)
    dropped = await drop_older(undone, month(FAR, 4), 3)

    assert {name for name in dropped if "2091" in name} == {f"{table}_2091_05" for table in TABLES}


async def test_a_month_with_an_unfinished_run_is_kept_whole(undone: Connection) -> None:
    await make_coming(undone, FAR)
    await _add_run(undone, FAR, "queued")
    dropped = await drop_older(undone, month(FAR, 4), 3)

    assert not [name for name in dropped if "2091_05" in name]
