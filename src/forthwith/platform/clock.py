"""Time, in one place, so that a test can move it."""

import time
from datetime import UTC, datetime
from typing import Final


def now() -> datetime:
    """The current time, aware and in UTC."""
    return datetime.now(UTC)


monotonic: Final = time.monotonic
"""Seconds of a clock that never jumps; only differences mean something."""
