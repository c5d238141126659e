import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from job_runs import Opener, row_of, until
from support import working

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.jobs import Run, Schedule, job
from forthwith.platform.jobs.declare import by_name
from forthwith.platform.jobs.schedule import Scheduler, check, last_due
from forthwith.platform.jobs.worker import housekeep
from forthwith.platform.runtime import Runtime


@job("test.tick")
async def tick(_run: Run, _: Runtime) -> None: ...


def _an_hour_ago() -> str:
    """A daily tick that is long past, whenever the test runs."""
    past = clock.now() - timedelta(hours=1)
    return f"{past.minute} {past.hour} * * *"


async def _look_at_once(open_jobs: Opener, schedule: Schedule, lookers: int) -> int:
    """How many runs there are after this many schedulers looked at the same moment."""
    async with open_jobs(tick, schedules=(schedule,)) as runtime:
        schedulers = [
            Scheduler(runtime.db, runtime.codec, runtime.jobs.declared, runtime.jobs.schedules)
            for _ in range(lookers)
        ]
        await asyncio.gather(*(each.look() for each in schedulers))
        return len(await runtime.db.fetch("select 1 from platform.runs"))


async def test_a_tick_makes_one_run_however_many_workers_look(open_jobs: Opener) -> None:
    schedule = Schedule("test.tick", _an_hour_ago(), catch_up=True)

    assert await _look_at_once(open_jobs, schedule, lookers=8) == 1


async def test_a_tick_that_passed_while_nothing_ran_is_skipped(open_jobs: Opener) -> None:
    assert await _look_at_once(open_jobs, Schedule("test.tick", _an_hour_ago()), lookers=2) == 0


async def test_a_worker_runs_each_due_tick(open_jobs: Opener) -> None:
    every_second = Schedule("test.tick", "* * * * * */1")
    async with open_jobs(tick, schedules=(every_second,)) as runtime, working(runtime):

        async def ran_twice() -> bool:
            sql = "select 1 from platform.runs where state = 'succeeded'"
            return len(await runtime.db.fetch(sql)) >= 2

        await until(ran_twice, within=15)
        (row,) = await runtime.db.fetch("select id from platform.runs limit 1")

        assert (await row_of(runtime, row["id"]))["owner"].int == 0


async def test_the_newest_tick_is_remembered_however_old_it_is(db: Database) -> None:
    """Otherwise a yearly one would be taken again when a worker starts."""
    for days in (400, 100, 40):
        await db.execute(
            "insert into platform.ticks values ('yearly', now() - $1::interval)",
            timedelta(days=days),
        )
    await housekeep(db)
    rows = await db.fetch("select now() - due as age from platform.ticks")

    assert [row["age"].days for row in rows] == [40]


def test_the_newest_due_tick_may_be_this_very_moment() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)

    assert last_due(Schedule("test.tick", "0 12 * * *"), noon) == noon
    assert last_due(Schedule("test.tick", "0 13 * * *"), noon) == noon - timedelta(hours=23)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (Schedule("test.other", "* * * * *"), "nobody declares"),
        (Schedule("test.tick", "every day"), "is not a cron expression"),
    ],
)
def test_a_schedule_that_cannot_work_stops_the_start(schedule: Schedule, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check((schedule,), by_name([tick]))
