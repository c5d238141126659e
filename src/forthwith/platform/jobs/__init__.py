"""Durable runs: a ledger of runs and steps over pgqueuer's tickets (docs/adr/002)."""

from forthwith.platform.jobs.declare import (
    FailedRun,
    Job,
    MovedRun,
    Retry,
    Schedule,
    Weight,
    job,
)
from forthwith.platform.jobs.endpoints import router, stream
from forthwith.platform.jobs.enqueue import Condition
from forthwith.platform.jobs.face import Jobs
from forthwith.platform.jobs.models import RunRow
from forthwith.platform.jobs.outcome import RunError
from forthwith.platform.jobs.queries import ENDED, Progress, failure, progress
from forthwith.platform.jobs.run import Run
from forthwith.platform.jobs.worker import Worker

__all__ = [
    "ENDED",
    "Condition",
    "FailedRun",
    "Job",
    "Jobs",
    "MovedRun",
    "Progress",
    "Retry",
    "Run",
    "RunError",
    "RunRow",
    "Schedule",
    "Weight",
    "Worker",
    "failure",
    "job",
    "progress",
    "router",
    "stream",
]
