"""What becomes of the engine's tickets, and what wakes a worker."""

import asyncio
from datetime import timedelta

import asyncpg
from job_runs import OWNER, Opener, ask, reached, row_of, until
from support import working

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.jobs import Run, job
from forthwith.platform.jobs.engine.adapter import SETTINGS
from forthwith.platform.jobs.engine.driver import PatientDriver
from forthwith.platform.jobs.statements import NEW_TICKET, TICKET_ENDED, TICKETS_CHANNEL
from forthwith.platform.runtime import Runtime


@job("test.noop")
async def noop(_run: Run, _: Runtime) -> None: ...


async def _tickets(db: Database) -> list[asyncpg.Record]:
    return await db.fetch("select heartbeat - created as beaten_for from pgqueuer.pgqueuer")


async def test_a_run_that_succeeds_takes_its_ticket_along(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        await reached(runtime, await ask(runtime, "test.noop"))

        assert await _tickets(runtime.db) == []


async def test_a_ticket_is_told_alive_while_its_run_lasts(open_jobs: Opener) -> None:
    end = asyncio.Event()

    @job("test.long")
    async def long(_run: Run, _: Runtime) -> None:
        await end.wait()

    async with open_jobs(long) as runtime, working(runtime):
        run = await ask(runtime, "test.long")

        async def is_told() -> bool:
            tickets = await _tickets(runtime.db)
            return any(each["beaten_for"] > timedelta(seconds=1.5) for each in tickets)

        await until(is_told, within=30)
        end.set()
        await reached(runtime, run)


async def test_a_run_for_later_is_not_forgotten_behind_one_that_is_due(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        due = clock.now() + timedelta(seconds=0.8)
        async with runtime.db.transaction() as session:
            later = await runtime.jobs.enqueue(session, "test.noop", {}, owner=OWNER, run_at=due)
            await runtime.jobs.enqueue(session, "test.noop", {}, owner=OWNER)
        await reached(runtime, later)
        started_at = (await row_of(runtime, later))["started_at"]

    assert 0 <= (started_at - due).total_seconds() < 0.6


async def test_a_run_whose_queuer_was_killed_before_it_told_begins_all_the_same(
    open_jobs: Opener,
) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        await reached(runtime, await ask(runtime, "test.noop"))  # the worker is idle now
        async with runtime.db.transaction() as session:
            run = await runtime.jobs.enqueue(session, "test.noop", {}, owner=OWNER)
            session.notices.clear()
        async with asyncio.timeout(5):
            await reached(runtime, run)


async def test_a_worker_is_woken_once_for_what_it_has_not_looked_at(open_jobs: Opener) -> None:
    heard: list[str] = []

    async with open_jobs() as runtime, runtime.db.statement_pool(1, 3.0) as pool:
        driver = PatientDriver(runtime.db, pool, runtime.listener)
        await driver.add_listener("test_tickets", lambda payload: heard.append(str(payload)))

        async def woken_by(told: str) -> int:
            """How often a notice of this woke it."""
            await driver.notify(TICKETS_CHANNEL, told)
            await driver.notify("test_tickets", "end of the test")
            await asyncio.wait_for(_comes(heard, "end of the test"), 10)
            count = sum("insert" in each for each in heard)
            heard.clear()
            return count

        await asyncio.wait_for(_comes(heard, "insert"), 10)  # as after each new connection
        heard.clear()
        driver.has_news = False
        assert await woken_by(NEW_TICKET) == 1
        assert await woken_by(NEW_TICKET) == 0
        driver.has_news = False
        assert await woken_by(TICKET_ENDED) == 0
        driver.hears_ends = True
        assert await woken_by(TICKET_ENDED) == 1


async def test_no_transaction_that_writes_tickets_notifies(open_jobs: Opener) -> None:
    """It would hold a lock of the whole database while its commit is flushed (docs/adr/019)."""
    heard: list[str] = []

    async with open_jobs(noop) as runtime, working(runtime):
        connection = await runtime.db.connect()
        await connection.add_listener(SETTINGS.channel, lambda *told: heard.append(str(told[3])))
        await reached(runtime, await ask(runtime, "test.noop"))
        await connection.execute("select 1")  # whatever was told before is heard with its answer
        await connection.close()

    assert not [each for each in heard if "table_changed_event" in each]


async def _comes(heard: list[str], word: str) -> None:
    while not any(word in each for each in heard):
        await asyncio.sleep(0.01)
