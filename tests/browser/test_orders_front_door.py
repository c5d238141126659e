"""What `forthwith up` prints leads a guest to the example shop, and its operator to the counter."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from guest import Guest, Opening
from playwright.async_api import Page, expect

from benchmarks.front_door import opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
FORTHWITH = str(Path(sys.executable).with_name("forthwith"))


@pytest.fixture(scope="module")
def greeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What is printed."""
    home = str(tmp_path_factory.mktemp("home"))
    settings = {"FORTHWITH_HOME": home, "PORT": "8470", "FORTHWITH_APPS": "orders"}
    with opened([FORTHWITH, "up"], settings=settings) as door:
        yield door.output


def _printed(greeting: str, path: str) -> str:
    found = re.search(rf"http://\S+{path}\S+", greeting)
    assert found is not None, greeting
    return found[0]


async def test_the_first_order_is_accepted_a_minute_after_the_start(
    opening: Opening, page: Page, greeting: str
) -> None:
    staff = await opening(locale="en-US")
    await staff.goto(_printed(greeting, "/counter/sign-in"))
    await expect(staff.get_by_text("Live")).to_be_visible()

    guest = Guest(page)
    await guest.visit(_printed(greeting, "/liff/orders/"))
    await page.locator(".dish button.primary").first.click()
    if await page.locator("dialog").count():
        await page.locator("dialog button.primary").click()
    await guest.look_at_cart()
    await guest.order_button.click()
    await guest.wait_until_ready()
    await staff.get_by_role("button", name="Accept").click()

    await expect(staff.locator(".chip", has_text="Accepted")).to_be_visible()
    assert (await guest.hear())["duration"] > 1
