"""pgqueuer's statements, as this adapter changes them."""

import re

from forthwith.platform.jobs.engine.adapter import SETTINGS
from forthwith.platform.jobs.engine.queries import HeldQueueBuilder

MINE = "queue_manager_id = 'me'"


def _builder() -> HeldQueueBuilder:
    builder = HeldQueueBuilder(SETTINGS)
    builder.manager_id = "me"  # type: ignore[assignment]
    return builder


def _changed_rows(sql: str) -> list[str]:
    """The WHERE clause of each UPDATE and DELETE of queue rows."""
    changes = re.findall(
        r"(?:UPDATE|DELETE FROM) pgqueuer\.pgqueuer\s.*?WHERE(.*?)(?:RETURNING|$)", sql, re.DOTALL
    )
    assert changes
    return changes


def test_a_completion_touches_only_tickets_that_this_worker_holds() -> None:
    changes = _changed_rows(_builder().build_log_job_query())

    assert len(changes) == 2
    assert all(MINE in where for where in changes)


def test_a_heartbeat_touches_only_tickets_that_this_worker_holds() -> None:
    (where,) = _changed_rows(_builder().build_update_heartbeat_query())

    assert MINE in where


def test_a_retry_touches_only_tickets_that_this_worker_holds() -> None:
    (where,) = _changed_rows(_builder().build_retry_job_query())

    assert MINE in where
