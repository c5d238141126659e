"""One statement for all who ask at the same time."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from job_runs import OWNER
from sqlalchemy import text

from forthwith.platform import ids
from forthwith.platform.db import Database
from forthwith.platform.jobs.batching import Batched
from forthwith.platform.jobs.ledger import Ledger
from forthwith.platform.jobs.statements import ArrayStatement

DOUBLE = ArrayStatement(
    "select number, value || value as doubled, pg_current_xact_id()::text as statement"
    " from unnest($1::text[]) with ordinality as a (value, number)"
    " where value <> 'nothing' /* {skip} */"
)


async def test_who_asks_at_the_same_time_shares_a_statement(db: Database) -> None:
    batched = Batched(db, DOUBLE)
    rows = await asyncio.gather(*(batched.ask(str(number)) for number in range(100)))

    assert [row["doubled"] for row in rows if row] == [str(number) * 2 for number in range(100)]
    assert len({row["statement"] for row in rows if row}) <= 4


async def test_who_gets_no_row_is_told_none(db: Database) -> None:
    batched = Batched(db, DOUBLE)
    first, second = await asyncio.gather(batched.ask("nothing"), batched.ask("a"))

    assert first is None
    assert second is not None
    assert second["doubled"] == "aa"


@pytest.mark.parametrize("bad", ["\x00", 7], ids=["for the database", "for the driver"])
async def test_a_bad_value_fails_for_nobody_else(db: Database, bad: object) -> None:
    batched = Batched(db, DOUBLE)
    asked = [batched.ask(bad), batched.ask("a"), batched.ask("b")]
    failed, *rows = await asyncio.gather(*asked, return_exceptions=True)

    assert isinstance(failed, asyncpg.PostgresError | asyncpg.DataError | ValueError)
    assert [row["doubled"] for row in rows if isinstance(row, asyncpg.Record)] == ["aa", "bb"]


async def test_whoever_leaves_takes_nobody_along(db: Database) -> None:
    batched = Batched(db, DOUBLE)
    leaving, staying = (asyncio.create_task(batched.ask(each)) for each in "ab")
    await asyncio.sleep(0)
    leaving.cancel()
    row = await staying

    assert leaving.cancelled() or leaving.cancelling()
    assert row is not None
    assert row["doubled"] == "bb"


async def test_all_are_told_that_the_database_is_away(db: Database) -> None:
    gone = Database(db.dsn.replace("/forthwith_test", "/forthwith_absent"))
    batched = Batched(gone, DOUBLE)
    found = await asyncio.gather(*(batched.ask("a") for _ in range(5)), return_exceptions=True)

    assert all(isinstance(each, Exception) for each in found)
    await gone.close()


async def test_a_run_that_is_locked_holds_up_no_other(db: Database) -> None:
    """A slow transaction of one run would stop the whole worker otherwise."""
    locked, free = ids.new(), ids.new()
    for run in (locked, free):
        await db.execute(
            "insert into platform.runs (id, owner, app, name, queue, state, args, run_at)"
            " values ($1, $2, 'test', 'test.x', 'test.x', 'running', '', now())",
            run,
            OWNER,
        )
    ledger = Ledger(db, max_takeovers=3)
    async with db.transaction() as session:
        lock = text("select 1 from platform.runs where id = :id for update")
        await session.execute(lock, {"id": locked})
        waiting = asyncio.create_task(ledger.save_step(locked, "one", b"1", uuid4()))
        row = await ledger.save_step(free, "one", b"2", uuid4())
        assert row is not None
        assert (row["result"], row["is_held"]) == (b"2", False)
        assert not waiting.done()
    row = await waiting
    assert row is not None
    assert row["result"] == b"1"
