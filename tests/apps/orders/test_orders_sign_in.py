"""Signing in to the counter: a cookie that only its own routes read, from its own pages only."""

from collections.abc import AsyncIterator

import httpx
import pytest

from forthwith.platform import ids
from forthwith.platform.identity import people, sign_in_links
from forthwith.platform.identity.people import Registration
from forthwith.platform.runtime import Runtime

OWN = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
LOGIN = {"email": "ming@example.com", "password": "three blue teapots"}
CHANGES = ["/counter/sign-in", "/counter/sign-in/link", "/counter/session", "/counter/sign-out"]


@pytest.fixture
async def browser(api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without credentials, on a page of the counter."""
    async with httpx.AsyncClient(base_url=api.base_url, headers=OWN) as client:
        yield client


async def _token(runtime: Runtime) -> str:
    async with runtime.db.transaction() as session:
        operator = await sign_in_links.first_operator(session)
        return await sign_in_links.give(session, runtime.codec, operator)


async def _sign_in(runtime: Runtime, browser: httpx.AsyncClient) -> str:
    body = {"token": await _token(runtime)}
    answer = (await browser.post("/counter/sign-in/link", json=body)).raise_for_status()
    return str(answer.json()["data"]["access_token"])


async def test_the_printed_link_signs_in_once(runtime: Runtime, browser: httpx.AsyncClient) -> None:
    body = {"token": await _token(runtime)}
    answer = await browser.post("/counter/sign-in/link", json=body)
    second = await browser.post("/counter/sign-in/link", json=body)

    assert answer.json()["data"]["user"]["role"] == "operator"
    assert second.status_code == 422


async def test_an_address_and_a_password_sign_in(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    new = Registration(
        LOGIN["email"], await runtime.passwords.hash(LOGIN["password"]), None, "zh-TW"
    )
    async with runtime.db.transaction() as session:
        await people.add(session, runtime.codec, ids.new(), new)

    answer = await browser.post("/counter/sign-in", json=LOGIN)
    wrong = await browser.post("/counter/sign-in", json={**LOGIN, "password": "no"})

    assert answer.json()["data"]["user"]["email"] == LOGIN["email"]
    assert wrong.status_code == 401


async def test_the_token_of_a_session_is_one_of_the_api(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    token = await _sign_in(runtime, browser)

    shops = await browser.get("/api/v1/orders/shops", headers={"Authorization": f"Bearer {token}"})

    assert shops.status_code == 200


async def test_the_cookie_goes_on_for_another_token(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    await _sign_in(runtime, browser)
    cookie = browser.cookies["session"]

    answer = await browser.post("/counter/session")

    assert answer.json()["data"]["access_token"].startswith("eyJ")
    assert browser.cookies["session"] != cookie


async def test_the_cookie_is_no_credential_of_the_api(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    await _sign_in(runtime, browser)

    assert (await browser.get("/api/v1/orders/shops")).status_code == 401


async def test_no_script_reads_the_cookie(runtime: Runtime, browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/counter/sign-in/link", json={"token": await _token(runtime)})

    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_without_a_cookie_there_is_no_session(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/counter/session")).status_code == 401


async def test_signing_out_ends_the_session_and_the_cookie(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    token = await _sign_in(runtime, browser)
    cookie = browser.cookies["session"]

    bearer = {"Authorization": f"Bearer {token}"}
    answer = await browser.post("/counter/sign-out", headers=bearer)
    again = await browser.post("/counter/session", headers={"Cookie": f"session={cookie}"})

    assert answer.status_code == 200
    assert "session" not in browser.cookies
    assert again.status_code == 401


@pytest.mark.parametrize("path", CHANGES)
async def test_another_site_cannot_make_a_browser_change_a_session(
    runtime: Runtime, browser: httpx.AsyncClient, path: str
) -> None:
    token = await _sign_in(runtime, browser)
    bearer = {"Authorization": f"Bearer {token}"}

    answer = await browser.post(path, headers={**ELSEWHERE, **bearer}, json={})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "CROSS_SITE"
    assert "set-cookie" not in answer.headers


async def test_the_tabs_of_a_browser_go_on_with_the_one_cookie_they_share(
    runtime: Runtime, browser: httpx.AsyncClient
) -> None:
    """They wake together; only a page gets this grace, no program that refreshes its token."""
    await _sign_in(runtime, browser)
    shared = {"Cookie": f"session={browser.cookies['session']}"}
    browser.cookies.clear()
    tabs = [await browser.post("/counter/session", headers=shared) for _ in range(2)]

    assert [each.status_code for each in tabs] == [200, 200]
    assert tabs[0].cookies["session"] == tabs[1].cookies["session"]
