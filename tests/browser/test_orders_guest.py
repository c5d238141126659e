"""A guest orders: in four languages, on a phone that is reloaded, goes offline, is tapped twice."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from guest import Guest, Opening
from order_site import OrderSite, order_site
from ordering import NOODLES, SHOP, TEA
from playwright.async_api import Page, Route, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="module"),
]
CHINESE_LINE = "紅燒牛肉麵（大碗）"
NUMBER = re.compile(r"A-\d{3}")
LANGUAGES = {
    "zh-TW": ("林家麵館", "送出訂單", "訂單好了，請拿給店員看"),
    "en": ("Lin's Noodles", "Place order", "Ready. Show this at the counter"),
    "ja": ("林さんの麺", "注文する", "できました。店員にお見せください"),
    "ko": ("린네 국수", "주문하기", "준비됐습니다. 직원에게 보여 주세요"),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSite]:
    """A server and a worker."""
    with order_site(tmp_path_factory.mktemp("orders")) as opened, opened.work():
        yield opened


def _orders(site: OrderSite) -> list[dict[str, Any]]:
    with site.staff() as staff:
        items: list[dict[str, Any]] = staff.get("/api/v1/orders").json()["data"]["items"]
    return items


def _put_menu(site: OrderSite, *dishes: dict[str, Any]) -> None:
    section = {**SHOP["sections"][0], "items": list(dishes)}
    with site.staff() as staff:
        path = f"/api/v1/orders/shops/{SHOP['slug']}/menu"
        staff.put(path, json={"sections": [section]}).raise_for_status()


def _open(site: OrderSite, *, is_open: bool) -> None:
    with site.staff() as staff:
        path = f"/api/v1/orders/shops/{SHOP['slug']}"
        staff.patch(path, json={"is_open": is_open}).raise_for_status()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_whole_order_in_the_language_of_the_phone(
    opening: Opening, site: OrderSite, language: str
) -> None:
    shop, send, ready = LANGUAGES[language]
    page = await opening(locale=language)
    guest = Guest(page)
    await guest.visit(f"{site.page}?table=7")
    await expect(page.get_by_role("heading", name=shop, level=1)).to_be_visible()
    await guest.choose("beef-noodles", "large")
    await guest.choose("beef-noodles", "large")
    await guest.choose("milk-tea", "none")
    await guest.look_at_cart()
    await expect(guest.order_button).to_contain_text(send)
    await expect(guest.order_button).to_contain_text("380")

    await guest.order_button.click()
    await guest.wait_until_ready()

    await expect(page.get_by_role("heading", name=ready)).to_be_visible()
    await expect(page.locator(".ticket strong")).to_have_text(NUMBER)
    await expect(page.locator(".chinese")).to_contain_text(CHINESE_LINE)
    await expect(page.locator(".chinese")).to_contain_text("7")
    own = page.locator(".lines").last
    await expect(own).to_contain_text(NOODLES["names"][language])
    await expect(own).to_contain_text(TEA["names"][language])
    heard = await guest.hear()
    assert heard["duration"] > 1
    assert heard["at"] > 0


async def test_the_voice_is_slower_or_faster_and_can_be_kept(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.order(site.page)
    await guest.wait_until_ready()
    usual = await guest.hear()

    await page.locator('.speeds input[value="0.7"]').check(force=True)
    slow = await guest.hear()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download the voice").click()

    assert slow["duration"] > usual["duration"] * 1.2
    assert slow["rate"] == 1
    assert (await downloading.value).suggested_filename == "order-0.7.m4a"


async def test_the_first_voice_plays_on_while_the_others_are_made(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("milk-tea", "half")
    await guest.look_at_cart()
    await page.locator("textarea").fill("one that nobody has said before")
    await guest.order_button.click()
    await expect(page.locator(".speeds input")).not_to_have_count(0, timeout=60_000)
    await page.locator("audio").evaluate("audio => { audio.loop = true; return audio.play(); }")

    await guest.wait_until_ready()

    assert await page.locator("audio").evaluate("audio => !audio.paused")


async def test_the_order_is_shown_to_the_counter_in_large_chinese(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    order = await guest.order(site.page)
    await guest.wait_until_ready()

    await page.get_by_role("button", name="Show to the counter").click()

    shown = page.locator(".big p")
    await expect(shown).to_contain_text(CHINESE_LINE)
    size = await shown.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
    assert size >= 28  # CSS pixels: nearly twice that of a heading
    await page.get_by_role("button", name="Close").click()
    assert await guest.order_id() == order


async def test_the_language_can_be_changed_at_any_time(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.order(site.page)
    await guest.wait_until_ready()

    await page.get_by_label("Language").select_option("ja")

    await expect(page.get_by_role("heading", name=LANGUAGES["ja"][2])).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "ja"
    await page.reload()
    await expect(page.get_by_role("heading", name=LANGUAGES["ja"][2])).to_be_visible()


async def test_a_reload_keeps_the_cart_and_then_the_order(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles", "large")
    await page.reload()
    await guest.look_at_cart()
    await page.locator("textarea").fill("no coriander")
    await page.reload()
    await expect(page.locator("textarea")).to_have_value("no coriander")
    await guest.order_button.click()
    order = await guest.order_id()

    await page.reload()

    assert await guest.order_id() == order
    await guest.wait_until_ready()
    await expect(page.locator(".chinese")).to_contain_text("no coriander")


async def test_the_back_button_leads_to_the_menu_and_orders_nothing_again(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    await page.go_back()
    await expect(guest.dish("milk-tea")).to_be_visible()
    await guest.look_at_cart()
    before = len(_orders(site))
    await guest.order_button.click()
    await guest.order_id()

    await page.go_back()

    await expect(guest.dish("milk-tea")).to_be_visible()
    await expect(page.locator(".bar")).to_be_hidden()
    assert len(_orders(site)) == before + 1


async def test_going_offline_in_the_middle_is_said_and_survived(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.order(site.page)

    await page.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await page.wait_for_timeout(3_000)
    await page.context.set_offline(False)

    await expect(page.get_by_text("You are offline.")).to_be_hidden()
    await guest.wait_until_ready()


async def test_an_order_sent_offline_is_sent_once_when_the_phone_is_back(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    before = len(_orders(site))
    await page.context.set_offline(True)
    await guest.order_button.click()
    await expect(page.get_by_role("alert")).to_contain_text("was not sent")
    await page.context.set_offline(False)

    await guest.order_button.click()

    await guest.order_id()
    assert len(_orders(site)) == before + 1


async def test_a_double_tap_is_one_order(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    before = len(_orders(site))

    await guest.order_button.dblclick()

    await guest.order_id()
    await guest.wait_until_ready()
    assert len(_orders(site)) == before + 1


async def test_an_order_whose_answer_was_lost_is_not_ordered_twice(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    before = len(_orders(site))

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/orders/quick", lose, times=1)
    await guest.order_button.click()
    await expect(page.get_by_role("alert")).to_contain_text("will not be ordered twice")
    await guest.order_button.click()

    await guest.order_id()
    assert len(_orders(site)) == before + 1


async def test_where_no_events_come_through_the_page_polls(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.route("**/events", lambda route: route.abort())

    order = await guest.order(site.page)
    await guest.wait_until_ready()

    assert any(url.endswith(f"/api/orders/status/{order}") for url in asked)


async def test_a_price_that_changed_is_shown_at_its_dish(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles", "large")
    await guest.look_at_cart()
    _put_menu(site, {**NOODLES, "price": 150}, TEA)
    try:
        await guest.order_button.click()
        await expect(guest.dish("beef-noodles").locator(".fault")).to_be_visible()
        await expect(guest.order_button).to_contain_text("170")

        await guest.order_button.click()

        await guest.order_id()
    finally:
        _put_menu(site, NOODLES, TEA)


async def test_a_dish_that_is_sold_out_meanwhile_can_only_be_taken_out(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.choose("milk-tea", "half")
    await guest.look_at_cart()
    _put_menu(site, {**NOODLES, "is_available": False}, TEA)
    try:
        await guest.order_button.click()
        await expect(guest.dish("beef-noodles")).to_contain_text("Sold out")
        await expect(guest.order_button).to_be_disabled()
        await guest.dish("beef-noodles").get_by_role("button", name="One less").click()

        await guest.order_button.click()

        await guest.order_id()
    finally:
        _put_menu(site, NOODLES, TEA)


async def test_a_closed_shop_shows_its_menu_and_takes_no_orders(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    _open(site, is_open=False)
    try:
        await guest.order_button.click()
        await expect(page.get_by_role("alert")).to_contain_text("closed right now")
        await expect(guest.order_button).to_be_disabled()

        await guest.visit(site.page)

        await expect(page.get_by_text("closed right now")).to_be_visible()
        await expect(guest.dish("beef-noodles").get_by_role("button")).to_have_count(0)
    finally:
        _open(site, is_open=True)


async def test_a_shop_that_is_not_there_says_what_to_do(page: Page, site: OrderSite) -> None:
    await page.goto(f"{site.url}/liff/orders/nobody")

    await expect(page.get_by_role("heading", name="This shop was not found")).to_be_visible()
    await expect(page.get_by_text("QR code")).to_be_visible()


async def test_the_shop_may_be_named_in_the_query(page: Page, site: OrderSite) -> None:
    await Guest(page).visit(f"{site.url}/liff/orders?shop={SHOP['slug']}")


async def test_a_whole_order_by_keyboard_alone(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.visit(site.page)
    await _tab_to(page, "One more Bubble tea")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await _tab_to(page, "Add")
    await page.keyboard.press("Enter")
    await _tab_to(page, "View order")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your order")).to_be_focused()
    await _tab_to(page, "Place order")
    await page.keyboard.press("Enter")

    await guest.order_id()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the button of this name has the focus."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        label = await focused.get_attribute("aria-label") if await focused.count() else None
        text = await focused.inner_text() if await focused.count() else ""
        if name in (label or text):
            return
    raise AssertionError(f"The keyboard does not reach {name}")
