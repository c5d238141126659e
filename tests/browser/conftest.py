"""A real browser (Debian's chromium) as wide as a phone."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import ConsoleMessage, Page, ViewportSize, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = ViewportSize(width=390, height=844)
Opening = Callable[..., Awaitable[Page]]
"""Opens a page; takes what `Browser.new_context` of Playwright takes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason="there is no chromium here: apt-get install chromium")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest_asyncio.fixture(loop_scope="module")
async def opening() -> AsyncIterator[Opening]:
    """Opens empty pages, each as somebody else's; a script that fails on one fails the test."""
    errors: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            errors.append(said.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )

        async def open_page(**options: Any) -> Page:
            context = await browser.new_context(**{"viewport": PHONE, **options})
            opened = await context.new_page()
            opened.on("pageerror", lambda error: errors.append(str(error)))
            opened.on("console", hear)
            return opened

        yield open_page
        await browser.close()
    assert errors == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(opening: Opening) -> Page:
    """An empty page on a phone."""
    return await opening()
