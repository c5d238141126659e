import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from cable import cable_to
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from forthwith.platform import ids
from forthwith.platform.db import EVENTS_CHANNEL, FAILURES, Database, is_away, opened
from forthwith.platform.jobs.models import UniqueJob
from forthwith.platform.jobs.outages import passes

INSERT = text("insert into platform.unique_jobs (key, run) values ('k', gen_random_uuid())")
PLAIN_INSERT = "insert into platform.unique_jobs (key, run) values ('k', gen_random_uuid())"
ARRAYS = "select $1::uuid[] as ids, $2::bytea[] as names, $3::bigint[] as numbers"
COUNT = "select count(*) from platform.unique_jobs"


async def _count(db: Database) -> int:
    row = await db.fetchrow(COUNT)
    assert row is not None
    return int(row[0])


async def _write_and_fail(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(INSERT)
        raise RuntimeError("half way")


async def _insert_twice(db: Database) -> None:
    async with db.transaction() as session:
        await session.fetch(PLAIN_INSERT)
        await session.fetch(PLAIN_INSERT)


async def test_a_transaction_commits_when_its_block_ends(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(INSERT)
        assert await _count(db) == 0

    assert await _count(db) == 1


async def test_a_transaction_whose_block_raises_leaves_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError):
        await _write_and_fail(db)

    assert await _count(db) == 0


async def test_a_connection_knows_the_types_that_an_earlier_one_asked_for(db: Database) -> None:
    first, second = await db.connect(), await db.connect()
    await first.fetchrow(ARRAYS, [ids.new()], [b"a"], [1])
    asked: list[str] = []
    with second.query_logger(lambda query: asked.append(query.query)):
        row = await second.fetchrow(ARRAYS, [ids.new()], [b"a", b"b"], [2])
    await first.close()
    await second.close()

    assert row is not None
    assert (row["names"], row["numbers"]) == ([b"a", b"b"], [2])
    assert asked == [ARRAYS]


async def test_the_server_itself_refuses_writes_of_a_read_session(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await session.execute(INSERT)


async def test_a_plain_statement_is_part_of_the_transaction_even_as_its_first(db: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await _insert_twice(db)

    assert await _count(db) == 0


async def test_a_plain_statement_sees_what_was_changed_before_it(db: Database) -> None:
    async with db.transaction() as session:
        session.add(UniqueJob(key="k", run=ids.new()))
        seen = await session.fetchrow(COUNT)
        assert seen is not None
        assert seen[0] == 1


async def test_a_read_session_refuses_a_plain_write_too(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await session.fetch(PLAIN_INSERT)


async def test_a_connection_is_good_again_after_a_plain_statement_failed(db: Database) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await _insert_twice(db)
    async with db.transaction() as session:
        await session.fetch(PLAIN_INSERT)

    assert await _count(db) == 1


async def test_what_a_transaction_has_to_tell_is_told_once_it_is_committed(db: Database) -> None:
    async with _heard(db) as heard:
        async with db.transaction() as session:
            session.tell(EVENTS_CHANNEL, "a:1")
            session.tell(EVENTS_CHANNEL, "a:1")
            session.tell(EVENTS_CHANNEL, "b:2")
            before = list(heard)
        await _told(db, heard)

    assert before == []
    assert heard == ["a:1", "b:2", "the end"]


async def test_what_was_rolled_back_is_not_told(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            session.tell(EVENTS_CHANNEL, "a:1")
            await session.execute(text("select 1 / 0"))

    async with _heard(db) as heard:
        with pytest.raises(DBAPIError):
            await fail()
        await _told(db, heard)

    assert heard == ["the end"]


async def test_what_is_left_to_tell_is_told_before_the_database_is_closed(dsn: str) -> None:
    async with opened(Database(dsn)) as listening, _heard(listening) as heard:
        async with opened(Database(dsn)) as telling:
            telling.tell(EVENTS_CHANNEL, "farewell")
        await _told(listening, heard)

    assert heard == ["farewell", "the end"]


@asynccontextmanager
async def _heard(db: Database) -> AsyncIterator[list[str]]:
    """What a listener has heard."""
    heard: list[str] = []
    connection = await db.connect()
    await connection.add_listener(EVENTS_CHANNEL, lambda *told: heard.append(str(told[3])))
    yield heard
    await connection.close()


async def _told(db: Database, heard: list[str]) -> None:
    """Wait until everything told so far was heard."""
    db.tell(EVENTS_CHANNEL, "the end")
    async with asyncio.timeout(10):
        while "the end" not in heard:
            await asyncio.sleep(0.01)


async def test_a_database_that_was_not_opened_says_so() -> None:
    with pytest.raises(RuntimeError, match="not opened"):
        await Database("postgresql://nobody@127.0.0.1:1/nothing").fetch("select 1")


async def test_statements_and_sessions_work_again_after_a_cut(dsn: str) -> None:
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as db:
        await cable.cut()
        with pytest.raises(FAILURES):
            await db.fetch("select 1")
        await cable.mend()

        assert (await db.fetch("select 1 as one"))[0]["one"] == 1
        async with db.read() as session:
            assert await session.scalar(text("select 1")) == 1


async def test_a_session_cut_in_the_middle_is_known_as_a_database_that_is_away(dsn: str) -> None:
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as db:
        async with db.read() as session:
            await session.execute(text("select 1"))
            await cable.cut()
            with pytest.raises(DBAPIError) as cut:
                await session.execute(text("select 1"))

        assert is_away(cut.value)


@pytest.mark.parametrize("begun", [False, True])
async def test_a_plain_statement_of_a_cut_session_is_known_likewise(
    dsn: str, *, begun: bool
) -> None:
    """Also as the first one, behind a BEGIN; and the pool's only connection is made anew."""
    async with cable_to(dsn) as cable, opened(Database(cable.dsn, pool_size=1)) as db:
        async with db.read() as session:
            await (session.fetch("select 1") if begun else session.connection())
            await cable.cut()
            with pytest.raises(FAILURES) as cut:
                await session.fetch("select 1")

        assert is_away(cut.value)
        assert passes(cut.value)
        await cable.mend()
        async with db.read() as session:
            assert await session.scalar(text("select 1")) == 1


async def test_what_is_wrong_with_a_value_or_a_statement_is_no_outage(db: Database) -> None:
    with pytest.raises(asyncpg.DataError) as value:
        await db.fetch("select $1::int", 2**40)
    async with db.read() as session:
        with pytest.raises(DBAPIError) as statement:
            await session.execute(text("select from nowhere"))

    assert not is_away(value.value)
    assert not is_away(statement.value)


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(111, "refused"), True),
        (OSError("Multiple exceptions: refused, refused"), True),
        (TimeoutError(), True),
        (FileNotFoundError(2, "no socket"), True),
        (FileNotFoundError(2, "no such file", "/srv/blobs/1"), False),
        (ValueError("a defect"), False),
    ],
)
def test_outages_are_told_from_missing_files_and_defects(error: Exception, *, away: bool) -> None:
    assert is_away(error) is away
