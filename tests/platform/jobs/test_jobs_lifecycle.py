import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from job_runs import (
    OWNER,
    Opener,
    ask,
    error_of,
    left_by_a_dead_worker,
    reached,
    row_of,
    steps_of,
    taken_by_another,
)
from support import working

from forthwith.platform import clock
from forthwith.platform.db import Session
from forthwith.platform.errors import Conflict, NotFound
from forthwith.platform.jobs import FailedRun, Retry, Run, job
from forthwith.platform.jobs.runner import MAX_TAKEOVERS
from forthwith.platform.runtime import Runtime


@job("test.noop")
async def noop(_run: Run, _: Runtime) -> None: ...


async def test_a_cancelled_run_that_waits_is_never_begun(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime:
        run = await ask(runtime, "test.noop")
        await runtime.jobs.cancel(OWNER, run)
        async with working(runtime):
            await reached(runtime, await ask(runtime, "test.noop"))

        row = await row_of(runtime, run)
        assert (row["state"], row["started_at"]) == ("cancelled", None)


async def test_a_cancelled_step_is_stopped_and_its_lease_dropped(open_jobs: Opener) -> None:
    """Noticed by the next renewal, 1.5 seconds later at most, plus what the machine adds."""
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def wait_for_ever() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    @job("test.cancel")
    async def cancelled(run: Run, _: Runtime) -> None:
        await run.step("wait", wait_for_ever)

    async with open_jobs(cancelled) as runtime, working(runtime) as worker:
        run = await ask(runtime, "test.cancel")
        await begun.wait()
        await runtime.jobs.cancel(OWNER, run)
        asked_at = time.monotonic()
        await asyncio.wait_for(stopped.wait(), 10)
        took = time.monotonic() - asked_at
        await asyncio.sleep(0.1)

        assert took < 1.5 + 1.5
        assert (await row_of(runtime, run))["state"] == "cancelled"
        assert await steps_of(runtime, run) == []
        assert worker._keeper._leases == {}


async def test_what_has_ended_is_not_cancelled(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        run = await ask(runtime, "test.noop")
        await reached(runtime, run)

        with pytest.raises(Conflict, match="has ended already"):
            await runtime.jobs.cancel(OWNER, run)


async def test_another_owner_finds_nothing_to_cancel_or_retry(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime:
        run = await ask(runtime, "test.noop")

        with pytest.raises(NotFound):
            await runtime.jobs.cancel(uuid4(), run)
        with pytest.raises(NotFound):
            await runtime.jobs.retry(uuid4(), run)


async def test_a_run_that_succeeded_is_not_retried(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        run = await ask(runtime, "test.noop")
        await reached(runtime, run)

        with pytest.raises(Conflict, match="has not failed"):
            await runtime.jobs.retry(OWNER, run)


async def test_what_ends_within_the_grace_is_finished_by_a_drain(open_jobs: Opener) -> None:
    begun = asyncio.Event()

    @job("test.short")
    async def short(_run: Run, _: Runtime) -> None:
        begun.set()
        await asyncio.sleep(0.3)

    async with open_jobs(short) as runtime:
        async with working(runtime, drain_seconds=10):
            run = await ask(runtime, "test.short")
            await begun.wait()

        assert (await row_of(runtime, run))["state"] == "succeeded"


async def test_what_does_not_end_within_the_grace_is_given_back_with_its_try_unused(
    open_jobs: Opener,
) -> None:
    begun = asyncio.Event()

    @job("test.long")
    async def long(_run: Run, _: Runtime) -> None:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()

    async with open_jobs(long) as runtime:
        async with working(runtime, drain_seconds=0.2):
            run = await ask(runtime, "test.long")
            await begun.wait()
        given_back = await row_of(runtime, run)
        async with working(runtime):
            ended = await reached(runtime, run)

    assert (given_back["state"], given_back["holder"]) == ("queued", None)
    assert (ended["state"], ended["attempt"], ended["takeovers"]) == ("succeeded", 0, 0)


async def test_the_run_of_a_dead_worker_is_taken_over(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime:
        run = await ask(runtime, "test.noop")
        await left_by_a_dead_worker(runtime, run)
        async with working(runtime):
            row = await reached(runtime, run)

    assert (row["state"], row["attempt"], row["takeovers"]) == ("succeeded", 0, 1)


async def test_nobody_takes_a_run_whose_lease_is_alive(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime:
        run = await ask(runtime, "test.noop")
        await runtime.db.execute("update platform.runs set state = 'running'")
        await taken_by_another(runtime, run)
        async with working(runtime):
            await asyncio.sleep(1.0)

        assert (await row_of(runtime, run))["state"] == "running"


async def test_ten_takeovers_are_allowed_and_the_eleventh_dead_worker_ends_the_run(
    open_jobs: Opener,
) -> None:
    told: list[FailedRun] = []

    async def tell(_: Session, failed: FailedRun) -> None:
        told.append(failed)

    @job("test.poison", on_failed=tell)
    async def poison(_run: Run, _: Runtime) -> None: ...

    async with open_jobs(poison) as runtime:
        allowed, too_often = await ask(runtime, "test.poison"), await ask(runtime, "test.poison")
        await left_by_a_dead_worker(runtime, allowed, takeovers=MAX_TAKEOVERS - 1)
        await left_by_a_dead_worker(runtime, too_often, takeovers=MAX_TAKEOVERS)
        async with working(runtime):
            last = await reached(runtime, allowed)
            ended = await reached(runtime, too_often)

        assert (last["state"], last["takeovers"]) == ("succeeded", 10)
        assert (ended["state"], ended["attempt"]) == ("failed", 0)
        assert error_of(runtime, ended).code == "ABANDONED"
        assert [failed.id for failed in told] == [too_often]


@pytest.mark.slow
async def test_a_worker_without_the_code_puts_the_run_back_for_one_that_has_it(
    open_jobs: Opener,
) -> None:
    """As in a rolling deploy where an old worker serves the queue."""

    @job("test.old", queue="shared")
    async def old(_run: Run, _: Runtime) -> None: ...

    @job("test.new", queue="shared")
    async def new(_run: Run, _: Runtime) -> None: ...

    async with open_jobs(old, new) as newer, open_jobs(old) as older:
        run = await ask(newer, "test.new")
        async with working(older):
            await reached(older, await ask(older, "test.old"))
            put_back = await reached(older, run, "queued")
        async with working(newer):
            row = await reached(newer, run)

    assert (put_back["attempt"], put_back["takeovers"]) == (0, 0)
    assert (row["state"], row["attempt"], row["takeovers"]) == ("succeeded", 0, 0)


async def test_a_worker_without_the_code_does_not_give_a_run_up(open_jobs: Opener) -> None:
    """Its on_failed must be told, and only a worker that knows the job can."""

    @job("test.known", queue="mixed")
    async def known(_run: Run, _: Runtime) -> None: ...

    @job("test.unknown", queue="mixed")
    async def unknown(_run: Run, _: Runtime) -> None: ...

    async with open_jobs(known, unknown) as newer, open_jobs(known) as older:
        run = await ask(newer, "test.unknown")
        await left_by_a_dead_worker(newer, run, takeovers=MAX_TAKEOVERS)
        async with working(older):
            await reached(older, await ask(older, "test.known"))
            await asyncio.sleep(0.2)
            left = await row_of(older, run)

    assert left["state"] == "running"


async def test_a_due_run_without_a_ticket_gets_one(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime:
        run = await ask(runtime, "test.noop")
        await runtime.db.execute("delete from pgqueuer.pgqueuer")
        async with working(runtime):
            row = await reached(runtime, run)

    assert row["state"] == "succeeded"


async def test_an_old_ticket_finds_nothing_to_do(open_jobs: Opener) -> None:
    looks: list[UUID] = []

    @job("test.once")
    async def once(run: Run, _: Runtime) -> None:
        looks.append(run.id)

    async with open_jobs(once) as runtime:
        run = await ask(runtime, "test.once")
        await runtime.db.execute(
            "insert into pgqueuer.pgqueuer (priority, entrypoint, payload, execute_after, status)"
            " select 0, entrypoint, payload, execute_after, status from pgqueuer.pgqueuer"
        )
        async with working(runtime):
            await reached(runtime, run)
            await asyncio.sleep(0.5)

    assert looks == [run]


async def test_an_erased_run_leaves_nothing_and_its_worker_writes_nothing_more(
    open_jobs: Opener,
) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def pay() -> str:
        begun.set()
        await go_on.wait()
        return "personal"

    @job("test.erased", retry=Retry(tries=1))
    async def erased(run: Run, _: Runtime) -> None:
        try:
            await run.step("pay", pay)
        finally:
            ended.set()

    async with open_jobs(erased) as runtime, working(runtime):
        run = await ask(runtime, "test.erased")
        await begun.wait()
        async with runtime.db.transaction() as session:
            await runtime.jobs.erase(session, OWNER, run)
        go_on.set()
        await asyncio.wait_for(ended.wait(), 10)

        for table, key in (
            ("runs", "id"),
            ("steps", "run"),
            ("events", "stream"),
            ("streams", "id"),
        ):
            sql = f"select 1 from platform.{table} where {key} = $1"  # noqa: S608 - constants
            assert await runtime.db.fetch(sql, run) == []


async def test_a_run_asked_for_later_begins_when_it_is_due(open_jobs: Opener) -> None:
    async with open_jobs(noop) as runtime, working(runtime):
        due = clock.now() + timedelta(seconds=0.8)
        async with runtime.db.transaction() as session:
            run = await runtime.jobs.enqueue(session, "test.noop", {}, owner=OWNER, run_at=due)
        row = await reached(runtime, run)

    late = (row["started_at"] - due).total_seconds()
    assert 0 <= late < 1.5
