import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest
from job_runs import (
    OWNER,
    Opener,
    ask,
    kinds_of,
    reached,
    result_of,
    row_of,
    steps_of,
    taken_by_another,
    until,
)
from sqlalchemy import text
from support import working

from forthwith.platform import clock
from forthwith.platform.db import Database, Session
from forthwith.platform.errors import LeaseLost
from forthwith.platform.jobs import Retry, Run, job
from forthwith.platform.jobs.lease import Lease, LeaseKeeper
from forthwith.platform.runtime import Runtime

QUICK = Retry(tries=3, first_seconds=0.01)


class Answer(msgspec.Struct, frozen=True):
    """What a vendor might say."""

    number: int
    words: tuple[str, ...]


async def test_a_finished_step_is_not_called_again_when_the_run_is_retried(
    open_jobs: Opener,
) -> None:
    calls: list[str] = []

    async def pay(word: str) -> str:
        calls.append(word)
        return word

    @job("test.steps", retry=QUICK)
    async def steps(run: Run, _: Runtime) -> str:
        first = await run.step("first", pay, "one")
        if run.attempt == 0:
            raise RuntimeError("after the first step")
        return first + await run.step("second", pay, "two")

    async with open_jobs(steps) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.steps"))

    assert calls == ["one", "two"]
    assert result_of(runtime, row) == "onetwo"


async def test_a_result_comes_back_as_the_type_that_the_function_declares(
    open_jobs: Opener,
) -> None:
    seen: list[Answer] = []

    async def answer() -> Answer:
        return Answer(3, ("a", "b"))

    @job("test.types", retry=QUICK)
    async def types(run: Run, _: Runtime) -> None:
        seen.append(await run.step("answer", answer))
        if run.attempt == 0:
            raise RuntimeError("once more")

    async with open_jobs(types) as runtime, working(runtime):
        await reached(runtime, await ask(runtime, "test.types"))

    assert seen == [Answer(3, ("a", "b"))] * 2


async def test_an_answer_of_nothing_counts_as_an_answer(open_jobs: Opener) -> None:
    calls: list[None] = []

    async def pay() -> None:
        calls.append(None)

    @job("test.nothing", retry=QUICK)
    async def nothing(run: Run, _: Runtime) -> None:
        await run.step("pay", pay)
        if run.attempt == 0:
            raise RuntimeError("once more")

    async with open_jobs(nothing) as runtime, working(runtime):
        await reached(runtime, await ask(runtime, "test.nothing"))

    assert len(calls) == 1


async def test_a_result_of_two_megabytes_is_kept(open_jobs: Opener) -> None:
    async def long_answer() -> str:
        return "x" * 2_000_000

    @job("test.large")
    async def large(run: Run, _: Runtime) -> int:
        return len(await run.step("long", long_answer))

    async with open_jobs(large) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.large"))

    assert result_of(runtime, row) == 2_000_000


async def test_the_answer_to_a_call_under_way_is_kept_when_another_worker_has_the_run(
    open_jobs: Opener,
) -> None:
    """Whoever paid keeps the answer, and does nothing after it."""
    calling, answered, after = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def pay() -> str:
        calling.set()
        await answered.wait()
        return "paid for"

    @job("test.frozen")
    async def frozen(run: Run, _: Runtime) -> None:
        await run.step("pay", pay)
        after.set()

    async with open_jobs(frozen) as runtime, working(runtime):
        run = await ask(runtime, "test.frozen")
        await calling.wait()
        await taken_by_another(runtime, run)
        await asyncio.sleep(2.5)  # a renewal has noticed
        answered.set()
        await until(lambda: _has_steps(runtime, run), within=5)

    assert not after.is_set()


async def _has_steps(runtime: Runtime, run: UUID) -> bool:
    return await steps_of(runtime, run) == ["pay"]


async def test_the_answer_is_kept_when_the_work_is_stopped_while_it_is_saved(
    open_jobs: Opener, db: Database
) -> None:
    """The save waits for a lock, the run is cancelled meanwhile, the answer is there after."""
    answered = asyncio.Event()

    async def pay() -> str:
        answered.set()
        return "paid for"

    @job("test.saving")
    async def saving(run: Run, _: Runtime) -> None:
        await run.step("pay", pay)

    async with open_jobs(saving) as runtime:
        run = await ask(runtime, "test.saving")
        async with db.transaction() as locking:
            await locking.execute(text("lock table platform.steps in share mode"))
            async with working(runtime):
                await answered.wait()
                await runtime.jobs.cancel(OWNER, run)
                await asyncio.sleep(2.5)  # a renewal has noticed
                await locking.rollback()
                await until(lambda: _has_steps(runtime, run), within=5)

        assert (await row_of(runtime, run))["state"] == "cancelled"


