import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from job_runs import OWNER, Opener, ask, error_of, kinds_of, reached
from sqlalchemy import text
from support import working

from forthwith.platform import clock
from forthwith.platform.db import Session
from forthwith.platform.errors import Exhausted, Refused, Transient, Unprocessable
from forthwith.platform.jobs import FailedRun, Retry, Run, job
from forthwith.platform.runtime import Runtime

QUICK = Retry(tries=3, first_seconds=0.01)
TOLD: list[FailedRun] = []


@pytest.fixture(autouse=True)
def _nobody_was_told() -> None:
    TOLD.clear()


async def tell(_: Session, failed: FailedRun) -> None:
    TOLD.append(failed)


async def test_a_failed_try_is_repeated_until_it_succeeds(open_jobs: Opener) -> None:
    @job("test.flaky", retry=QUICK, on_failed=tell)
    async def flaky(run: Run, _: Runtime) -> None:
        if run.attempt < 2:
            raise Transient("not yet")

    async with open_jobs(flaky) as runtime, working(runtime):
        run = await ask(runtime, "test.flaky")
        row = await reached(runtime, run)

        assert (row["state"], row["attempt"], row["takeovers"]) == ("succeeded", 2, 0)
        assert await kinds_of(runtime, run) == ["queued", "retrying", "retrying", "succeeded"]
        assert TOLD == []


async def test_the_last_failure_ends_the_run_and_is_told_once(open_jobs: Opener) -> None:
    @job("test.broken", retry=QUICK, on_failed=tell)
    async def broken(_run: Run, _: Runtime, *, word: str) -> None:
        raise Transient(f"the vendor says {word}")

    async with open_jobs(broken) as runtime, working(runtime):
        run = await ask(runtime, "test.broken", word="no")
        row = await reached(runtime, run)

        assert (row["state"], row["attempt"]) == ("failed", 3)
        assert error_of(runtime, row).message == "the vendor says no"
        assert [
            FailedRun(run, OWNER, {"word": "no"}, "UPSTREAM_FAILED", "the vendor says no")
        ] == TOLD


async def test_a_defect_is_shown_without_its_words(open_jobs: Opener) -> None:
    """What a defect says may be personal; the log has it."""

    @job("test.defect", retry=Retry(tries=1))
    async def defect(_run: Run, _: Runtime) -> None:
        raise KeyError("a.person@example.com")

    async with open_jobs(defect) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.defect"))

        assert error_of(runtime, row).code == "INTERNAL"
        assert "person" not in error_of(runtime, row).message


async def test_a_defect_of_on_failed_does_not_keep_the_run_alive(open_jobs: Opener) -> None:
    async def stumble(_: Session, __: FailedRun) -> None:
        raise KeyError("stumbled")

    @job("test.stumble", retry=Retry(tries=1), on_failed=stumble)
    async def broken(_run: Run, _: Runtime) -> None:
        raise Refused("never")

    async with open_jobs(broken) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.stumble"))

    assert row["state"] == "failed"


@pytest.mark.parametrize("error", [Refused("never"), Unprocessable("no text on it")])
async def test_what_no_retry_helps_is_not_repeated(open_jobs: Opener, error: Exception) -> None:
    @job("test.refused", retry=QUICK)
    async def refused(_run: Run, _: Runtime) -> None:
        raise error

    async with open_jobs(refused) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.refused"))

    assert (row["state"], row["attempt"]) == ("failed", 1)


async def test_a_task_group_is_judged_by_what_happened_in_it(open_jobs: Opener) -> None:
    @job("test.group", retry=QUICK)
    async def group(_run: Run, _: Runtime) -> None:
        raise ExceptionGroup("two calls", [Refused("the first"), Transient("the second")])

    async with open_jobs(group) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.group"))

        assert error_of(runtime, row).message == "the first"


async def test_a_snooze_uses_no_try(open_jobs: Opener) -> None:
    looks: list[int] = []

    @job("test.snooze", retry=Retry(tries=1))
    async def snooze(run: Run, _: Runtime) -> None:
        looks.append(run.attempt)
        if len(looks) < 3:
            run.snooze(seconds=0.01)

    async with open_jobs(snooze) as runtime, working(runtime):
        run = await ask(runtime, "test.snooze")
        row = await reached(runtime, run)

        assert (row["state"], looks) == ("succeeded", [0, 0, 0])
        assert await kinds_of(runtime, run) == ["queued", "snoozed", "snoozed", "succeeded"]


