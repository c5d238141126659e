"""One contract for all stores: memory, Redis, PostgreSQL, on their real clocks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from math import inf

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.upstream.budgets import (
    BudgetStore,
    Cost,
    Dimension,
    Key,
    KeyPool,
    Limiter,
    Limits,
    MemoryStore,
)
from forthwith.platform.upstream.budgets.accounts import (
    SHARED,
    Account,
    Blocked,
    Grant,
    Obstacle,
    Pool,
    Standing,
)
from forthwith.platform.upstream.budgets.postgres_store import PostgresStore
from forthwith.platform.upstream.budgets.redis_store import RedisStore
from forthwith.platform.upstream.budgets.stand_in import StandIn

HOUR = 3600.0
WAITING_FOR_LOCK = """
select from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%platform.budgets%'
"""
COUNT_WRITES = """
create sequence writes minvalue 0 start 0;
create function count_write() returns trigger language plpgsql as
  $$ begin perform nextval('writes'); return null; end $$;
create trigger counted after update on platform.budgets execute function count_write();
"""
COUNT_NO_WRITES = """
drop trigger counted on platform.budgets;
drop function count_write;
drop sequence writes;
"""


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis), "postgres"])
def store(request: pytest.FixtureRequest) -> BudgetStore:
    """Each store in turn, empty."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "redis":
        return RedisStore(request.getfixturevalue("redis"))
    return PostgresStore(request.getfixturevalue("db"))


def _pool(*keys: Limits, shared: Limits | None = None) -> Pool:
    accounts = [Account(f"key-{n}", each.parts()) for n, each in enumerate(keys, 1)]
    return Pool("vendor", Account(SHARED, (shared or Limits()).parts()), tuple(accounts))


async def _granted(store: BudgetStore, pool: Pool, cost: Cost = Cost()) -> Grant:  # noqa: B008 - immutable
    outcome = await store.take(pool, cost)
    assert isinstance(outcome, Grant), outcome
    return outcome


async def _blocked(store: BudgetStore, pool: Pool, cost: Cost = Cost()) -> Blocked:  # noqa: B008 - immutable
    outcome = await store.take(pool, cost)
    assert isinstance(outcome, Blocked), outcome
    return outcome


async def test_keys_pay_in_turn_until_all_are_spent(store: BudgetStore) -> None:
    pool = _pool(Limits(rpm=2), Limits(rpm=2))
    aliases = [(await _granted(store, pool)).alias for _ in range(4)]
    blocked = await _blocked(store, pool)

    assert sorted(aliases) == ["key-1", "key-1", "key-2", "key-2"]
    assert blocked.obstacle is Obstacle.BUSY
    assert 59 < blocked.seconds <= 61


async def test_a_rate_names_the_wait_for_a_heavy_call(store: BudgetStore) -> None:
    pool = _pool(shared=Limits(per_second=10, burst=5))
    await _granted(store, pool, Cost(5))

    assert (await _blocked(store, pool, Cost(3))).seconds == pytest.approx(0.3, abs=0.1)
    assert (await _blocked(store, pool, Cost(25))).seconds == pytest.approx(2.5, abs=0.1)


async def test_requests_are_taken_along_as_far_as_half_of_the_burst_is_left(
    store: BudgetStore,
) -> None:
    pool = _pool(Limits(per_second=0.1, burst=20))
    first = await store.take(pool, Cost(), aside=7)
    second = await store.take(pool, Cost(), aside=7)

    assert isinstance(first, Grant)
    assert isinstance(second, Grant)
    assert (first.aside, second.aside) == (7, 1)
    await _granted(store, pool, Cost(10))
    await _blocked(store, pool)


async def test_keys_without_rules_give_along_what_is_asked_for(store: BudgetStore) -> None:
    outcome = await store.take(_pool(Limits()), Cost(), aside=40)

    assert isinstance(outcome, Grant)
    assert outcome.aside == 40


