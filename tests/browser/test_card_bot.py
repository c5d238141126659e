"""The card bot as a person meets it first: `forthwith up`, the printed chat, a photo."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from support import EXAMPLES

from benchmarks.front_door import opened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
FORTHWITH = str(Path(sys.executable).with_name("forthwith"))
READ_MS = 40_000  # a photo on a machine that does other things too


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that `forthwith up` prints."""
    home = str(tmp_path_factory.mktemp("home"))
    with opened([FORTHWITH, "up"], settings={"FORTHWITH_HOME": home, "PORT": "8450"}) as door:
        found = re.search(r"http://\S+/console/chat", door.output)
        assert found is not None, door.output
        yield found[0]


async def test_a_photo_becomes_a_contact_that_can_be_corrected_found_and_deleted(
    page: Page, chat: str
) -> None:
    await page.goto(chat)
    await _send(page, EXAMPLES / "taiwan.jpg")
    bubble = page.locator(".flex-bubble").last

    await expect(bubble.get_by_text("郭美賢").first).to_be_visible(timeout=READ_MS)

    await _say(page, "更正 職稱: 總經理")
    await expect(page.locator(".flex-bubble").last.get_by_text("總經理").first).to_be_visible()

    bubbles = page.locator(".flex-bubble")
    shown = await bubbles.count()
    await page.get_by_role("button", name="QR 碼").last.click()
    await expect(bubbles).to_have_count(shown + 1)
    async with page.expect_popup() as opening:
        await bubbles.last.get_by_role("button", name="QR 碼").click()
    assert (await (await opening.value).title()).startswith("qr (")

    await _say(page, "搜尋 美賢")
    await expect(page.locator(".said.person").last).to_have_text("搜尋 美賢")
    await expect(page.get_by_text("郭美賢").last).to_be_visible()


async def test_several_photos_end_with_one_summary(page: Page, chat: str) -> None:
    await page.goto(chat)
    await page.get_by_text("Ken", exact=True).click()
    await _say(page, "help")
    await expect(page.locator(".said.bot")).to_have_count(1)
    await _send(page, EXAMPLES / "taiwan.jpg", EXAMPLES / "britain-dark.jpg")

    await expect(page.get_by_text("Batch finished")).to_have_count(1, timeout=READ_MS)
    await expect(page.get_by_text("PRIYA GARLAND").first).to_be_visible()
    await expect(page.get_by_text("郭美賢").first).to_be_visible()


async def _say(page: Page, words: str) -> None:
    await page.get_by_label("Message").fill(words)
    await page.keyboard.press("Enter")


async def _send(page: Page, *photos: Path) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_label("Send photos").click()
    await (await chooser.value).set_files(photos)
