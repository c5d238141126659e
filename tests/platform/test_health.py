import asyncio

import httpx
import pytest
from cable import cable_to
from sqlalchemy import text
from support import API_KEY, serving

from forthwith import registry
from forthwith.platform import metrics
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.runtime import open_runtime

NAMES = [
    "http_requests_total",
    "http_request_duration_seconds",
    "runs_total",
    "run_duration_seconds",
    "run_wait_seconds",
    "queue_waiting_jobs",
    "ocr_requests_total",
    "ocr_errors_total",
    "ocr_latency_seconds",
    "sse_open_streams",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
]


async def test_a_process_that_answers_is_alive(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/live")

    assert answer.status_code == 200
    assert answer.json()["status"] == "alive"
    assert answer.json().keys() == {"status", "timestamp"}


async def test_a_process_whose_database_answers_is_ready(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("path", ["/health", "/api/v1/health"])
async def test_health_names_each_part_and_needs_no_key(api: httpx.AsyncClient, path: str) -> None:
    async with httpx.AsyncClient(base_url=api.base_url) as stranger:
        answer = await stranger.get(path)

    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy"
    assert answer.json()["services"] == {
        "database": "healthy",
        "redis": "not_configured",
        "jobs": "healthy",
    }


async def test_a_part_that_hangs_is_unhealthy_within_seconds(
    api: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        await session.execute(text("lock table platform.runs in access exclusive mode"))
        async with asyncio.timeout(10):
            answer = await api.get("/health")

    assert answer.status_code == 503
    assert answer.json()["services"]["jobs"] == "unhealthy"
    assert answer.json()["services"]["database"] == "healthy"


async def test_while_the_database_is_away_every_route_says_so_and_then_works_again(
    dsn: str, db: Database, settings: PlatformSettings
) -> None:
    """503 with Retry-After, never 500; alive, but neither healthy nor ready."""
    await ensure_operator(db, API_KEY)
    jobs, schedules = registry.jobs(registry.APPS), registry.schedules(registry.APPS)
    async with (
        cable_to(dsn) as cable,
        open_runtime(settings, cable.dsn, jobs, schedules) as runtime,
        serving(runtime) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30) as client,
    ):
        await client.get("/api/v1/cards")
        await cable.cut()
        cards = [await client.get("/api/v1/cards") for _ in range(3)]
        probes = {path: await client.get(f"/health{path}") for path in ("", "/ready", "/live")}
        await cable.mend()
        again = await client.get("/api/v1/cards")

    for answer in cards:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["error"]["code"] == "UNAVAILABLE"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert {path: answer.status_code for path, answer in probes.items()} == {
        "": 503,
        "/ready": 503,
        "/live": 200,
    }
    assert again.status_code == 200


async def test_metrics_have_the_names_of_the_contract(api: httpx.AsyncClient) -> None:
    await api.get("/api/v1/cards")
    answer = await api.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert [name for name in NAMES if f"\n# TYPE {name} " not in f"\n{answer.text}"] == []


async def test_requests_are_counted_by_the_pattern_of_their_route(api: httpx.AsyncClient) -> None:
    """Ids in labels would make a new series for each request."""
    await api.get("/api/v1/cards/01890000-0000-7000-8000-000000000000")
    await api.get("/no/such/page")
    text = (await api.get("/metrics")).text

    assert 'method="GET",route="/cards/{card_id}",status="404"' in text
    assert 'method="GET",route="unmatched",status="404"' in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_metrics_are_closed_to_whoever_comes_through_a_proxy_without_key(
    api: httpx.AsyncClient, header: str
) -> None:
    async with httpx.AsyncClient(base_url=api.base_url) as stranger:
        through_proxy = await stranger.get("/metrics", headers={header: "203.0.113.7"})
    with_key = await api.get("/metrics", headers={header: "203.0.113.7"})

    assert through_proxy.status_code == 401
    assert with_key.status_code == 200


def test_the_exposition_is_prometheus_text() -> None:
    text, content_type = metrics.exposition()

    assert text.startswith(b"# HELP")
    assert content_type.startswith("text/plain")