async def test_nothing_is_taken_when_one_budget_is_short(store: BudgetStore) -> None:
    pool = _pool(Limits(rpm=1, tpm=100), shared=Limits(rpd=5))
    await _granted(store, pool, Cost(tokens=100))
    await _blocked(store, pool, Cost(tokens=1))

    document = await store.read(pool)
    assert document.accounts[0].parts[0][0] == 1


async def test_settling_gives_back_or_takes_more(store: BudgetStore) -> None:
    pool = _pool(Limits(tpm=100, money_per_day=1_000))
    grant = await _granted(store, pool, Cost(1, 80, 500))
    await store.settle(pool, grant, Cost(1, 30, 900))

    tokens, money = (await store.read(pool)).accounts[1].parts
    assert (tokens[0], money[0]) == (30, 900)
    await _granted(store, pool, Cost(1, 70, 100))
    assert (await _blocked(store, pool, Cost(1, 0, 1))).obstacle is Obstacle.OUT


async def test_a_slot_is_freed_by_settling_or_by_the_end_of_its_lease(store: BudgetStore) -> None:
    pool = _pool(Limits(concurrency=1, lease_seconds=0.3))
    grant = await _granted(store, pool)
    assert (await _blocked(store, pool)).by_slots
    await store.settle(pool, grant, grant.cost)
    await _granted(store, pool)
    wait = (await _blocked(store, pool)).seconds
    await asyncio.sleep(wait)

    await _granted(store, pool)


async def test_a_late_settlement_frees_no_other_slot(store: BudgetStore) -> None:
    pool = _pool(Limits(concurrency=1, lease_seconds=0.1))
    late = await _granted(store, pool)
    await asyncio.sleep(0.15)
    await _granted(store, _pool(Limits(concurrency=1, lease_seconds=60)))
    await store.settle(pool, late, late.cost)

    await _blocked(store, pool)


async def test_standings_hold_as_long_as_told(store: BudgetStore) -> None:
    pool = _pool(Limits(), Limits(), Limits())
    await store.mark(pool, "key-1", Standing.COOLING, 0.2)
    await store.mark(pool, "key-2", Standing.OUT, HOUR)
    await store.mark(pool, "key-3", Standing.RETIRED)
    blocked = await _blocked(store, pool)

    assert blocked.obstacle is Obstacle.BUSY
    assert 0 < blocked.seconds <= 0.2
    await asyncio.sleep(0.2)
    assert (await _granted(store, pool)).alias == "key-1"


async def test_all_out_and_all_retired_are_told_apart(store: BudgetStore) -> None:
    pool = _pool(Limits(), Limits())
    await store.mark(pool, "key-1", Standing.OUT, HOUR)
    await store.mark(pool, "key-2", Standing.RETIRED)
    out = await _blocked(store, pool)
    await store.mark(pool, "key-1", Standing.RETIRED)
    retired = await _blocked(store, pool)

    assert (out.obstacle, out.seconds) == (Obstacle.OUT, pytest.approx(HOUR, abs=2))
    assert (retired.obstacle, retired.seconds) == (Obstacle.RETIRED, inf)


async def test_a_longer_standing_is_not_shortened_and_a_person_ends_it(store: BudgetStore) -> None:
    pool = _pool(Limits())
    await store.mark(pool, "key-1", Standing.OUT, HOUR)
    await store.mark(pool, "key-1", Standing.COOLING, 1)
    assert (await _blocked(store, pool)).obstacle is Obstacle.OUT
    await store.mark(pool, "key-1", Standing.OK)

    await _granted(store, pool)


async def test_a_pause_of_the_vendor_holds_all_keys(store: BudgetStore) -> None:
    pool = _pool(Limits(), Limits())
    await store.mark(pool, SHARED, Standing.COOLING, 9)

    assert (await _blocked(store, pool)).seconds == pytest.approx(9, abs=1)


