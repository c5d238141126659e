"""Who is there, as the metrics say it."""

from uuid import uuid4

import httpx
import pytest

from forthwith.platform import activity, clock
from forthwith.platform.activity import WINDOW_SECONDS, Activity


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moments = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: moments[-1])
    return moments


def test_an_owner_counts_once_and_only_while_they_are_there(passed: list[float]) -> None:
    found, ann, ben = Activity(), uuid4(), uuid4()
    for owner in (ann, ben, ann):
        found.note(owner)
        passed.append(passed[-1] + WINDOW_SECONDS / 2)

    assert found.count() == 1
    passed.append(passed[-1] + WINDOW_SECONDS)
    assert found.count() == 0


def test_a_process_that_nobody_scrapes_keeps_no_more_than_are_there(passed: list[float]) -> None:
    found = Activity()
    for _ in range(100):
        found.note(uuid4())
        passed.append(passed[-1] + WINDOW_SECONDS / 10)

    assert found.count() <= 10


async def test_who_asks_with_a_key_is_counted_and_strangers_are_not(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Activity()
    monkeypatch.setattr(activity, "present", found)
    await api.get("/api/v1/runs", headers={"X-API-Key": "fw_nobody"})

    assert found.count() == 0
    await api.get("/api/v1/runs")

    assert found.count() == 1
    assert "\nactive_users " in (await api.get("/metrics")).text
