"""A sandbox vendor behaves as it was told, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from forthwith.sandbox import metered, serving

ASK = {"question": "abc"}


@pytest.fixture
async def vendor() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a fresh metered vendor over real HTTP."""
    async with (
        serving(metered().app()) as url,
        httpx.AsyncClient(base_url=url, headers={"Authorization": "Bearer one"}) as client,
    ):
        yield client


async def set_knobs(vendor: httpx.AsyncClient, **knobs: Any) -> httpx.Response:
    return await vendor.put("/_sandbox/knobs", json=knobs)


async def ask(vendor: httpx.AsyncClient, **options: Any) -> httpx.Response:
    return await vendor.post("/v1/answers", json=ASK, **options)


async def log(vendor: httpx.AsyncClient) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await vendor.get("/_sandbox/log")).json()
    return entries


async def test_a_well_behaved_vendor_answers_and_remembers(vendor: httpx.AsyncClient) -> None:
    """The answer, and a log entry with key, body and that the work was done."""
    answer = await ask(vendor)
    (entry,) = await log(vendor)

    assert answer.json() == {"answer": "cba", "tokens": 3, "call": 1}
    assert entry["key"] == "one"
    assert entry["outcome"] == "200"
    assert entry["worked"]
    assert "abc" in entry["body"]


async def test_a_quota_is_refused_with_its_window_and_waiting_time(
    vendor: httpx.AsyncClient,
) -> None:
    """Per key: another key is served meanwhile."""
    await set_knobs(vendor, quota={"per_minute": 2})
    statuses = [(await ask(vendor)).status_code for _ in range(3)]
    refused = await ask(vendor)
    other = await ask(vendor, headers={"Authorization": "Bearer two"})

    assert statuses == [200, 200, 429]
    assert refused.json()["error"]["window"] == "minute"
    assert 55 <= int(refused.headers["retry-after"]) <= 60
    assert other.status_code == 200


async def test_a_refused_key_stays_refused(vendor: httpx.AsyncClient) -> None:
    """401, as a vendor answers a revoked key."""
    await set_knobs(vendor, quota={"refused_keys": ["one"]})

    assert (await ask(vendor)).status_code == 401


async def test_a_key_without_quota_for_today_is_told_to_come_back_tomorrow(
    vendor: httpx.AsyncClient,
) -> None:
    await set_knobs(vendor, quota={"spent_keys": ["one"]})
    refused = await ask(vendor)

    assert refused.status_code == 429
    assert refused.json()["error"]["window"] == "day"
    assert int(refused.headers["retry-after"]) > 3600


async def test_a_minute_can_be_short(vendor: httpx.AsyncClient) -> None:
    """So that a test of quotas need not wait."""
    await set_knobs(vendor, quota={"per_minute": 1, "minute_seconds": 0.2})
    first, second = await ask(vendor), await ask(vendor)
    await asyncio.sleep(0.25)

    assert [each.status_code for each in (first, second, await ask(vendor))] == [200, 429, 200]


async def test_queued_faults_are_used_up_one_a_request(vendor: httpx.AsyncClient) -> None:
    """Then the vendor is well again."""
    faults = [{"kind": "status", "status": 503, "retry_after": 7}]
    await set_knobs(vendor, next_faults=faults)
    wrong, right = await ask(vendor), await ask(vendor)

    assert (wrong.status_code, wrong.headers["retry-after"]) == (503, "7")
    assert right.status_code == 200
    assert [entry["worked"] for entry in await log(vendor)] == [False, True]


async def test_a_fault_waits_for_the_request_that_it_strikes(vendor: httpx.AsyncClient) -> None:
    """Others pass meanwhile, and after it."""
    await set_knobs(vendor, next_faults=[{"kind": "status", "at": "POST /v1/answers"}])
    other = await vendor.get("/v1/answers")
    struck, again = await ask(vendor), await ask(vendor)

    assert [each.status_code for each in (other, struck, again)] == [405, 500, 200]


@pytest.mark.parametrize("kind", ["disconnect", "cut"])
async def test_a_dropped_connection_gives_no_answer(vendor: httpx.AsyncClient, kind: str) -> None:
    """The caller sees a broken transport, not a status."""
    await set_knobs(vendor, next_faults=[{"kind": kind}])

    with pytest.raises(httpx.RemoteProtocolError):
        await ask(vendor)


async def test_a_late_fault_hides_work_that_was_done(vendor: httpx.AsyncClient) -> None:
    """The case that doubles things: the vendor did it, the caller cannot know."""
    await set_knobs(vendor, next_faults=[{"kind": "disconnect", "after": True}])
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(vendor)
    (entry,) = await log(vendor)

    assert entry["worked"]
    assert (await ask(vendor)).json()["call"] == 2


async def test_one_request_can_ask_for_its_own_fault(vendor: httpx.AsyncClient) -> None:
    """By header, without changing the behaviour for others."""
    answer = await ask(vendor, headers={"X-Sandbox-Fault": '{"kind":"status","status":418}'})

    assert answer.status_code == 418
    assert (await ask(vendor)).status_code == 200


async def test_a_seed_makes_faults_repeatable(vendor: httpx.AsyncClient) -> None:
    """Two runs with one seed go wrong at the same requests."""
    outcomes = []
    for _ in range(2):
        await set_knobs(vendor, faults=[{"kind": "status", "status": 500}], fault_rate=0.5, seed=7)
        outcomes.append([(await ask(vendor)).status_code for _ in range(12)])

    assert outcomes[0] == outcomes[1]
    assert set(outcomes[0]) == {200, 500}


@pytest.mark.parametrize(
    "knobs", [{"fault_rate": 2}, {"latency": {"p50": -1}}, {"unknown": 1}, {"quota": 3}]
)
async def test_wrong_knobs_are_refused(vendor: httpx.AsyncClient, knobs: dict[str, Any]) -> None:
    """With what is wrong, and the old behaviour kept."""
    answer = await set_knobs(vendor, **knobs)

    assert answer.status_code == 422
    assert (await ask(vendor)).status_code == 200
