"""What a person is told when a vendor fails a call inside a request."""

from datetime import datetime

from fastapi import FastAPI, Request, Response

from forthwith.platform import clock
from forthwith.platform.errors import (
    Exhausted,
    ForthwithError,
    Refused,
    TooMany,
    Transient,
    Unavailable,
    Unprocessable,
    UpstreamError,
)
from forthwith.platform.http.problems import from_error
from forthwith.platform.upstream.errors import BudgetSpent

_SHORTLY_SECONDS = 5.0


def install(app: FastAPI) -> None:
    """Answer every error of a vendor that a route lets through as a problem."""
    app.add_exception_handler(UpstreamError, _on_error)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, UpstreamError)  # noqa: S101 - the handler is registered for it
    return from_error(told(error), request.scope["path"])


def told(error: UpstreamError) -> ForthwithError:
    """A vendor's error as one of ours: what to do, and when to come back where that is known."""
    match error:
        case BudgetSpent(resets_at=resets_at):
            return TooMany(str(error), retry_after=_seconds_until(resets_at))
        case Exhausted(resets_at=resets_at):
            return Unavailable(str(error), retry_after=_seconds_until(resets_at))
        case Transient(retry_after=seconds):
            return Unavailable(str(error), retry_after=seconds or _SHORTLY_SECONDS)
        case Refused():
            return Unprocessable(str(error))
        case _:
            return Unavailable(str(error))


def _seconds_until(moment: datetime) -> float:
    return max(1.0, (moment - clock.now()).total_seconds())
