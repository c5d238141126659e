"""What LINE's refusals mean to us.

LINE tells kinds of one status apart by their words only (https://developers.line.biz/en/
reference/messaging-api/#error-responses): 429 is either the month's messages or the rate.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from forthwith.platform import clock
from forthwith.platform.errors import Exhausted, Refused, Transient, UpstreamError
from forthwith.platform.upstream import Throttled, classified
from forthwith.platform.upstream.classify import error_of

MONTHLY: Final = "monthly limit"
"""Of "You have reached your monthly limit."; the other 429 speaks of the API rate limit."""
REPLY_TOKEN: Final = "invalid reply token"  # noqa: S105 - words of LINE
RATE_PAUSE_SECONDS: Final = 1.0
"""Limits of rate are per second."""
_FAULTS_NAMED: Final = 3
_WORDS_LENGTH: Final = 200  # characters
_NOT_SENT: Final = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
"""Of aiohttp: no byte of the request has left, so it may be made again."""


class ReplyTokenSpent(Refused):
    """The reply token was used before, or is too old."""


class MonthlyLimit(Exhausted):
    """The messages of the month are spent: pushes are refused, replies are not."""


class Fault(msgspec.Struct, frozen=True):
    """One wrong place of a request."""

    message: str = ""
    property: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """The body of an error."""

    message: str = ""
    details: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        faults = [f"{each.property}: {each.message}" for each in self.details[:_FAULTS_NAMED]]
        return " ".join("; ".join([self.message, *faults]).split())[:_WORDS_LENGTH]


def read_refusal(body: str | bytes | None) -> Refusal:
    """The body of an error; empty where it is none of LINE's."""
    try:
        return msgspec.json.decode(body or b"", type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal()


def refused(vendor: str, status: int, headers: Any, body: str | bytes | None) -> UpstreamError:
    """The error that an answer of 400 and above means; the words of LINE for a refusal."""
    said = read_refusal(body)
    lower = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    told = error_of(vendor, status, lower, str(said))
    if status == HTTPStatus.TOO_MANY_REQUESTS and "retry-after" not in lower:
        return Throttled(f"{vendor} answered 429.", retry_after=RATE_PAUSE_SECONDS)
    if status == HTTPStatus.BAD_REQUEST and REPLY_TOKEN in said.message.lower():
        return ReplyTokenSpent(str(told))
    if status == HTTPStatus.FORBIDDEN:
        # Of one operation that the channel's plan lacks; the token is good for the others.
        return Refused(f"{vendor} answered 403: {said}")
    return told or Refused(f"{vendor} answered {status}.")


def is_monthly_limit(status: int, body: str | bytes | None) -> bool:
    """Which of the two 429 it is."""
    is_limit = status == HTTPStatus.TOO_MANY_REQUESTS
    return is_limit and MONTHLY in read_refusal(body).message.lower()


def monthly_limit() -> MonthlyLimit:
    """The limit, met now.

    A channel's month is its country's; all of those end before UTC's. Too early would be the
    dearer mistake: the refusal would be taken for the next month's.
    """
    now = clock.now()
    years, month = divmod(now.month, 12)
    resets_at = datetime(now.year + years, month + 1, 1, tzinfo=UTC)
    return MonthlyLimit("LINE takes no more pushes this month.", resets_at=resets_at)


def classify(vendor: str, error: Exception) -> UpstreamError | None:
    """What an exception under the SDK means; None when it is none of LINE's."""
    kind = type(error).__name__
    if kind == "ApiException":
        return refused(
            vendor,
            getattr(error, "status", 0),
            getattr(error, "headers", None),
            getattr(error, "body", None),
        )
    if any(base.__name__ in _NOT_SENT for base in type(error).__mro__):
        return Transient(f"{vendor} cannot be reached ({kind}).")
    return classified(vendor, error)
