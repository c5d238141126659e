"""Limits of those who send no credentials, and of signing in: by address."""

import httpx
import pytest
from limiting import LOGIN, RUNS, calm, limited
from support import API_KEY, serving

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime


async def test_who_sends_no_credentials_is_limited_by_address(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await calm(60)
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="10")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
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
    await calm(60)
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="2")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        polls = [(await client.get(order)).status_code for _ in range(61)]
        placed = [(await client.post("/api/v1/orders/quick")).status_code for _ in range(3)]

    assert polls == [404] * 60 + [429]
    assert placed == [415, 415, 429]


async def test_a_key_is_no_licence_to_guess_passwords(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await calm(60)
    headers = {"X-API-Key": API_KEY}
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="10")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        answers = [await client.post(LOGIN, json={}, headers=headers) for _ in range(3)]

    assert answers[2].status_code == 429
    assert answers[2].json()["violated-policies"] == ["sign-in"]


async def test_an_hour_has_a_limit_too(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    await calm(3600)
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_HOUR="4")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        answers = [await client.get(RUNS) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 4 + [429]
    assert answers[4].json()["violated-policies"] == ["address-hour"]


async def test_a_webhook_is_not_limited_by_the_address_of_its_sender(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="1")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        statuses = [(await client.post("/api/v1/cards/line/webhook")).status_code for _ in range(5)]

    assert 429 not in statuses


@pytest.mark.parametrize("path", ["/api/v1/nothing/webhook", "/api/v1/cards/callback", "/callback"])
async def test_what_is_only_called_like_a_webhook_is_limited(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Webhooks are posted; whoever reads at such a path has no signature to show."""
    await calm(60)
    one = limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="1")
    async with serving(one) as url, httpx.AsyncClient(base_url=url) as client:
        statuses = [(await client.get(path)).status_code for _ in range(2)]

    assert statuses[1] == 429


async def test_behind_a_trusted_proxy_each_caller_is_counted_apart(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await calm(60)
    callers = ["203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:1::1"]
    names = {"RATE_LIMIT_PER_MINUTE": "1", "TRUSTED_PROXIES": "127.0.0.0/8"}
    async with (
        serving(limited(runtime, monkeypatch, **names)) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        statuses = [
            (await client.get(RUNS, headers={"X-Forwarded-For": f"9.9.9.9, {caller}"})).status_code
            for caller in callers
        ]

    assert statuses == [401, 401, 401, 429, 401]


async def test_nobody_else_is_believed_about_an_address(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await calm(60)
    async with (
        serving(limited(runtime, monkeypatch, RATE_LIMIT_PER_MINUTE="1")) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
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
