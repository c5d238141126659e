"""What one process tells the others: soon, together, and again where it could not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from cable import cable_to

from forthwith.platform.db import EVENTS_CHANNEL, Database, opened


@asynccontextmanager
async def _hearing(db: Database) -> "AsyncIterator[asyncio.Queue[str]]":
    """What another process hears."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await db.connect()
    await connection.add_listener(EVENTS_CHANNEL, lambda *told: heard.put_nowait(str(told[3])))
    yield heard
    await connection.close()


async def _next(heard: "asyncio.Queue[str]") -> str:
    return await asyncio.wait_for(heard.get(), 15)


async def test_what_waits_goes_with_one_statement_and_but_once(dsn: str, db: Database) -> None:
    sent: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        sent.append(query.query)

    async with opened(Database(dsn, pool_size=1)) as telling, _hearing(db) as heard:
        async with telling.statements.acquire() as held:  # nothing can be sent meanwhile
            held.add_query_logger(note)
            for payload in ("1", "2", "3", "2"):
                telling.tell(EVENTS_CHANNEL, payload)
        assert [await _next(heard) for _ in range(3)] == ["1", "2", "3"]
        async with telling.statements.acquire() as held:
            held.remove_query_logger(note)

    assert len(sent) == 1


async def test_what_could_not_be_told_is_told_once_the_database_is_back(
    dsn: str, db: Database
) -> None:
    async with _hearing(db) as heard, cable_to(dsn) as cable, opened(Database(cable.dsn)) as far:
        await cable.cut()
        far.tell(EVENTS_CHANNEL, "1")
        far.tell(EVENTS_CHANNEL, "2")
        await cable.mend()

        assert [await _next(heard), await _next(heard)] == ["1", "2"]


async def test_what_the_database_refuses_keeps_nothing_later_from_being_told(
    dsn: str, db: Database
) -> None:
    async with opened(Database(dsn, pool_size=1)) as telling, _hearing(db) as heard:
        telling.tell(EVENTS_CHANNEL, "x" * 9000)
        await telling.fetch("select 1")  # behind it, on the one connection
        telling.tell(EVENTS_CHANNEL, "2")

        assert await _next(heard) == "2"


async def test_a_database_that_is_away_does_not_keep_a_process_from_ending(dsn: str) -> None:
    async with cable_to(dsn) as cable:
        far = Database(cable.dsn)
        await far.open()
        await cable.cut()
        far.tell(EVENTS_CHANNEL, "1")
        await asyncio.wait_for(far.close(), 10)
