"""What a guest does on the ordering page, and what they see; any language."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from playwright.async_api import Locator, Page, expect

READY_MS: Final = 60_000  # three voices on a machine that does other things too
Opening = Callable[..., Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest with the page of a shop open."""

    page: Page

    def dish(self, dish: str) -> Locator:
        """The row of a dish, on the menu and in the cart."""
        return self.page.locator(f'[data-dish="{dish}"]')

    async def visit(self, url: str) -> None:
        """Open the menu."""
        await self.page.goto(url)
        await expect(self.page.locator(".dish").first).to_be_visible()

    async def choose(self, dish: str, *options: str) -> None:
        """Put a dish into the cart, with these options."""
        await self.dish(dish).locator("button.primary").click()
        for option in options:
            await self.page.locator(f'dialog input[value="{option}"]').check()
        await self.page.locator("dialog button.primary").click()
        await expect(self.page.locator("dialog")).to_have_count(0)

    async def look_at_cart(self) -> None:
        """Open the cart."""
        await self.page.locator(".bar button").click()
        await expect(self.page.locator("textarea")).to_be_visible()

    @property
    def order_button(self) -> Locator:
        """What sends the order."""
        return self.page.locator(".bar button.primary")

    async def order(self, url: str, dish: str = "beef-noodles", option: str = "large") -> str:
        """A dish, a large bowl of noodles unless named, ordered; the order's id."""
        await self.visit(url)
        await self.choose(dish, option)
        await self.look_at_cart()
        await self.order_button.click()
        return await self.order_id()

    async def order_id(self) -> str:
        """The order that is looked at."""
        await expect(self.page).to_have_url(re.compile(r"#order/[\w-]{22}$"))
        return self.page.url.rpartition("/")[2]

    async def wait_until_ready(self) -> None:
        """Until all three voices are there."""
        voices = self.page.locator(".speeds input")
        await expect(voices).to_have_count(3, timeout=READY_MS)
        await expect(self.page.locator("progress")).to_be_hidden(timeout=READY_MS)

    async def hear(self) -> dict[str, Any]:
        """Play the voice for a moment: how long it is, and how far it came."""
        heard: dict[str, Any] = await self.page.locator("audio").evaluate(_PLAY)
        return heard


_PLAY: Final = """async (audio) => {
  await audio.play();
  while (audio.currentTime < 0.2) await new Promise((resolve) => setTimeout(resolve, 50));
  audio.pause();
  return { duration: audio.duration, at: audio.currentTime, rate: audio.playbackRate };
}"""
