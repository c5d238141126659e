"""Charges: what they say, when they are written, what is summed up."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from cable import cable_to

from forthwith.platform import clock, context, ids
from forthwith.platform.db import Database, opened
from forthwith.platform.upstream.costs import (
    Charge,
    DatabaseLedger,
    Outcome,
    Price,
    Source,
    Usage,
    ledger,
    queries,
)

ANN, BOB = ids.new(), ids.new()


def _charge(
    outcome: Outcome = Outcome.ANSWERED,
    source: Source = Source.VENDOR,
    owner: UUID = ANN,
    model: str | None = "small",
    micros: int = 1_500,
) -> Charge:
    return Charge(
        vendor="metered",
        operation="answer",
        outcome=outcome,
        source=source,
        usage=Usage(tokens_in=10, tokens_out=5),
        micros=micros,
        latency_ms=300,
        model=model,
        key="key-1",
        owner=owner,
        app="cards",
    )


async def _lines(
    db: Database, by: queries.GroupBy = "app", owner: UUID | None = ANN
) -> list[queries.CostLine]:
    async with db.read() as session:
        since = clock.now() - timedelta(days=1)
        return await queries.summed(session, owner, by=by, since=since)


def test_a_price_is_rounded_up_to_a_millionth() -> None:
    """A price per million tokens is mostly no whole number for a call."""
    price = Price(per_call=10, per_million_tokens_in=150_000, per_million_tokens_out=600_000)

    assert price.of(Usage(tokens_in=1)) == 11
    assert price.of(Usage(tokens_in=1_000_000, tokens_out=1_000_000)) == 750_010
    assert price.of(Usage(calls=0)) == 0


def test_a_charge_belongs_to_the_present_run() -> None:
    run = context.RunContext(ids.new(), "orders.speak", BOB, lambda: None)
    token = context.run.set(run)
    charge = Charge(vendor="metered", operation="answer", outcome=Outcome.ANSWERED)
    context.run.reset(token)

    assert (charge.owner, charge.app, charge.run) == (BOB, "orders", run.id)


async def test_calls_and_savings_are_summed_apart(db: Database) -> None:
    """Money that was saved was not spent; failed calls are named among the calls."""
    book = DatabaseLedger(db)
    book.add(_charge())
    book.add(_charge(Outcome.FAILED, micros=0))
    for _ in range(1_000):
        book.save(_charge(source=Source.MEMORY))
    book.save(_charge(source=Source.COALESCED))
    await book.flush()
    rows = await db.fetch("select source, calls from platform.costs order by source, id")

    assert await _lines(db) == [
        queries.CostLine("cards", "USD", 2, 1, 1_001, 20, 10, 1_500, 1_001 * 1_500, 300)
    ]
    assert [tuple(row) for row in rows] == [
        ("coalesced", 1),
        ("memory", 1_000),
        ("vendor", 1),
        ("vendor", 1),
    ]


async def test_an_owner_sees_his_own_costs_and_an_operator_all(db: Database) -> None:
    book = DatabaseLedger(db)
    book.add(_charge(owner=ANN))
    book.add(_charge(owner=BOB, micros=9))
    await book.flush()

    assert [line.micros for line in await _lines(db, owner=BOB)] == [9]
    assert [line.group for line in await _lines(db, "owner", None)] == [str(ANN), str(BOB)]


@pytest.mark.parametrize("by", ["day", "key", "model", "prompt_version", "vendor"])
async def test_costs_are_summed_by_what_is_asked(db: Database, by: queries.GroupBy) -> None:
    book = DatabaseLedger(db)
    book.add(_charge())
    await book.flush()
    wanted = {"key": "key-1", "model": "small", "prompt_version": None, "vendor": "metered"}

    (line,) = await _lines(db, by)
    assert line.group == wanted.get(by, clock.now().date().isoformat())


async def test_charges_wait_for_a_database_that_is_away(dsn: str, db: Database) -> None:
    """And keep the moment of their call; nothing is written twice."""
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as cut_off:
        book = DatabaseLedger(cut_off)
        writing = asyncio.create_task(book.run())
        await cable.cut()
        charge = _charge()
        book.add(charge)
        book.save(_charge(source=Source.REDIS))
        await asyncio.sleep(0.6)
        await cable.mend()
        async with asyncio.timeout(10):
            while len(rows := await db.fetch("select * from platform.costs order by source")) < 2:
                await asyncio.sleep(0.05)
        writing.cancel()

    assert [row["source"] for row in rows] == ["redis", "vendor"]
    assert rows[1]["created_at"] == ids.made_at(charge.id)


async def test_a_charge_that_no_database_takes_hurts_no_other(db: Database) -> None:
    book = DatabaseLedger(db)
    book.add(_charge(model="a\x00b"))
    book.add(_charge(micros=7))
    await book.flush()

    assert [line.micros for line in await _lines(db)] == [7]


async def test_the_oldest_charges_go_when_too_many_wait(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MOST_WAITING", 3)
    book = DatabaseLedger(db)
    for micros in range(5):
        book.add(_charge(micros=micros))
    await book.flush()
    rows = await db.fetch("select micros from platform.costs order by id")

    assert [row["micros"] for row in rows] == [2, 3, 4]


async def test_old_charges_are_forgotten(db: Database) -> None:
    book = DatabaseLedger(db)
    book.add(_charge())
    await book.flush()
    await db.execute("update platform.costs set created_at = now() - interval '40 days'")
    book.add(_charge())
    await book.flush()
    await book.purge(30)

    assert await db.fetchrow("select count(*) from platform.costs") == (1,)
