"""What pydantic-ai's exceptions mean to us.

It tells kinds of one status apart (a minute's 429 from a day's); here each becomes one error of
our tree. Nothing of a body is repeated: it may hold what was asked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from forthwith.platform import clock
from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    Refused,
    Transient,
    UpstreamError,
)
from forthwith.platform.upstream import Throttled, Unanswered, classified
from forthwith.platform.upstream.classify import PAUSE_SECONDS, error_of

GOOGLE_DAY: Final = ZoneInfo("America/Los_Angeles")
"""Where daily quotas come back at midnight (ai.google.dev/gemini-api/docs/rate-limits)."""
_UNPAID_SECONDS: Final = 3_600.0
"""When to try again where a person has to pay first."""
_NOT_SENT: Final = frozenset({"pool", "connect"})


def classify(vendor: str, error: Exception) -> UpstreamError | None:
    """What an exception of pydantic-ai means; None when it is not the vendor's doing."""
    kinds = {each.__name__ for each in type(error).__mro__}
    for kind, means in _MEANINGS.items():
        if kind in kinds:
            return means(vendor, error)
    return classified(vendor, error)


def next_midnight(zone: ZoneInfo) -> datetime:
    """When the present day of a zone ends."""
    tomorrow = clock.now().astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def _out_of_quota(vendor: str, error: Any) -> UpstreamError:
    of_google = error.provider_error_code == "RESOURCE_EXHAUSTED"
    resets_at = (
        next_midnight(GOOGLE_DAY) if of_google else clock.now() + timedelta(seconds=_UNPAID_SECONDS)
    )
    return Exhausted(f"{vendor}: the key is out of quota.", resets_at=resets_at)


def _throttled(vendor: str, error: Any) -> UpstreamError:
    seconds = PAUSE_SECONDS if error.retry_after is None else error.retry_after
    if seconds > _UNPAID_SECONDS:
        resets_at = clock.now() + timedelta(seconds=seconds)
        return Exhausted(f"{vendor}: the key is out of quota.", resets_at=resets_at)
    return Throttled(f"{vendor}: too many requests a minute.", retry_after=seconds)


def _rejected(vendor: str, error: Any) -> UpstreamError:
    return KeyRejected(f"{vendor}: the key was rejected ({_code(error)}).")


def _refused(vendor: str, error: Any) -> UpstreamError:
    return Refused(f"{vendor} refused the request ({_code(error)}).")


def _ill(vendor: str, error: Any) -> UpstreamError:
    return Transient(f"{vendor} is ill ({_code(error)}).", retry_after=error.retry_after)


def _broken(vendor: str, error: Any) -> UpstreamError:
    if error.phase in _NOT_SENT:
        return Transient(f"{vendor} cannot be reached.")
    return Unanswered(f"{vendor} did not answer.")


def _other_status(vendor: str, error: Any) -> UpstreamError | None:
    return error_of(vendor, error.status_code, error.headers or {})


def _unreadable(vendor: str, _: Any) -> UpstreamError:
    return Unanswered(f"{vendor} sent an answer that cannot be read.")


def _code(error: Any) -> str:
    """The vendor's word for it, which is one of few; else the status."""
    return str(error.provider_error_code or getattr(error, "status_code", None) or "no code")


_MEANINGS: Final[Mapping[str, Callable[[str, Any], UpstreamError | None]]] = MappingProxyType(
    {
        "ModelQuotaExceededError": _out_of_quota,
        "ModelRateLimitError": _throttled,
        "ModelAuthenticationError": _rejected,
        "ModelRequestRejectedError": _refused,
        "ModelUnavailableError": _ill,
        "ModelServerError": _ill,
        "ModelConnectionError": _broken,
        "ModelHTTPError": _other_status,
        "UnexpectedModelBehavior": _unreadable,
        "ModelAPIError": _unreadable,
    }
)
"""The first kind that fits counts; what comes first is the more special one."""
