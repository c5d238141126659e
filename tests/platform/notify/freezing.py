"""A clock that stands still at a moment of the test's choice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from forthwith.platform import clock


@contextmanager
def frozen(
    monkeypatch: pytest.MonkeyPatch, at: datetime | None = None, **later: float
) -> Iterator[None]:
    """Let it be this moment (or so much later than now) inside the block."""
    moment = at or datetime.now(UTC) + timedelta(**later)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        yield
