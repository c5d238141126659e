"""Security headers, other origins, cookies."""

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, Response
from support import API_KEY, serving

from forthwith.platform.config import RequestSettings
from forthwith.platform.http.cookies import CsrfGuard, cookie_name, set_cookie
from forthwith.platform.runtime import Runtime

RUNS = "/api/v1/runs"
SHOP = "https://shop.example"


async def test_every_answer_is_closed_to_what_browsers_might_do_with_it(
    api: httpx.AsyncClient,
) -> None:
    """Also errors: a problem is as good a target as an answer."""
    for path in (RUNS, "/nowhere", "/health/live", "/api/v1/cards/not-a-uuid"):
        found = (await api.get(path)).headers

        assert found["content-security-policy"].startswith("default-src 'none'; base-uri 'none'")
        assert "frame-ancestors 'none'" in found["content-security-policy"]
        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"
        assert found["referrer-policy"] == "no-referrer"
        assert found["cross-origin-opener-policy"] == "same-origin"


async def test_personal_answers_are_kept_by_no_cache_unless_they_say_how(
    api: httpx.AsyncClient,
) -> None:
    assert (await api.get(RUNS)).headers["cache-control"] == "no-store"
    assert (await api.get("/api/v1/cards?limit=1")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/liff/shop/menu", "script-src 'self' https://static.line-scdn.net;"),
        ("/console", "connect-src 'self' ws: wss:"),
        ("/console/chat", "connect-src 'self' ws: wss:"),
        ("/consoles", "default-src 'none'"),
        ("/liffy", "default-src 'none'"),
    ],
)
async def test_each_kind_of_page_has_its_own_policy(
    api: httpx.AsyncClient, path: str, part: str
) -> None:
    assert part in (await api.get(path)).headers["content-security-policy"]


async def test_https_is_asked_for_only_where_it_was_used(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
    through = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    async with serving(_under(runtime)) as url, httpx.AsyncClient(base_url=url) as client:
        plain = await client.get("/health/live")
        secure = await client.get("/health/live", headers=through)

    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


def _under(runtime: Runtime) -> Runtime:
    """The same process under the settings of requests that the environment has now."""
    settings = runtime.settings.model_copy(update={"requests": RequestSettings()})
    return replace(runtime, settings=settings)


async def test_other_origins_may_not_call_unless_they_are_named(api: httpx.AsyncClient) -> None:
    answer = await api.get(RUNS, headers={"Origin": SHOP})

    assert "access-control-allow-origin" not in answer.headers


async def test_a_named_origin_may_call_and_read_the_headers_that_matter(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{SHOP},https://other.example")
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "X-API-Key, Idempotency-Key",
    }
    async with serving(_under(runtime)) as url, httpx.AsyncClient(base_url=url) as client:
        preflight = await client.options(RUNS, headers={"Origin": SHOP, **asked})
        answer = await client.get(RUNS, headers={"Origin": SHOP, "X-API-Key": API_KEY})
        refused = await client.get(RUNS, headers={"Origin": SHOP})
        stranger = await client.options(RUNS, headers={"Origin": "https://evil.example", **asked})

    assert preflight.status_code == 200
    assert {
        each.headers["access-control-allow-origin"] for each in (preflight, answer, refused)
    } == {SHOP}
    assert "access-control-allow-credentials" not in preflight.headers
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
    assert refused.status_code == 401
    assert stranger.status_code == 400
    assert "access-control-allow-origin" not in stranger.headers


def _guarded() -> httpx.AsyncClient:
    """A page that signs in and changes something, behind the guard."""
    app = FastAPI()
    app.add_middleware(CsrfGuard, prefix="/console")

    @app.post("/console/change")
    @app.get("/console/change")
    @app.post("/api/change")
    async def change() -> Response:
        answer = Response("changed")
        set_cookie(answer, "session", "secret", secure=True, seconds=60)
        return answer

    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="https://console.example")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://console.example"}, 403),
        ({"Origin": "https://console.example"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://console.example.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_its_own_pages_change_something(headers: dict[str, str], status: int) -> None:
    async with _guarded() as client:
        assert (await client.post("/console/change", headers=headers)).status_code == status
        assert (await client.get("/console/change", headers=headers)).status_code == 200
        assert (await client.post("/api/change", headers=headers)).status_code == 200


async def test_a_cookie_is_read_by_no_script_and_sent_by_no_other_site() -> None:
    async with _guarded() as client:
        cookie = (await client.get("/console/change")).headers["set-cookie"]

    assert cookie.startswith(f"{cookie_name('session', secure=True)}=secret;")
    assert cookie.startswith("__Host-")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/", "Max-Age=60"):
        assert part in cookie
    assert "Domain" not in cookie
