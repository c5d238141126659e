"""Time, in one place, so that a test can move it."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware and in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never jumps; only differences mean something."""
    return time.monotonic()
