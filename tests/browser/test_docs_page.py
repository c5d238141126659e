"""/docs in a real browser that reaches nothing but this server."""

import socket

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, expect

from forthwith.platform.http import documentation
from forthwith.platform.http.headers import SecurityHeaders
from forthwith.platform.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def _app() -> FastAPI:
    app = FastAPI(title="Forthwith", docs_url=None)
    app.add_middleware(SecurityHeaders)
    app.include_router(documentation.router)

    @app.get("/cards", summary="Cards of mine")
    async def cards() -> list[str]:
        return ["a card"]

    return app


@pytest.mark.asyncio(loop_scope="module")
async def test_the_documentation_draws_itself_and_tries_a_route_out_offline(page: Page) -> None:
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    async with served(_app(), socket.create_server(("127.0.0.1", 0)), log_config=None) as url:
        await page.goto(f"{url}/docs")
        await page.get_by_text("Cards of mine").click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()
        await expect(page.locator(".live-responses-table")).to_contain_text("a card")

    assert told == []
    assert [each for each in asked if not each.startswith((url, "data:"))] == []
