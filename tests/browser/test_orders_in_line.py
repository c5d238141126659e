"""The ordering page inside LINE, where the LIFF SDK is loaded; a stand-in speaks its protocol."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from guest import Guest, Opening
from order_site import OrderSite, order_site
from playwright.async_api import Page, Request, Route, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]
LIFF_ID: Final = "1234567890-AbcdEfgh"
IN_LINE: Final = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari Line/15.0.0"
SDK_URL: Final = "https://static.line-scdn.net/liff/edge/2/sdk.js"
SDK: Final = """
window.liff = {
  init: async ({ liffId }) => { window.opened = liffId; },
  isLoggedIn: () => true,
  isInClient: () => true,
  getIDToken: () => "an id token of LINE",
  closeWindow: () => { document.title = "closed"; },
};
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSite]:
    """A server with a LIFF app, and no worker: who the guest is, is asked by a run."""
    with order_site(tmp_path_factory.mktemp("orders"), LIFF_ID=LIFF_ID) as opened:
        yield opened


async def test_inside_line_an_order_says_who_the_guest_is(
    opening: Opening, site: OrderSite
) -> None:
    page = await opening(user_agent=IN_LINE)

    async def stand_in(route: Route) -> None:
        await route.fulfill(body=SDK, content_type="text/javascript")

    await page.route(SDK_URL, stand_in)
    guest = Guest(page)
    async with page.expect_request("**/orders/quick") as sending:
        await guest.order(site.page)

    assert _body(await sending.value)["line_id_token"] == "an id token of LINE"
    assert await page.evaluate("window.opened") == LIFF_ID
    await page.get_by_role("button", name="Cancel order").click()
    await page.get_by_role("button", name="Close").click()
    assert await page.title() == "closed"


async def test_where_line_does_not_answer_the_order_is_sent_all_the_same(
    opening: Opening, site: OrderSite
) -> None:
    page = await opening(user_agent=IN_LINE)
    await page.route(SDK_URL, lambda route: route.abort())

    async with page.expect_request("**/orders/quick") as sending:
        await Guest(page).order(site.page)

    assert "line_id_token" not in _body(await sending.value)


async def test_the_shop_is_found_by_the_way_line_hands_its_address_on(
    opening: Opening, site: OrderSite
) -> None:
    page = await opening(user_agent=IN_LINE)
    await page.route(SDK_URL, lambda route: route.abort())

    await page.goto(f"{site.url}/liff/orders?liff.state=%2Flin-noodles%3Ftable%3D4")

    await expect(Guest(page).dish("beef-noodles")).to_be_visible()


async def test_outside_line_nothing_is_loaded_from_elsewhere(page: Page, site: OrderSite) -> None:
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))

    await Guest(page).order(site.page)

    assert [url for url in asked if not url.startswith(site.url)] == []


def _body(request: Request) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.post_data or "")
    return body
