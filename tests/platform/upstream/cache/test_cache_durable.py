"""PostgreSQL as a shared tier: few statements, and no moment at which an old value slips in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from cache_stores import empty

from forthwith.platform.db import Connection, Database, opened
from forthwith.platform.events import Listener
from forthwith.platform.upstream.cache import Cache, DurableTier, Memory, Policy
from forthwith.platform.upstream.cache.tiers import Invalidation, Record
from forthwith.platform.upstream.flights import Flight, PostgresFlights

NUMBER = Policy(namespace="numbers", into=int, ttl=60)
RECORD = Record("numbers:k", ("shop",), b"value", 60.0)
SHOP = Invalidation(tags=("shop",))
WAITS_SECONDS = 0.15


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """A database of one connection for single statements, with nothing kept."""
    await empty(dsn)
    database = Database(dsn, pool_size=1)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def flights(db: Database) -> PostgresFlights:
    return PostgresFlights(db)


@pytest.fixture
def tier(db: Database, flights: PostgresFlights) -> DurableTier:
    return DurableTier(db, flights=flights)


@pytest.fixture
async def other(dsn: str) -> AsyncIterator[Connection]:
    """A connection of another process, within a transaction."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("begin")
    yield connection
    await connection.close()


@pytest.fixture
async def forgetting(dsn: str) -> AsyncIterator[DurableTier]:
    """The same tier in another process."""
    database = Database(dsn)
    await database.open()
    yield DurableTier(database)
    await database.close()


@asynccontextmanager
async def counted(db: Database) -> AsyncIterator[list[str]]:
    """The statements of the one connection while the block lasts."""
    statements: list[str] = []

    def note(query: Any) -> None:
        statements.append(query.query)

    async with db.statements.acquire() as connection:
        connection.add_query_logger(note)
    yield statements
    async with db.statements.acquire() as connection:
        connection.remove_query_logger(note)


async def _taken(flights: PostgresFlights) -> Flight:
    flight = await flights.take(RECORD.key)
    assert isinstance(flight, Flight)
    return flight


async def _blob(tier: DurableTier) -> bytes | None:
    return (await tier.look([RECORD.key])).blobs[0]


async def test_a_value_that_nobody_has_takes_four_statements(
    db: Database, tier: DurableTier
) -> None:
    async def load() -> int:
        return 1

    cache = Cache(Memory(1_000_000), tiers=[tier])
    await cache.get_or_load("warm", load, NUMBER)
    async with counted(db) as statements:
        await cache.get_or_load("k", load, NUMBER)
    await cache.close()

    assert len(statements) == 4


async def test_what_is_landed_is_found_and_its_flight_is_over(
    tier: DurableTier, flights: PostgresFlights
) -> None:
    flight = await _taken(flights)
    await tier.land(flight, RECORD, (await tier.look([RECORD.key])).seen)

    assert await _blob(tier) == b"value"
    assert isinstance(await flights.take(RECORD.key), Flight)


async def test_a_late_leader_stores_its_value_and_leaves_the_flight_of_the_next_one(
    db: Database, tier: DurableTier, flights: PostgresFlights
) -> None:
    late = await _taken(flights)
    await db.execute("update platform.flights set lease_until = now() - interval '1 s'")
    await _taken(flights)
    await tier.land(late, RECORD, (await tier.look([RECORD.key])).seen)

    assert await _blob(tier) == b"value"
    assert isinstance(await flights.take(RECORD.key), float)


async def test_a_value_lands_whatever_else_was_changed_since_its_load_began(
    tier: DurableTier, flights: PostgresFlights
) -> None:
    seen = (await tier.look([RECORD.key])).seen
    flight = await _taken(flights)
    await tier.forget(Invalidation(keys=("numbers:other",), tags=("other",)))
    await tier.land(flight, RECORD, seen)

    assert await _blob(tier) == b"value"
    assert isinstance(await flights.take(RECORD.key), Flight)


async def test_a_value_does_not_land_past_an_invalidation_that_is_about_to_be_committed(
    tier: DurableTier,
    flights: PostgresFlights,
    forgetting: DurableTier,
    other: Connection,
) -> None:
    """The fence is set, but no statement that began before its commit can see it."""
    seen = (await tier.look([RECORD.key])).seen
    flight = await _taken(flights)
    await other.execute("lock table platform.cached_values in share mode")
    invalidating = asyncio.create_task(forgetting.forget(SHOP))  # waits to delete
    await asyncio.sleep(WAITS_SECONDS)
    landing = asyncio.create_task(tier.land(flight, RECORD, seen))
    await asyncio.sleep(WAITS_SECONDS)
    await other.execute("rollback")
    await asyncio.gather(invalidating, landing)

    assert await _blob(tier) is None


async def test_an_invalidation_takes_what_is_being_stored_when_it_begins(
    tier: DurableTier,
    flights: PostgresFlights,
    forgetting: DurableTier,
    other: Connection,
) -> None:
    """The value is not committed yet, so it can only be waited for."""
    seen = (await tier.look([RECORD.key])).seen
    flight = await _taken(flights)
    await other.execute(
        "insert into platform.cached_values (key, version, tags, expires_at)"
        " values ($1, 0, '{}', now())",
        RECORD.key,
    )
    landing = asyncio.create_task(tier.land(flight, RECORD, seen))  # waits for this row
    await asyncio.sleep(WAITS_SECONDS)
    invalidating = asyncio.create_task(forgetting.forget(SHOP))
    await asyncio.sleep(WAITS_SECONDS)
    await other.execute("rollback")
    await asyncio.gather(landing, invalidating)

    assert await _blob(tier) is None


@asynccontextmanager
async def _elsewhere(dsn: str) -> AsyncIterator[PostgresFlights]:
    """The flights of another process, which listens."""
    async with opened(Database(dsn)) as database, asyncio.TaskGroup() as group:
        listener = Listener(database)
        listening = group.create_task(listener.run())
        await listener.connected.wait()
        elsewhere = PostgresFlights(database)
        await elsewhere.open(listener)
        yield elsewhere
        listening.cancel()


@pytest.mark.parametrize("ending", ["lands", "is dropped", "lands in a transaction"])
async def test_who_waits_in_another_process_is_woken_at_the_end_of_a_flight(
    tier: DurableTier, flights: PostgresFlights, dsn: str, ending: str
) -> None:
    seen = (await tier.look([RECORD.key])).seen
    flight = await _taken(flights)
    async with _elsewhere(dsn) as elsewhere:
        with elsewhere.awaiting(RECORD.key) as woken:
            assert isinstance(await elsewhere.take(RECORD.key), float)
            woken.clear()
            if ending == "is dropped":
                await flights.drop(flight)
            else:
                await tier.land(flight, RECORD, seen if ending == "lands" else seen - 1)
            await asyncio.wait_for(woken.wait(), 2)


async def test_the_end_of_a_flight_that_nobody_waits_for_is_not_told(
    db: Database, tier: DurableTier, flights: PostgresFlights
) -> None:
    async with counted(db) as statements:
        await tier.land(await _taken(flights), RECORD, (await tier.look([RECORD.key])).seen)
        await flights.drop(await _taken(flights))
        await asyncio.sleep(WAITS_SECONDS)

    assert not [each for each in statements if "pg_notify" in each]
