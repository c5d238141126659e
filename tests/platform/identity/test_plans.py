"""Quotas of plans: exact, given back with what is rolled back, whole again at midnight."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from accounts import add_account

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.errors import TooMany
from forthwith.platform.identity import ensure_operator, plans
from forthwith.platform.jobs.worker import housekeep


@pytest.fixture
async def owner(db: Database) -> UUID:
    return await add_account(db)


async def _use(db: Database, owner: UUID, name: str, amount: int = 1) -> int | None:
    """What is left, in a transaction of its own."""
    async with db.transaction() as session:
        return (await plans.use(session, owner, name, amount)).left


async def _is_allowed(db: Database, owner: UUID, name: str) -> bool:
    try:
        await _use(db, owner, name)
    except TooMany:
        return False
    return True


async def test_exactly_as_much_is_allowed_as_the_plan_says_however_many_take_at_once(
    db: Database, owner: UUID
) -> None:
    outcomes = await asyncio.gather(*(_is_allowed(db, owner, "products") for _ in range(40)))

    assert outcomes.count(True) == 20


@pytest.mark.parametrize(("plan", "most"), [("basic", 20), ("premium", 200), ("enterprise", 2000)])
async def test_the_plan_says_how_much(db: Database, owner: UUID, plan: str, most: int) -> None:
    await db.execute("update platform.accounts set plan = $1", plan)

    assert await _use(db, owner, "products", most) == 0
    with pytest.raises(TooMany, match=f"the {plan} plan".capitalize()):
        await _use(db, owner, "products")


async def test_more_than_there_is_at_all_takes_nothing(db: Database, owner: UUID) -> None:
    with pytest.raises(TooMany):
        await _use(db, owner, "photos", 101)

    assert await _use(db, owner, "photos") == 99


async def test_what_is_rolled_back_was_not_used(db: Database, owner: UUID) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            await plans.use(session, owner, "photos", 50)
            raise RuntimeError("the work failed")

    with pytest.raises(RuntimeError):
        await fail()

    assert await _use(db, owner, "photos") == 99


async def test_a_day_ends_at_midnight_and_says_so(
    db: Database, owner: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: evening)
    await _use(db, owner, "photos", 100)
    with pytest.raises(TooMany) as refused:
        await _use(db, owner, "photos")
    monkeypatch.setattr(clock, "now", lambda: evening + timedelta(hours=1))

    assert refused.value.retry_after == 3600
    assert await _use(db, owner, "photos") == 99


async def test_what_stands_is_given_back_when_it_is_removed(db: Database, owner: UUID) -> None:
    await _use(db, owner, "products", 20)
    async with db.transaction() as session:
        await plans.release(session, owner, "products", 5)

    assert await _use(db, owner, "products") == 4


async def test_quotas_and_owners_are_counted_apart(db: Database, owner: UUID) -> None:
    other = await add_account(db, "fw_test-key-of-a-third")
    await _use(db, owner, "photos", 100)

    assert await _use(db, owner, "documents") == 99
    assert await _use(db, other, "photos") == 99


async def test_an_operator_is_not_limited(db: Database) -> None:
    await ensure_operator(db, "fw_configured")
    row = await db.fetchrow("select id from platform.accounts")
    assert row is not None

    assert await _use(db, row["id"], "photos", 1_000_000) is None


async def test_days_long_over_are_forgotten_and_what_stands_is_not(
    db: Database, owner: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _use(db, owner, "products")
    await _use(db, owner, "photos")
    long_ago = datetime.now(UTC) - timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: long_ago)
    await _use(db, owner, "photos")
    monkeypatch.undo()

    await housekeep(db)

    kept = await db.fetch("select quota from platform.quota_uses order by quota")
    assert [row["quota"] for row in kept] == ["photos", "products"]
