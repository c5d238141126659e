"""What a guest sees when nobody works, when no voice can be made, and when they cancel."""

from collections.abc import Iterator

import pytest
from guest import Guest
from order_site import OrderSite, order_site
from playwright.async_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
SILENCE_MS = 15_000
POLLING_MS = 2_000
MOST_POLLS = 30
NO_VOICE = "0.001"
"""Seconds after which the local voice is ended: it never gets to speak."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSite]:
    """A server without a worker."""
    with order_site(tmp_path_factory.mktemp("orders")) as opened:
        yield opened


async def test_after_thirty_questions_the_guest_may_try_again(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    asked: list[str] = []
    await page.clock.install()
    order = await guest.order(site.page)
    page.on("requestfinished", lambda each: asked.append(each.url))

    await page.clock.run_for(SILENCE_MS)
    late = page.get_by_role("heading", name="This takes longer than usual")
    for number in range(MOST_POLLS):
        await expect(late).to_be_hidden()
        while len(asked) <= number:
            await page.wait_for_timeout(20)
        await page.clock.run_for(POLLING_MS)

    await expect(late).to_be_visible()
    polls = [url for url in asked if url.endswith(f"/api/orders/status/{order}")]
    assert len(polls) == MOST_POLLS

    with site.work():
        await page.get_by_role("button", name="Try again").click()
        await guest.wait_until_ready()


async def test_an_order_whose_voice_failed_says_why_and_is_tried_again(
    page: Page, site: OrderSite
) -> None:
    guest = Guest(page)
    with site.work(SPEECH_TIMEOUT_SECONDS=NO_VOICE):
        order = await guest.order(site.page, "milk-tea", "none")  # never spoken before
        failed = page.get_by_role("heading", name="Your order could not be finished")
        await expect(failed).to_be_visible(timeout=90_000)
    await expect(page.locator(".reason")).not_to_be_empty()
    await expect(page.locator(".chinese")).to_contain_text("珍珠奶茶")

    with site.work():
        await page.get_by_role("button", name="Try again").click()
        await guest.wait_until_ready()

    assert await guest.order_id() == order


async def test_an_order_can_be_cancelled_while_it_waits(page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    await guest.order(site.page)

    await page.get_by_role("button", name="Cancel order").click()

    await expect(page.get_by_role("heading", name="The order was cancelled")).to_be_visible()
    await page.get_by_role("button", name="New order").click()
    await expect(guest.dish("beef-noodles")).to_be_visible()


async def test_an_order_that_is_not_there_is_said_to_be_unknown(
    page: Page, site: OrderSite
) -> None:
    await page.goto(f"{site.page}#order/AAAAAAAAAAAAAAAAAAAAAA")

    await expect(page.get_by_role("heading", name="This order was not found")).to_be_visible()
