"""A contact in LINE has its page in Notion a tap away."""

from collections.abc import AsyncIterator

import httpx
import pytest
from line_bot import Bot, Json, buttons, text_of
from notion_bot import contact
from notion_workspace import Held, held

pytest.importorskip("notion_client", reason="needs the extra: pip install 'forthwith[notion]'")


@pytest.fixture(autouse=True)
async def workspace(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Held]:
    """A Notion that this process is set up for."""
    async with held() as begun:
        environment = begun.sandbox.environment() | {"CARDS_LANGUAGE": "en"}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield begun


async def test_a_button_opens_the_page_of_a_contact(bot: Bot) -> None:
    """A correction in the chat is on the page a moment later."""
    await bot.knows("ann", contact("Lin Mei"))
    await bot.until("select 1 from cards.notion_cards where state = 'done'")
    shown = await _first_contact(bot)
    opened = await bot.tap("ann", buttons(shown)["Notion"])
    await bot.ask("ann", "correct title: Director", count=2)
    await bot.until("select 1 from cards.notion_cards where state = 'done' and version = tried")
    async with httpx.AsyncClient(trust_env=False) as browser:
        page = await browser.get(buttons(opened[0])["Notion"]["uri"])

    assert "Lin Mei" in page.text
    assert "Director" in page.text


async def test_a_page_on_its_way_is_told(bot: Bot, workspace: Held) -> None:
    await workspace.behave(faults=[{"kind": "status", "status": 503}], fault_rate=1.0)
    await bot.knows("ann", contact("Lin Mei"))
    shown = await _first_contact(bot)
    answer = await bot.tap("ann", buttons(shown)["Notion"])

    assert "on its way to Notion" in text_of(answer[0])


async def test_a_contact_that_is_deleted_in_the_chat_leaves_notion(
    bot: Bot, workspace: Held
) -> None:
    await bot.knows("ann", contact("Lin Mei"))
    await bot.until("select 1 from cards.notion_cards where state = 'done'")
    asked = await bot.ask("ann", "delete")
    await bot.tap("ann", buttons(asked[0])["Yes, delete"])
    await bot.until("select 1 where not exists (select from cards.notion_cards)")

    assert await workspace.pages() == []


async def _first_contact(bot: Bot) -> Json:
    """The whole of it, out of the list."""
    listed = await bot.ask("ann", "list")
    return (await bot.tap("ann", buttons(listed[0])["Open"]))[0]
