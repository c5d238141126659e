"""Every screen of orders by axe (WCAG 2 A and AA and its best practices), on a narrow phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from guest import Guest, Opening
from order_site import OrderSite, order_site
from playwright.async_api import Page, ViewportSize, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
NARROW = ViewportSize(width=320, height=640)
"""A page of 1280 pixels at 400 %, as WCAG 1.4.10 asks for."""
SCHEMES = ["light", "dark"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSite]:
    """A server without a worker."""
    with order_site(tmp_path_factory.mktemp("orders")) as opened:
        yield opened


async def _check(page: Page) -> None:
    """Nothing that axe minds, and nothing beyond the edge of the screen."""
    found = await Axe().run(page)
    minded = {
        each["id"]: [node["html"] for node in each["nodes"]]
        for each in found.response["violations"]
    }

    assert minded == {}
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_guests_can_read_and_reach_every_screen(
    opening: Opening, site: OrderSite, scheme: str
) -> None:
    page = await opening(viewport=NARROW, color_scheme=scheme, reduced_motion="reduce")
    guest = Guest(page)
    await guest.visit(site.page)
    await _check(page)

    await guest.dish("milk-tea").locator("button.primary").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await _check(page)
    await page.locator("dialog button.primary").click()
    await _check(page)

    await guest.look_at_cart()
    await _check(page)

    await guest.order_button.click()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await _check(page)

    with site.work():
        await guest.wait_until_ready()
    await _check(page)
    await page.get_by_role("button", name="Show to the counter").click()
    await expect(page.locator(".big")).to_be_visible()
    await _check(page)

    await page.goto(f"{site.url}/liff/orders/nobody")
    await expect(page.get_by_role("heading")).to_be_visible()
    await _check(page)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_shop_can_read_and_reach_every_screen(
    opening: Opening, site: OrderSite, scheme: str
) -> None:
    page = await opening(viewport=NARROW, color_scheme=scheme, locale="zh-TW")
    await page.goto(f"{site.url}/counter")
    await expect(page.get_by_role("heading", name="登入")).to_be_visible()
    await _check(page)

    await Guest(await opening()).order(site.page)
    await page.goto(site.sign_in_link())
    await expect(page.locator("[data-order]").first).to_be_visible()
    await _check(page)

    await page.goto(f"{site.url}/counter/shops")
    await expect(page.locator("[data-shop]")).to_be_visible()
    await _check(page)

    await page.get_by_role("button", name="編輯菜單").click()
    await page.locator("summary", has_text="紅燒牛肉麵").click()
    await _check(page)
