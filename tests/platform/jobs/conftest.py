"""A runtime over jobs that a test declares itself, on the real database."""

import contextlib
from collections.abc import AsyncIterator

import pytest
from job_runs import Opener

from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.jobs import Job, Schedule
from forthwith.platform.runtime import Runtime, open_runtime


@pytest.fixture
def open_jobs(db: Database, dsn: str, settings: PlatformSettings) -> Opener:
    """Opens a runtime over the jobs it is given; each one stands for a process."""

    @contextlib.asynccontextmanager
    async def opened(*jobs: Job, schedules: tuple[Schedule, ...] = ()) -> AsyncIterator[Runtime]:
        async with open_runtime(settings, dsn, jobs, schedules) as runtime:
            yield runtime

    return opened
