"""What vendors tell in headers: how long to wait, and how much of a limit is left.

Retry-After: RFC 9110, 10.2.3. RateLimit-Remaining and -Reset: the IETF draft
"RateLimit header fields for HTTP" up to version 7, and the x-ratelimit-* names of OpenAI
(resets as `6m0s`), Anthropic (as moments) and GitHub (as seconds since 1970).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import Dimension

_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")
_SPAN_SECONDS: Final = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)
_SINCE_1970: Final = 1e9  # a greater number is a moment, not a span
_NAMES: Final = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", Dimension.REQUESTS),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", Dimension.TOKENS),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
        Dimension.REQUESTS,
    ),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", Dimension.TOKENS),
    ("ratelimit-remaining", "ratelimit-reset", Dimension.REQUESTS),
    ("x-ratelimit-remaining", "x-ratelimit-reset", Dimension.REQUESTS),
)


class Left(NamedTuple):
    """So much of a limit is left, all of it again in so many seconds."""

    dimension: Dimension
    remaining: float
    resets_in: float


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that Retry-After asks for (`retry-after-ms` where there is one), or None."""
    in_ms = _number(headers.get("retry-after-ms", ""))
    if in_ms is not None:
        return max(0.0, in_ms / 1000)
    told = headers.get("retry-after", "")
    seconds = _number(told)
    if seconds is None and told:
        moment = _http_date(told)
        seconds = None if moment is None else (moment - clock.now()).total_seconds()
    return None if seconds is None else max(0.0, seconds)


def left_of(headers: Mapping[str, str]) -> Iterator[Left]:
    """Every limit that these headers tell of."""
    for remaining_name, reset_name, dimension in _NAMES:
        remaining = _number(headers.get(remaining_name, ""))
        resets_in = _seconds(headers.get(reset_name, ""))
        if remaining is not None and resets_in is not None:
            yield Left(dimension, remaining, resets_in)


def _seconds(text: str) -> float | None:
    """A span or a moment in any of the usual forms, as seconds from now; None if unreadable."""
    number = _number(text)
    if number is not None:
        wait = number - clock.now().timestamp() if number > _SINCE_1970 else number
        return max(0.0, wait)
    span = _SPAN.fullmatch(text)
    if span is not None and any(span.groups()):
        parts = zip(span.groups(), _SPAN_SECONDS, strict=True)
        return sum(float(part) * seconds for part, seconds in parts if part)
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - clock.now()).total_seconds())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