async def test_a_run_without_any_key_left_sleeps_until_one_is_fresh(open_jobs: Opener) -> None:
    looks: list[float] = []

    @job("test.exhausted", retry=Retry(tries=1))
    async def exhausted(_run: Run, _: Runtime) -> None:
        looks.append(clock.monotonic())
        if len(looks) == 1:
            raise Exhausted("all keys", resets_at=clock.now() + timedelta(seconds=0.7))

    async with open_jobs(exhausted) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.exhausted"))

    assert row["state"] == "succeeded"
    assert looks[1] - looks[0] >= 0.65


async def test_the_vendors_own_waiting_time_is_kept(open_jobs: Opener) -> None:
    tries: list[float] = []

    @job("test.after", retry=QUICK)
    async def after(_run: Run, _: Runtime) -> None:
        tries.append(clock.monotonic())
        if len(tries) == 1:
            raise Transient("later", retry_after=0.7)

    async with open_jobs(after) as runtime, working(runtime):
        await reached(runtime, await ask(runtime, "test.after"))

    assert tries[1] - tries[0] >= 0.7


async def test_a_job_that_hangs_is_stopped_at_its_time_limit(open_jobs: Opener) -> None:
    @job("test.hang", retry=Retry(tries=1), time_limit_seconds=0.3)
    async def hang(_run: Run, _: Runtime) -> None:
        await asyncio.Event().wait()

    async with open_jobs(hang) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.hang"))

        assert error_of(runtime, row).code == "TIMED_OUT"


async def test_a_job_that_cancels_itself_has_failed(open_jobs: Opener) -> None:
    """Only a cancelled run, a drain or a lost lease may stop work silently."""

    @job("test.self", retry=Retry(tries=2, first_seconds=0.01))
    async def cancels_itself(_run: Run, _: Runtime) -> None:
        raise asyncio.CancelledError

    async with open_jobs(cancels_itself) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.self"))

    assert (row["state"], row["attempt"]) == ("failed", 2)


async def test_a_try_that_the_database_interrupted_is_not_counted(open_jobs: Opener) -> None:
    """It counts as a takeover, which has a limit of its own."""

    async def lose_the_connection(session: Session) -> None:
        await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    @job("test.interrupted", retry=Retry(tries=1))
    async def interrupted(run: Run, _: Runtime) -> None:
        if run.takeovers == 0:
            await run.write("lost", lose_the_connection)

    async with open_jobs(interrupted) as runtime, working(runtime):
        run = await ask(runtime, "test.interrupted")
        row = await reached(runtime, run)

        assert (row["state"], row["attempt"], row["takeovers"]) == ("succeeded", 0, 1)
        assert await kinds_of(runtime, run) == ["queued", "interrupted", "succeeded"]


async def test_a_lost_connection_to_somebody_else_is_a_failed_try(open_jobs: Opener) -> None:
    @job("test.elsewhere", retry=Retry(tries=1))
    async def elsewhere(_run: Run, _: Runtime) -> None:
        raise ConnectionResetError("by the vendor")

    async with open_jobs(elsewhere) as runtime, working(runtime):
        row = await reached(runtime, await ask(runtime, "test.elsewhere"))

    assert (row["state"], row["attempt"], row["takeovers"]) == ("failed", 1, 0)


async def test_a_failed_run_is_tried_again_on_request_with_its_steps_kept(
    open_jobs: Opener,
) -> None:
    paid: list[str] = []
    mended = asyncio.Event()

    async def pay() -> str:
        paid.append("once")
        return "paid"

    @job("test.again", retry=Retry(tries=1))
    async def again(run: Run, _: Runtime) -> str:
        first = await run.step("pay", pay)
        if not mended.is_set():
            raise Refused("the address is wrong")
        return first

    async with open_jobs(again) as runtime, working(runtime):
        run: UUID = await ask(runtime, "test.again")
        await reached(runtime, run, "failed")
        mended.set()
        await runtime.jobs.retry(OWNER, run)
        row = await reached(runtime, run, "succeeded")

    assert paid == ["once"]
    assert (row["attempt"], row["error"]) == (0, None)
