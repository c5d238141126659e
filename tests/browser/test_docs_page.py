"""/docs under its content policy, in a real browser; what it loads from elsewhere is stood in."""

import re
import socket

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, Route

from forthwith.platform.http.headers import SecurityHeaders, documentation_policies
from forthwith.platform.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ELSEWHERE = re.compile(r"^https://")
SWAGGER = """
window.SwaggerUIBundle = (options) => { document.title = `drawn from ${options.url}` };
SwaggerUIBundle.presets = {}; SwaggerUIBundle.SwaggerUIStandalonePreset = {};
"""


async def _stand_in(route: Route) -> None:
    is_script = route.request.url.endswith(".js")
    content = {"body": SWAGGER, "content_type": "text/javascript"} if is_script else {"body": ""}
    await route.fulfill(**content)  # type: ignore[arg-type]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_documentation_draws_itself(page: Page) -> None:
    app = FastAPI(title="Forthwith")
    app.add_middleware(SecurityHeaders, documentation=documentation_policies(app))
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    await page.route(ELSEWHERE, _stand_in)

    async with served(app, socket.create_server(("127.0.0.1", 0)), log_config=None) as url:
        await page.goto(f"{url}/docs")
        title = await page.title()

    assert title == "drawn from /openapi.json"
    assert [text for text in refused if "Content Security Policy" in text] == []
