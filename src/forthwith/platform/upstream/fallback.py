"""Providers in order: the next one answers where one cannot."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Generic, NamedTuple, TypeVar

from forthwith.platform import logging
from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    TooMany,
    Transient,
    Unavailable,
)
from forthwith.platform.upstream import counters

log = logging.get(__name__)
T = TypeVar("T")

PASSED_ON: Final = (Transient, TooMany, Unavailable, Exhausted, KeyRejected)
"""What another provider may make good; a refusal is an answer."""


class Answered(NamedTuple, Generic[T]):
    """An answer and who gave it."""

    provider: str
    value: T


async def first_of(providers: Mapping[str, Callable[[], Awaitable[T]]]) -> Answered[T]:
    """What the first provider answers that can; the others are asked in order.

    When none can, raises the error that passes soonest: of one that is busy, else of the one
    whose quota comes back first.
    """
    errors: list[Exception] = []
    for provider, ask in providers.items():
        try:
            return Answered(provider, await ask())
        except PASSED_ON as error:
            errors.append(error)
            counters.fallbacks.labels(provider, type(error).__name__).inc()
            log.warning("provider_passed_on", provider=provider, error=type(error).__name__)
    if not errors:
        raise ValueError("name at least one provider")
    raise min(errors, key=_patience)


def _patience(error: Exception) -> tuple[int, float]:
    """How long to wait until asking again may help; least first."""
    if isinstance(error, Transient | TooMany | Unavailable):
        return 0, error.retry_after or 0.0
    resets_at = (
        error.resets_at if isinstance(error, Exhausted) else datetime.max.replace(tzinfo=UTC)
    )
    return 1, resets_at.timestamp()