async def test_a_header_about_minutes_and_one_about_the_day(store: BudgetStore) -> None:
    pool = _pool(Limits(rpm=100, rpd=1_000))
    await store.observe(pool, "key-1", Dimension.REQUESTS, 10, 30)
    await store.observe(pool, "key-1", Dimension.REQUESTS, 20, 5 * HOUR)

    minute, day = (await store.read(pool)).accounts[1].parts
    assert (minute[0], day[0]) == (90, 980)


async def test_new_rules_start_afresh_and_standings_stay(store: BudgetStore) -> None:
    before = _pool(Limits(rpm=1), Limits(rpm=1))
    await _granted(store, before)
    await store.mark(before, "key-2", Standing.RETIRED)
    after = _pool(Limits(tpm=5), Limits(tpm=5))

    assert (await _granted(store, after, Cost(tokens=1))).alias == "key-1"
    await _granted(store, after, Cost(tokens=4))
    assert (await _blocked(store, after, Cost(tokens=5))).obstacle is Obstacle.BUSY


async def test_a_lower_limit_counts_what_was_taken_before(store: BudgetStore) -> None:
    await _granted(store, _pool(Limits(rpm=10)), Cost(6))

    await _blocked(store, _pool(Limits(rpm=6)))


async def test_a_hundred_takers_at_once_get_exactly_the_limit(store: BudgetStore) -> None:
    pool = _pool(Limits(rpm=20), Limits(rpm=20))
    outcomes = await asyncio.gather(*(store.take(pool, Cost()) for _ in range(100)))

    assert sum(isinstance(each, Grant) for each in outcomes) == 40


async def test_a_pool_that_nobody_used_can_be_read(store: BudgetStore) -> None:
    document = await store.read(_pool(Limits(rpm=3)))

    assert [state.alias for state in document.accounts] == ["", "key-1"]


async def test_a_document_from_the_future_of_a_clock_that_was_set_back_is_dropped(
    db: Database,
) -> None:
    store, pool = PostgresStore(db), _pool(Limits(rpm=1))
    await _granted(store, pool)
    document = await store.read(pool)
    document.at += HOUR
    await db.execute("update platform.budgets set document = $1", msgspec.msgpack.encode(document))

    await _granted(store, pool)


@pytest.mark.redis
async def test_redis_forgets_a_budget_two_days_after_its_last_call(redis: Redis) -> None:
    store, pool = RedisStore(redis), _pool(Limits(rpm=2))
    await store.take(pool, Cost())

    assert await redis.ttl("forthwith:budget:vendor") == pytest.approx(2 * 24 * HOUR, abs=5)


@pytest.mark.redis
async def test_redis_keeps_a_standing_until_it_is_over(redis: Redis) -> None:
    store, pool = RedisStore(redis), _pool(Limits(rpm=2))
    await store.mark(pool, "key-1", Standing.OUT, 20 * 24 * HOUR)
    until_reset = await redis.ttl("forthwith:budget:vendor")
    await store.mark(pool, "key-1", Standing.RETIRED)

    assert until_reset == pytest.approx(20 * 24 * HOUR, abs=5)
    assert await redis.ttl("forthwith:budget:vendor") == pytest.approx(30 * 24 * HOUR, abs=5)


async def test_the_database_forgets_budgets_that_say_nothing_any_more(db: Database) -> None:
    store = PostgresStore(db)
    pools = {name: replace(_pool(Limits(rpm=2)), name=name) for name in ("used", "out", "retired")}
    for pool in pools.values():
        await store.take(pool, Cost())
    await store.mark(pools["out"], "key-1", Standing.OUT, 20 * 24 * HOUR)
    await store.mark(pools["retired"], "key-1", Standing.RETIRED)

    assert await _left(db, store, days=1) == {"used", "out", "retired"}
    assert await _left(db, store, days=3) == {"out", "retired"}
    assert await _left(db, store, days=21) == {"retired"}
    assert await _left(db, store, days=31) == set()


