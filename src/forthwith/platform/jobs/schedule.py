"""Ticks of cron expressions: exactly one run each in a fleet, on the database's clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from croniter import croniter
from sqlalchemy import text

from forthwith.platform import ids, logging
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.jobs.declare import Job, Schedule
from forthwith.platform.jobs.enqueue import in_session, run_values

log = logging.get(__name__)

SYSTEM_OWNER: Final = UUID(int=0)
"""Owner of runs that a schedule asks for; they belong to nobody's list."""
_LATE: Final = timedelta(seconds=30)
"""A tick older than this was missed; without catch-up it is skipped."""

_TAKE: Final = text("""
insert into platform.ticks (name, due) values (:name, :due) on conflict do nothing returning 1
""")


class Scheduler:
    """Looks which schedules are due; every worker has one, and one of them wins each tick."""

    def __init__(
        self,
        db: Database,
        codec: Codec,
        jobs: Mapping[str, Job],
        schedules: Sequence[Schedule],
    ) -> None:
        self._db = db
        self._codec = codec
        self._jobs = jobs
        self._schedules = schedules
        self._seen: dict[str, datetime] = {}

    async def look(self) -> None:
        """Take every tick that is due and that nobody has taken."""
        row = await self._db.fetchrow("select now() as now")
        assert row is not None  # noqa: S101 - the statement has one row
        for schedule in self._schedules:
            due = last_due(schedule, row["now"])
            if self._seen.get(schedule.name) == due:
                continue
            if schedule.catch_up or row["now"] - due <= _LATE:
                await self._take(schedule, due)
            self._seen[schedule.name] = due

    async def _take(self, schedule: Schedule, due: datetime) -> None:
        """Claim the tick and queue its run, in one transaction."""
        async with self._db.transaction() as session:
            tick = {"name": schedule.name, "due": due}
            if (await session.execute(_TAKE, tick)).scalar() is None:
                return
            job = self._jobs[schedule.job]
            values = run_values(self._codec, job, ids.new(), SYSTEM_OWNER, {}, None)
            await in_session(session, values)
            log.info("tick_taken", job=job.name, due=due.isoformat())


def last_due(schedule: Schedule, now: datetime) -> datetime:
    """The newest tick at or before `now`."""
    moment: datetime = croniter(schedule.cron, now + timedelta(microseconds=1)).get_prev(datetime)
    return moment


def check(schedules: Sequence[Schedule], jobs: Mapping[str, Job]) -> None:
    """Raise ValueError for a schedule that names no job or is no cron expression."""
    for schedule in schedules:
        if schedule.job not in jobs:
            raise ValueError(f"a schedule names the job {schedule.job}, which nobody declares")
        if not croniter.is_valid(schedule.cron):
            raise ValueError(f"{schedule.cron!r} is not a cron expression")
