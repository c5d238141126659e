"""Limits of those who say who they are: by plan, by key, by what they ask for."""

from collections.abc import AsyncIterator

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from limiting import RUNS, calm

from forthwith.platform.db import Database


@pytest.fixture
async def member(api: httpx.AsyncClient, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a member on the basic plan."""
    await add_account(db)
    headers = {"X-API-Key": STRANGERS_KEY}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers) as client:
        yield client


@pytest.mark.slow
async def test_a_member_is_refused_beyond_the_plan_with_a_problem(
    member: httpx.AsyncClient,
) -> None:
    await calm(60, needed=15)
    answers = [await member.get(RUNS) for _ in range(101)]

    allowed, refused = answers[0], answers[-1]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert allowed.headers["ratelimit-policy"] == '"basic";q=100;w=60'
    assert allowed.headers["ratelimit"].startswith('"basic";r=99;t=')
    body = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert body["violated-policies"] == ["basic"]
    assert body["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert body["request_id"] == refused.headers["x-request-id"]
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"basic";r=0;t=')


async def test_health_and_metrics_are_never_limited(member: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/ready", "/metrics", "/api/v1/health"):
        answers = [await member.get(path) for _ in range(3)]

        assert {answer.status_code for answer in answers} == {200}
        assert all("ratelimit" not in answer.headers for answer in answers)


@pytest.mark.slow
async def test_operators_are_not_limited(api: httpx.AsyncClient) -> None:
    answers = [await api.get(RUNS) for _ in range(110)]

    assert {answer.status_code for answer in answers} == {200}


async def test_a_key_has_a_limit_of_its_own_below_the_plan(
    api: httpx.AsyncClient, member: httpx.AsyncClient
) -> None:
    await calm(60)
    wanted = {"name": "a", "scopes": ["runs:read"], "requests_per_minute": 3}
    key = (await member.post("/api/v1/api-keys", json=wanted)).json()["data"]["key"]
    async with httpx.AsyncClient(base_url=api.base_url, headers={"X-API-Key": key}) as client:
        answers = [await client.get(RUNS) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60, "basic";q=100;w=60'
    assert answers[3].json()["violated-policies"] == ["key"]


async def test_documents_are_sixty_a_minute(member: httpx.AsyncClient) -> None:
    await calm(60)
    statuses = [(await member.post("/api/v1/ocr/analyze")).status_code for _ in range(61)]

    assert 429 not in statuses[:60]
    assert statuses[60] == 429