async def _left(db: Database, store: PostgresStore, *, days: int) -> set[str]:
    """The pools that are left when all were left alone for so long."""
    untouched = timedelta(days=days)
    await db.execute("update platform.budgets set changed_at = now() - $1::interval", untouched)
    await store.purge()
    return {row["pool"] for row in await db.fetch("select pool from platform.budgets")}


@pytest.fixture
async def writes(db: Database) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """How often budgets were written."""

    async def counted() -> int:
        row = await db.fetchrow("select last_value from writes")
        assert row is not None
        return int(row["last_value"])

    await db.execute(COUNT_WRITES)
    yield counted
    await db.execute(COUNT_NO_WRITES)


async def test_processes_that_take_in_turn_get_exactly_the_limit(db: Database) -> None:
    pool, stores = _pool(Limits(rpm=10)), [PostgresStore(db), PostgresStore(db)]
    taken = [await store.take(pool, Cost()) for store in stores * 8]

    assert [isinstance(each, Grant) for each in taken] == [True] * 10 + [False] * 6


async def test_a_budget_that_was_deleted_meanwhile_starts_afresh(db: Database) -> None:
    store, pool = PostgresStore(db), _pool(Limits(rpm=1))
    await _granted(store, pool)
    await db.execute("delete from platform.budgets")

    await _granted(store, pool)


async def test_a_process_that_slept_asks_for_the_time_of_the_database(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, pool = PostgresStore(db), _pool(Limits(rpm=1))
    await _granted(store, pool)
    slept = clock.monotonic() + HOUR
    monkeypatch.setattr(clock, "monotonic", lambda: slept)

    await _blocked(store, pool)


async def test_callers_who_wait_for_postgresql_share_transactions(
    db: Database, writes: Callable[[], Awaitable[int]]
) -> None:
    store, pool = PostgresStore(db), _pool(Limits(rpm=50), Limits(rpm=50))

    outcomes = await asyncio.gather(*(store.take(pool, Cost()) for _ in range(120)))

    assert sum(isinstance(each, Grant) for each in outcomes) == 100
    assert await writes() <= 10


async def test_thirty_calls_a_second_change_postgresql_a_few_times(
    db: Database, writes: Callable[[], Awaitable[int]]
) -> None:
    """LINE's limits; each change is a transaction of four statements."""
    limits = Limits(per_second=1_000, burst=100)
    pool = KeyPool("line", [Key("key-1", "secret", limits)], store=PostgresStore(db))
    for _ in range(60):
        async with await pool.lease():
            await asyncio.sleep(1 / 30)

    assert await writes() <= 12


@pytest.mark.parametrize(
    "hold",
    [
        pytest.param("select from platform.budgets for update", id="before it was looked at"),
        pytest.param("lock table platform.budgets in share mode", id="before it was written"),
    ],
)
async def test_a_caller_who_leaves_postgresql_takes_nothing_along(db: Database, hold: str) -> None:
    store, pool = PostgresStore(db), _pool(Limits(concurrency=1))
    await store.settle(pool, await _granted(store, pool), Cost())
    async with db.transaction() as session:
        await session.execute(text(hold))
        leaving = asyncio.create_task(store.take(pool, Cost()))
        while not await db.fetch(WAITING_FOR_LOCK):
            await asyncio.sleep(0.01)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving

    async with asyncio.timeout(10):
        while isinstance(await store.take(pool, Cost()), Blocked):
            await asyncio.sleep(0.01)


async def test_slots_that_could_not_be_freed_are_free_soon_after(db: Database) -> None:
    """Long before their leases are over, which is meant for callers that were killed."""
    limits = Limits(concurrency=2)
    limiter = Limiter("vendor", limits, store=StandIn(PostgresStore(db)))
    held = [await limiter.acquire(), await limiter.acquire()]
    async with db.transaction() as session:
        await session.execute(text("select from platform.budgets for update"))
        for each in held:
            await each.close()

    other = Limiter("vendor", limits, store=PostgresStore(db))
    async with asyncio.timeout(10):
        await other.acquire()
        await other.acquire()
