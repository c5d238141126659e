"""What a call is told that does not get its budget, or not in time; each is counted."""

from datetime import timedelta
from math import inf

from forthwith.platform import clock
from forthwith.platform.errors import Exhausted, KeyRejected, TooMany, Unavailable
from forthwith.platform.upstream.budgets import counters
from forthwith.platform.upstream.budgets.accounts import Blocked, Obstacle


def verdict(vendor: str, blocked: Blocked, deadline: float | None) -> Exception | None:
    """Why waiting on is of no use, if so; `deadline` is a moment of `clock.monotonic()`."""
    if blocked.obstacle is Obstacle.RETIRED:
        return refusal(vendor, blocked.obstacle, inf)
    if deadline is not None and clock.monotonic() + blocked.seconds <= deadline:
        return None
    if blocked.obstacle is not Obstacle.OUT and (deadline is None or blocked.by_slots):
        return None
    return refusal(vendor, blocked.obstacle, blocked.seconds)


def refusal(vendor: str, obstacle: Obstacle, starts_in: float) -> Exception:
    """What to tell a call that cannot start, or only in so many seconds."""
    if obstacle is Obstacle.RETIRED:
        counters.turned_away.labels(vendor, "keys").inc()
        return KeyRejected(f"{vendor} rejected every key; set a new one, or reset it.")
    if obstacle is Obstacle.OUT and starts_in < inf:
        counters.turned_away.labels(vendor, "quota").inc()
        resets_at = clock.now() + timedelta(seconds=starts_in)
        return Exhausted(f"The quota of {vendor} is used up.", resets_at=resets_at)
    return too_late(vendor, starts_in)


def too_late(vendor: str, starts_in: float) -> TooMany:
    """For a call that could start in so many seconds, beyond its deadline."""
    counters.turned_away.labels(vendor, "deadline").inc()
    return TooMany(
        f"The limits of {vendor} do not let this call start in time;"
        " try again when Retry-After says.",
        retry_after=_finite(starts_in),
    )


def line_is_full(vendor: str, starts_in: float) -> Unavailable:
    """For a call that may not even wait."""
    counters.turned_away.labels(vendor, "queue").inc()
    return Unavailable(
        f"Too many calls wait for {vendor}; try again when Retry-After says.",
        retry_after=_finite(starts_in),
    )


def _finite(seconds: float) -> float | None:
    """Seconds for Retry-After; none when only a person can help."""
    return None if seconds == inf else max(0.0, seconds)
