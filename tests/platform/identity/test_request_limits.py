"""Requests beyond a limit are refused, in one process and over a fleet."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from cable import cable_to
from redis_server import redis_server_in
from support import API_KEY, ENCRYPTION_KEY, JWT_SECRET, serving

from forthwith.platform import clock
from forthwith.platform.config import RequestSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, opened
from forthwith.platform.identity import shared_counts
from forthwith.platform.identity.redis_counts import RedisStore
from forthwith.platform.identity.shared_counts import DatabaseStore, SharedCounts, Taken
from forthwith.platform.identity.windows import Limit, MemoryCounts, RequestCounts
from forthwith.platform.jobs.worker import housekeep
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream.redis_link import RedisLink

RUNS = "/api/v1/runs"
LOGIN = "/api/v1/auth/login"
MINUTE = Limit("basic", 100)


@pytest.fixture(params=["memory", "database", "redis"])
async def counts(
    request: pytest.FixtureRequest, db: Database, codec: Codec, tmp_path: Path
) -> AsyncIterator[RequestCounts]:
    """Counts of every kind."""
    if request.param == "memory":
        yield MemoryCounts()
    elif request.param == "database":
        yield SharedCounts(DatabaseStore(db), codec)
    else:
        with redis_server_in(tmp_path) as server:
            link = RedisLink(server.url)
            yield SharedCounts(RedisStore(link), codec)
            await link.close()


async def _hits(counts: RequestCounts, limit: Limit, subject: str, times: int) -> int:
    standings = await asyncio.gather(*(counts.hit(limit, subject) for _ in range(times)))
    return sum(standing.allowed for standing in standings)


async def _calm(seconds: int, needed: float = 4.0) -> None:
    """Wait for a period that will not end in the middle of the test."""
    left = seconds - time.time() % seconds
    if left < needed:
        await asyncio.sleep(left + 0.1)


async def test_exactly_as_many_are_allowed_as_the_limit_says(counts: RequestCounts) -> None:
    await _calm(60)

    assert await _hits(counts, MINUTE, "one", 150) == 100


async def test_subjects_and_limits_are_counted_apart(counts: RequestCounts) -> None:
    await _calm(60)
    for limit in (MINUTE, Limit("documents", 10), Limit("basic", 3)):
        for subject in ("one", "two"):
            assert await _hits(counts, limit, subject, 120) == limit.requests


async def test_who_was_refused_is_told_when_to_return_and_then_let_in(
    counts: RequestCounts,
) -> None:
    limit = Limit("short", 5, 2)
    await _hits(counts, limit, "one", 10)
    refused = await counts.hit(limit, "one")

    await asyncio.sleep(refused.resets_in + 0.45)
    allowed = [await counts.hit(limit, "one") for _ in range(3)]

    assert not refused.allowed
    assert 0 < refused.resets_in <= 2
    assert any(standing.allowed for standing in allowed)


async def test_what_is_left_is_told(counts: RequestCounts) -> None:
    await _calm(60)
    first, second = await counts.hit(MINUTE, "one"), await counts.hit(MINUTE, "one")

    assert (first.remaining, second.remaining) == (99, 98)
    assert 0 < second.resets_in <= 60


def test_no_two_windows_ever_hold_more_than_the_limit_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sliding: at any moment, what was let in during the last minute is bounded."""
    now, source = 1000.0, random.Random(7)  # noqa: S311 - arrivals
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    counts, limit, let_in = MemoryCounts(), Limit("minute", 20), []
    for _ in range(4000):
        now += source.expovariate(1.0)
        if asyncio.run(counts.hit(limit, "one")).allowed:
            let_in.append(now)
        last_minute = sum(moment > now - 60 for moment in let_in)
        assert last_minute <= 2 * limit.requests

    assert len(let_in) / ((now - 1000) / 60) == pytest.approx(20, rel=0.1)


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
    await _calm(60, needed=15)
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
    await _calm(60)
    wanted = {"name": "a", "scopes": ["runs:read"], "requests_per_minute": 3}
    key = (await member.post("/api/v1/api-keys", json=wanted)).json()["data"]["key"]
    async with httpx.AsyncClient(base_url=api.base_url, headers={"X-API-Key": key}) as client:
        answers = [await client.get(RUNS) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60, "basic";q=100;w=60'
    assert answers[3].json()["violated-policies"] == ["key"]


async def test_documents_are_sixty_a_minute(member: httpx.AsyncClient) -> None:
    await _calm(60)
    statuses = [(await member.post("/api/v1/ocr/analyze")).status_code for _ in range(61)]

    assert 429 not in statuses[:60]
    assert statuses[60] == 429


@contextmanager
def _limited(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, **names: str) -> Iterator[Runtime]:
    """The same process under other settings of requests."""
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    settings = runtime.settings.model_copy(update={"requests": RequestSettings()})
    yield replace(runtime, settings=settings)


async def test_who_sends_no_credentials_is_limited_by_address(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _calm(60)
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="10") as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            logins = [(await client.post(LOGIN, json={})).status_code for _ in range(4)]
            others = [(await client.get(RUNS)).status_code for _ in range(9)]

    assert 429 not in logins[:2]
    assert logins[2:] == [429, 429]
    assert others == [401] * 8 + [429]


async def test_guests_of_a_shop_follow_their_orders_from_one_address(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty times what one stranger may ask; ordering itself is counted as anything is."""
    order = "/api/v1/orders/status/AAAAAAAAAAAAAAAAAAAAAA"
    await _calm(60)
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="2") as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            polls = [(await client.get(order)).status_code for _ in range(61)]
            placed = [(await client.post("/api/v1/orders/quick")).status_code for _ in range(3)]

    assert polls == [404] * 60 + [429]
    assert placed == [415, 415, 429]


async def test_a_key_is_no_licence_to_guess_passwords(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _calm(60)
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="10") as limited:
        headers = {"X-API-Key": API_KEY}
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            answers = [await client.post(LOGIN, json={}, headers=headers) for _ in range(3)]

    assert answers[2].status_code == 429
    assert answers[2].json()["violated-policies"] == ["sign-in"]


async def test_an_hour_has_a_limit_too(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    await _calm(3600)
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_HOUR="4") as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            answers = [await client.get(RUNS) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 4 + [429]
    assert answers[4].json()["violated-policies"] == ["address-hour"]


async def test_a_webhook_is_not_limited_by_the_address_of_its_sender(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="1") as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            statuses = [
                (await client.post("/api/v1/cards/line/webhook")).status_code for _ in range(5)
            ]

    assert 429 not in statuses


async def test_behind_a_trusted_proxy_each_caller_is_counted_apart(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _calm(60)
    callers = ["203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:1::1"]
    names = {"RATE_LIMIT_PER_MINUTE": "1", "TRUSTED_PROXIES": "127.0.0.0/8"}
    with _limited(runtime, monkeypatch, **names) as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            statuses = [
                (
                    await client.get(RUNS, headers={"X-Forwarded-For": f"9.9.9.9, {caller}"})
                ).status_code
                for caller in callers
            ]

    assert statuses == [401, 401, 401, 429, 401]


async def test_nobody_else_is_believed_about_an_address(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _calm(60)
    with _limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="1") as limited:
        async with serving(limited) as url, httpx.AsyncClient(base_url=url) as client:
            statuses = [
                (await client.get(RUNS, headers={name: value})).status_code
                for name, value in (
                    ("X-Forwarded-For", "203.0.113.7"),
                    ("X-Forwarded-For", "203.0.113.8"),
                    ("Forwarded", "for=203.0.113.9"),
                )
            ]

    assert statuses == [401, 429, 429]


async def test_no_address_is_kept_as_text(
    db: Database, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(runtime) as url, httpx.AsyncClient(base_url=url) as client:
        await client.get(RUNS)
    rows = await db.fetch(
        "select convert_from(subject, 'latin1') as subject from platform.request_counts"
    )

    assert rows
    assert not any("127" in row["subject"] for row in rows)


@contextmanager
def _processes(dsn: str, home: Path, count: int, **environment: str) -> Iterator[list[str]]:
    """URLs of API processes over one database."""
    script = Path(__file__).with_name("limited_process.py")
    given = {
        **os.environ,
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "FORTHWITH_HOME": str(home),
        **environment,
    }
    processes = [
        subprocess.Popen(
            [sys.executable, str(script)], env=given, stdout=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]
    try:
        yield [f"http://127.0.0.1:{_port(process)}" for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().isdigit():
            return int(line)
    raise AssertionError("it ended without a port")


async def _send(urls: list[str], key: str, requests: int, shares: list[float]) -> list[int]:
    """Statuses of requests, spread over the processes by these shares."""
    source = random.Random(11)  # noqa: S311 - who is asked
    targets = source.choices(urls, shares, k=requests)
    found: list[int] = []
    async with httpx.AsyncClient(headers={"X-API-Key": key}, timeout=30) as client:

        async def send(url: str) -> int:
            return (await client.get(url + RUNS)).status_code

        for start in range(0, requests, 20):
            batch = targets[start : start + 20]
            found += await asyncio.gather(*(send(url) for url in batch))
    return found


@pytest.mark.slow
@pytest.mark.timeout(180)  # three processes start, and wait for a fresh minute
async def test_three_processes_on_one_database_keep_a_limit_to_five_percent(
    db: Database, dsn: str, tmp_path: Path
) -> None:
    """However unevenly the requests come: evenly first, then most of them to one process."""
    with _processes(dsn, tmp_path, 3) as urls:
        for shares in ([1.0, 1.0, 1.0], [20.0, 1.0, 1.0]):
            key = f"fw_test-key-{shares[0]}"
            await add_account(db, key)
            await _calm(60, needed=15)
            statuses = await _send(urls, key, 160, shares)

            assert set(statuses) <= {200, 429}
            assert 95 <= statuses.count(200) <= 100


class Asked(DatabaseStore):
    """The real one, that counts how often it is asked."""

    times = 0

    async def take(self, limit: Limit, subject: bytes, wanted: int) -> Taken:
        """Count one more."""
        self.times += 1
        return await super().take(limit, subject, wanted)


async def test_most_requests_ask_nobody(db: Database, codec: Codec) -> None:
    store = Asked(db)
    counts = SharedCounts(store, codec)
    await _calm(60)

    await _hits(counts, Limit("enterprise", 2000), "one", 1000)

    assert store.times <= 33


async def test_a_flood_of_addresses_makes_no_account_lose_its_slice(
    db: Database, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "MOST", 10)
    store = Asked(db)
    counts, account = SharedCounts(store, codec), Limit("enterprise", 2000)
    await _calm(60)
    await counts.hit(account, "one")
    for number in range(30):
        await counts.hit(Limit("address", 100), f"203.0.113.{number}")
    asked = store.times

    await _hits(counts, account, "one", 20)

    assert store.times == asked


async def test_while_the_shared_counts_are_away_each_process_counts_for_itself(
    dsn: str, db: Database, codec: Codec
) -> None:
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as far:
        counts = SharedCounts(DatabaseStore(far), codec)
        await counts.hit(MINUTE, "one")
        await cable.cut()
        away = await _hits(counts, MINUTE, "two", 150)

    assert away == 100


async def test_counts_that_are_over_are_deleted(db: Database, codec: Codec) -> None:
    await SharedCounts(DatabaseStore(db), codec).hit(MINUTE, "one")
    await db.execute("update platform.request_counts set expires_at = now()")

    await housekeep(db)

    assert await db.fetch("select from platform.request_counts") == []