async def test_a_write_happens_once_with_its_step(open_jobs: Opener) -> None:
    """Rows and step commit together; a retry after it finds it done."""

    async def write(session: Session, word: str) -> str:
        await session.execute(
            text("insert into platform.ticks (name, due) values (:name, clock_timestamp())"),
            {"name": word},
        )
        return word

    @job("test.writes", retry=QUICK)
    async def writes(run: Run, _: Runtime) -> str:
        word = await run.write("tick", write, "written")
        if run.attempt == 0:
            raise RuntimeError("once more")
        return word

    async with open_jobs(writes) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.writes"))
        written = await runtime.db.fetch("select 1 from platform.ticks where name = 'written'")

    assert len(written) == 1
    assert result_of(runtime, row) == "written"


async def test_a_write_that_fails_leaves_neither_rows_nor_a_step(open_jobs: Opener) -> None:
    async def write(session: Session) -> None:
        await session.execute(text("insert into platform.ticks (name, due) values ('x', now())"))
        raise RuntimeError("after the insert")

    @job("test.half", retry=Retry(tries=1))
    async def half(run: Run, _: Runtime) -> None:
        await run.write("tick", write)

    async with open_jobs(half) as runtime, working(runtime):
        run = await ask(runtime, "test.half")
        await reached(runtime, run, "failed")

        assert await steps_of(runtime, run) == []
        assert await runtime.db.fetch("select 1 from platform.ticks") == []


async def test_progress_is_told_in_its_order(open_jobs: Opener) -> None:
    @job("test.progress")
    async def progress(run: Run, _: Runtime) -> None:
        await run.progress(0.3, "reading")
        await run.tell("page", {"number": 1})

    async with open_jobs(progress) as runtime, working(runtime):
        run = await ask(runtime, "test.progress")
        await reached(runtime, run)

        assert await kinds_of(runtime, run) == ["queued", "progress", "page", "succeeded"]


async def test_no_step_begins_after_the_lease_is_over(
    open_jobs: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local clock says so, before the database is asked."""
    calls: list[str] = []
    refused = asyncio.Event()

    async def pay() -> None:
        calls.append("paid")

    @job("test.late")
    async def late(run: Run, _: Runtime) -> None:
        now = clock.monotonic()
        monkeypatch.setattr(clock, "monotonic", lambda: now + 7)
        try:
            await run.step("pay", pay)
        except LeaseLost:
            refused.set()
            raise

    async with open_jobs(late) as runtime, working(runtime):
        await ask(runtime, "test.late")
        await asyncio.wait_for(refused.wait(), 10)

    assert calls == []


async def test_a_transaction_of_a_run_that_is_not_ours_any_more_is_refused(
    open_jobs: Opener,
) -> None:
    refused = asyncio.Event()

    @job("test.fence")
    async def fence(run: Run, runtime: Runtime) -> None:
        await taken_by_another(runtime, run.id)
        try:
            async with run.transaction() as session:
                await session.execute(text("insert into platform.ticks values ('x', now())"))
        except LeaseLost:
            refused.set()
            raise

    async with open_jobs(fence) as runtime, working(runtime):
        await ask(runtime, "test.fence")
        await asyncio.wait_for(refused.wait(), 10)

        assert await runtime.db.fetch("select 1 from platform.ticks") == []


async def test_a_run_locked_by_a_slow_write_neither_loses_its_lease_nor_ends_the_others(
    open_jobs: Opener, db: Database
) -> None:
    @job("test.slow")
    async def slow(_run: Run, _: Runtime) -> None: ...

    async with open_jobs(slow) as runtime:
        runs = [await ask(runtime, "test.slow") for _ in range(2)]
        leases = [Lease(run, "test.slow", uuid4(), clock.monotonic() - 5) for run in runs]
        keeper = LeaseKeeper(db)
        for lease in leases:
            keeper.add(lease)
            await db.execute(
                "update platform.runs set state = 'running', holder = $2,"
                " lease_until = now() + interval '1 second' where id = $1",
                lease.run,
                lease.token,
            )
        before = [lease.deadline for lease in leases]
        connection = await db.connect()
        async with db.transaction() as session:
            lock = text("select 1 from platform.runs where id = :id for update")
            await session.execute(lock, {"id": runs[0]})
            await asyncio.wait_for(keeper._renew(connection), 1)
        await connection.close()

    assert [lease.lost for lease in leases] == [False, False]
    assert leases[0].deadline == before[0]
    assert leases[1].deadline > before[1]
