"""The shop signs in, sees orders as they come, and edits its menus."""

import io
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
import pytest_asyncio
from guest import Guest, Opening
from order_site import OrderSite, order_site
from ordering import NOODLES, SHOP
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Locator, Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
TABLET = {"width": 1024, "height": 768}
LIVE_MS = 15_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrderSite]:
    """A server and a worker."""
    with order_site(tmp_path_factory.mktemp("orders")) as opened, opened.work():
        yield opened


@pytest.fixture(autouse=True)
def menu(site: OrderSite) -> None:
    """The shop as it was: some of these edit it."""
    shop = f"/api/v1/orders/shops/{SHOP['slug']}"
    with site.staff() as staff:
        staff.put(f"{shop}/menu", json={"sections": SHOP["sections"]}).raise_for_status()
        staff.patch(shop, json={"is_open": True}).raise_for_status()


@pytest_asyncio.fixture(loop_scope="module")
async def staff(opening: Opening, site: OrderSite) -> AsyncIterator[Page]:
    """The counter, signed in by a link."""
    page = await opening(viewport=TABLET, locale="en-US")
    await page.goto(site.sign_in_link())
    await expect(page.get_by_role("heading", name="Counter", level=1)).to_be_visible()
    yield page


def _ticket(staff: Page, order: str) -> Locator:
    return staff.locator(f'[data-order="{order}"]')


async def test_an_order_is_seen_as_it_comes_accepted_and_done(
    staff: Page, page: Page, site: OrderSite
) -> None:
    await expect(staff.get_by_text("Live")).to_be_visible()
    await staff.get_by_role("button", name="Sound for new orders").click()
    guest = Guest(page)
    order = await guest.order(f"{site.page}?table=12")

    ticket = _ticket(staff, order)
    await expect(ticket).to_be_visible(timeout=LIVE_MS)
    await expect(ticket).to_contain_text("紅燒牛肉麵（大碗）")
    await expect(ticket).to_contain_text("Table 12")
    await expect(ticket).to_contain_text("New")

    await guest.wait_until_ready()
    await ticket.get_by_role("button", name="Accept").click()
    await expect(ticket).to_contain_text("Accepted")
    await page.reload()
    await expect(page.get_by_role("heading", name="accepted your order")).to_be_visible()

    await ticket.get_by_role("button", name="Done").click()
    await expect(ticket).to_be_hidden()
    await page.reload()
    await expect(page.get_by_role("heading", name="Your order is done")).to_be_visible()


async def test_the_voice_is_played_at_the_counter(staff: Page, page: Page, site: OrderSite) -> None:
    guest = Guest(page)
    order = await guest.order(site.page)
    await guest.wait_until_ready()

    async with staff.expect_response(lambda each: "/orders/voice/" in each.url) as played:
        await _ticket(staff, order).get_by_role("button", name="Play voice").click()

    assert (await played.value).status in {200, 206}


async def test_a_ticket_keeps_the_focus_while_others_come(
    staff: Page, page: Page, site: OrderSite
) -> None:
    first = await Guest(page).order(site.page)
    button = _ticket(staff, first).get_by_role("button", name="Accept")
    await expect(button).to_be_visible(timeout=LIVE_MS)
    await button.focus()

    second = await Guest(page).order(site.page, "milk-tea", "half")
    await expect(_ticket(staff, second)).to_be_visible(timeout=LIVE_MS)

    assert await button.evaluate("each => each === document.activeElement")


async def test_what_a_guest_writes_is_never_taken_for_a_page(
    staff: Page, page: Page, site: OrderSite
) -> None:
    hostile = '<img src=x onerror="document.title=1">'
    guest = Guest(page)
    await guest.visit(site.page)
    await guest.choose("beef-noodles")
    await guest.look_at_cart()
    await page.locator("textarea").fill(hostile)
    await guest.order_button.click()
    order = await guest.order_id()

    await expect(_ticket(staff, order)).to_contain_text(hostile, timeout=LIVE_MS)
    assert await staff.title() == "Counter"


async def test_the_session_lives_on_in_the_browser_and_ends_with_signing_out(
    staff: Page, site: OrderSite
) -> None:
    await staff.goto(f"{site.url}/counter/shops")
    await expect(staff.get_by_role("heading", name="Shops and menus")).to_be_visible()

    await staff.get_by_role("button", name="Sign out").click()
    await expect(staff).to_have_url(f"{site.url}/counter/sign-in")
    await staff.goto(f"{site.url}/counter/shops")

    await expect(staff).to_have_url(f"{site.url}/counter/sign-in?next=/counter/shops")
    await expect(staff.get_by_label("E-mail")).to_be_visible()


async def test_a_link_works_in_one_browser_only(opening: Opening, site: OrderSite) -> None:
    link = site.sign_in_link()
    first, second = await opening(locale="en-US"), await opening(locale="en-US")
    await first.goto(link)
    await expect(first).to_have_url(f"{site.url}/counter")

    await second.goto(link)

    await expect(second.get_by_text("This link was used")).to_be_visible()
    await first.goto(link)
    await expect(first).to_have_url(f"{site.url}/counter")


async def test_a_wrong_password_is_said(page: Page, site: OrderSite) -> None:
    await page.goto(f"{site.url}/counter")
    await page.get_by_label("E-mail").fill("nobody@example.com")
    await page.get_by_label("Password").fill("three blue teapots")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_contain_text("Not signed in")


