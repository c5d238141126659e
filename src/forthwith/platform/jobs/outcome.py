"""How a try can end, and which errors are worth another one."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec

from forthwith.platform.errors import (
    Exhausted,
    ForthwithError,
    Refused,
    Transient,
    UpstreamError,
)


class RunError(msgspec.Struct, frozen=True):
    """Why a run or a try failed, as it is stored and shown: a stable code and a sentence."""

    code: str
    message: str


class Snooze(Exception):
    """Raised through the job by `run.snooze`: come back later without using a try."""

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(reason)
        self.until = until
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed: what to tell, whether to try again, and the vendor's waiting time."""

    error: RunError
    retry: bool
    after: float | None = None


_UNEXPECTED: Final = RunError("INTERNAL", "Something went wrong here; it was logged.")


def judge(error: Exception) -> Failure | Snooze:
    """What an exception of a job means. `LeaseLost` never comes here: its run is not ours."""
    while isinstance(error, ExceptionGroup):  # of a task group, the first is what happened
        error = error.exceptions[0]
    match error:
        case Snooze():
            return error
        case Exhausted(resets_at=resets_at):
            return Snooze(resets_at, str(error))
        case UpstreamError():
            refused = isinstance(error, Refused)
            told = RunError("REFUSED" if refused else "UPSTREAM_FAILED", str(error))
            after = error.retry_after if isinstance(error, Transient) else None
            return Failure(told, retry=not refused, after=after)
        case ForthwithError():
            return Failure(
                RunError(error.code, error.message),
                retry=error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                or error.status == HTTPStatus.TOO_MANY_REQUESTS,
                after=error.retry_after,
            )
        case asyncio.TimeoutError():
            return Failure(RunError("TIMED_OUT", "It took longer than allowed."), retry=True)
        case _:
            return Failure(_UNEXPECTED, retry=True)
