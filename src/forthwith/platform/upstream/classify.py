"""One place that says what a vendor's answer, or an SDK's exception, means to us.

Works on what all HTTP clients share (a status, headers, a cause), so that no SDK is imported.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec

from forthwith.platform import clock
from forthwith.platform.errors import (
    Exhausted,
    ForthwithError,
    KeyRejected,
    Refused,
    Transient,
    UpstreamError,
)
from forthwith.platform.upstream.errors import Throttled, Unanswered
from forthwith.platform.upstream.rate_headers import retry_after

PAUSE_SECONDS: Final = 5.0
"""How long a key cools when a 429 does not say."""
_DAILY_SECONDS: Final = 3_600.0
"""Who has to wait for longer than this is out of quota, not early."""
_LEAST_PAUSE_SECONDS: Final = 0.2
_MOST_CAUSES: Final = 8
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_NOT_SENT: Final = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})  # of httpx
_OURS: Final = frozenset({"LocalProtocolError", "UnsupportedProtocol", "InvalidURL"})
_CLIENTS: Final = (
    ("httpx", "TransportError"),
    ("httpx2", "TransportError"),
    ("aiohttp", "ClientError"),
)


def error_of(
    vendor: str, status: int, headers: Mapping[str, str], detail: str = ""
) -> UpstreamError | None:
    """What an HTTP answer means; None below 400.

    `detail` is told to people with a refusal: the vendor's own words, at most a line.
    """
    if status < HTTPStatus.BAD_REQUEST:
        return None
    said = f"{vendor} answered {status}"
    wait = retry_after(headers)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return KeyRejected(f"{said}: the key was rejected.")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return _exhausted(said, wait or _DAILY_SECONDS)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _throttled(said, wait)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return Transient(f"{said}.", retry_after=wait)
    return Refused(f"{said}: {detail}" if detail else f"{said}.")


def _throttled(said: str, wait: float | None) -> UpstreamError:
    if wait is not None and wait > _DAILY_SECONDS:
        return _exhausted(said, wait)
    seconds = PAUSE_SECONDS if wait is None else max(wait, _LEAST_PAUSE_SECONDS)
    return Throttled(f"{said}.", retry_after=seconds)


def _exhausted(said: str, wait: float) -> Exhausted:
    resets_at = clock.now() + timedelta(seconds=wait)
    return Exhausted(f"{said}: out of quota.", resets_at=resets_at)


def classified(vendor: str, error: Exception) -> UpstreamError | None:
    """What an exception of an HTTP client or SDK means; None when it is none of theirs.

    An answer that cannot be read is the vendor's failure too.
    """
    if isinstance(error, UpstreamError):
        return error
    if isinstance(error, ForthwithError):
        return None
    for cause in _causes(error):
        status = _status(cause)
        if status is not None:
            return error_of(vendor, status, _headers(cause), _line(str(cause)))
        if isinstance(cause, _transport_errors()) and not _is_ours(cause):
            return _broken(vendor, cause)
    return (
        Unanswered(f"{vendor} sent an answer that cannot be read.") if _is_of_text(error) else None
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    cause: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if cause is None:
            return
        yield cause
        context = None if cause.__suppress_context__ else cause.__context__
        cause = cause.__cause__ or context


def _status(error: BaseException) -> int | None:
    """The HTTP status that an SDK's error carries, under any of its usual names."""
    response = getattr(error, "response", None)
    places = ((response, "status_code"), (error, "status_code"), (error, "status"), (error, "code"))
    for place, name in places:
        status = getattr(place, name, None)
        if isinstance(status, int) and HTTPStatus.BAD_REQUEST <= status < 600:  # noqa: PLR2004 - the end of HTTP's statuses
            return status
    return None


def _headers(error: BaseException) -> Mapping[str, str]:
    for place in (getattr(error, "response", None), error):
        headers = getattr(place, "headers", None)
        if headers:
            return {str(name).lower(): str(value) for name, value in headers.items()}
    return {}


def _transport_errors() -> tuple[type[BaseException], ...]:
    """Of the clients that are loaded: what was not imported cannot have raised."""
    loaded: list[Any] = [
        getattr(sys.modules[module], name) for module, name in _CLIENTS if module in sys.modules
    ]
    return (OSError, TimeoutError, *loaded)


def _is_ours(error: BaseException) -> bool:
    """About a file of ours, or a request that cannot be made."""
    is_of_file = isinstance(error, OSError) and error.filename is not None
    return is_of_file or type(error).__name__ in _OURS


def _broken(vendor: str, error: BaseException) -> UpstreamError:
    kind = type(error).__name__
    if kind in _NOT_SENT or isinstance(error, ConnectionRefusedError):
        return Transient(f"{vendor} cannot be reached ({kind}).")
    return Unanswered(f"{vendor} did not answer ({kind}).")


def _is_of_text(error: Exception) -> bool:
    """JSON that cannot be read, by msgspec or by any client's own decoder."""
    of_msgspec = isinstance(error, msgspec.DecodeError | msgspec.ValidationError)
    return of_msgspec or type(error).__name__ in {"JSONDecodeError", "UnicodeDecodeError"}


def _line(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text.split())[:200]