async def test_a_price_is_edited_and_guests_see_it(
    staff: Page, page: Page, site: OrderSite
) -> None:
    await _edit(staff, site)
    await staff.locator("summary", has_text="Braised beef noodles").click()
    await staff.get_by_label("Price").first.fill("155")
    await staff.get_by_role("button", name="Save menu").click()
    await expect(staff.get_by_text("Saved.")).to_be_visible()

    await Guest(page).visit(site.page)

    await expect(Guest(page).dish("beef-noodles")).to_contain_text("155")


async def test_a_dish_is_added_in_four_languages(staff: Page, page: Page, site: OrderSite) -> None:
    await _edit(staff, site)
    await staff.get_by_role("button", name="Add dishes").click()
    for language, name in NOODLES["names"].items():
        await staff.locator(f':focus >> xpath=../.. >> [lang="{language}"]').fill(f"{name} 2")
    await staff.get_by_label("Price").last.fill("90")
    await staff.get_by_role("button", name="Save menu").click()
    await expect(staff.get_by_text("Saved.")).to_be_visible()

    await Guest(page).visit(site.page)

    await expect(page.get_by_role("heading", name="Braised beef noodles 2")).to_be_visible()


async def test_what_is_missing_is_pointed_at(staff: Page, site: OrderSite) -> None:
    await _edit(staff, site)
    await staff.get_by_role("button", name="Add dishes").click()
    added = staff.locator(":focus")
    await added.press("Escape")
    await staff.get_by_role("button", name="Save menu").click()

    await expect(staff.get_by_role("alert").last).to_contain_text("name")
    await expect(staff.locator("[aria-invalid]")).to_be_focused()


async def test_a_menu_that_somebody_else_edited_is_not_overwritten(
    staff: Page, site: OrderSite
) -> None:
    await _edit(staff, site)
    path = "/api/v1/orders/shops/lin-noodles/menu"
    with site.staff() as program:
        sections = program.get(path).json()["data"]["sections"]
        program.put(path, json={"sections": sections}).raise_for_status()

    await staff.get_by_role("button", name="Save menu").click()

    await expect(staff.get_by_text("Somebody else changed this menu")).to_be_visible()


async def test_a_shop_is_made_and_closed(staff: Page, page: Page, site: OrderSite) -> None:
    await staff.goto(f"{site.url}/counter/shops")
    await staff.locator("summary", has_text="Add a shop").click()
    await staff.get_by_label("Address").fill("tea-corner")
    await staff.get_by_label("Name (English)").fill("Tea Corner")
    await staff.get_by_role("button", name="Create").click()
    await expect(staff.get_by_role("heading", name="Tea Corner", level=1)).to_be_visible()

    await staff.goto(f"{site.url}/counter/shops")
    await staff.locator('[data-shop="tea-corner"]').get_by_role("switch").click()
    await expect(staff.locator('[data-shop="tea-corner"]')).to_contain_text("Closed")

    await page.goto(f"{site.url}/liff/orders/tea-corner")
    await expect(page.get_by_text("closed right now")).to_be_visible()


async def test_a_photo_of_a_menu_becomes_a_draft_beside_it(
    staff: Page, page: Page, site: OrderSite
) -> None:
    await _edit(staff, site)
    photo = {"name": "menu.png", "mimeType": "image/png", "buffer": _photo()}
    await staff.locator('input[type="file"]').set_input_files(photo)  # type: ignore[arg-type]
    await expect(staff.get_by_alt_text("Photo of the menu")).to_be_visible(timeout=90_000)
    await expect(staff.locator("summary", has_text="Fried rice · 95")).to_be_visible()
    await Guest(page).visit(site.page)
    await expect(page.get_by_role("heading", name="Fried rice")).to_have_count(0)

    await staff.get_by_role("button", name="Save menu").click()
    await expect(staff.get_by_text("Saved.")).to_be_visible()

    await Guest(page).visit(site.page)
    await expect(page.get_by_role("heading", name="Fried rice")).to_be_visible()


async def test_a_photo_without_prices_says_so(staff: Page, site: OrderSite) -> None:
    await _edit(staff, site)
    photo = {"name": "blank.png", "mimeType": "image/png", "buffer": _photo(rows=())}
    await staff.locator('input[type="file"]').set_input_files(photo)  # type: ignore[arg-type]

    alert = staff.get_by_role("alert").filter(has_text="no dishes with prices")
    await expect(alert).to_be_visible(timeout=90_000)


def _photo(rows: Sequence[tuple[str, str]] = (("Fried rice", "95"), ("Tea", "30"))) -> bytes:
    picture = Image.new("RGB", (900, 500), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(44)
    for number, (name, price) in enumerate(rows):
        draw.text((60, 80 + 110 * number), name, fill="black", font=font)
        draw.text((680, 80 + 110 * number), price, fill="black", font=font)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


async def _edit(staff: Page, site: OrderSite) -> None:
    """Open the menu of the noodle shop."""
    await staff.goto(f"{site.url}/counter/shops")
    shop = staff.locator('[data-shop="lin-noodles"]')
    await shop.get_by_role("button", name="Edit menu").click()
    await expect(staff.get_by_role("button", name="Save menu")).to_be_visible()
