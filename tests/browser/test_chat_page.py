"""The chat in a real browser, with a bot that answers everything in the same way."""

import socket
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from PIL import Image
from playwright.async_api import Page, expect

from forthwith.console.app import mount
from forthwith.platform.serving import served
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox
from forthwith.server import uvicorn_options

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="module"),
]

HOSTILE = '<img src=x onerror="document.title=1">'
BUBBLE = {
    "type": "bubble",
    "body": {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {"type": "text", "text": "林小姐", "weight": "bold", "size": "xl"},
            {"type": "text", "text": HOSTILE, "color": "red;position:fixed", "wrap": True},
        ],
    },
    "footer": {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {
                "type": "button",
                "style": "primary",
                "action": {
                    "type": "postback",
                    "label": "OK",
                    "data": "right",
                    "displayText": "yes",
                },
            }
        ],
    },
}


class Bot:
    """Says what it was told, and draws a bubble for a picture."""

    def __init__(self, line: LineSandbox) -> None:
        self.postbacks: list[str] = []
        self._http = httpx.AsyncClient(
            base_url=line.url, headers={"Authorization": f"Bearer {line.channel.token}"}
        )

    async def hear(self, request: Request) -> dict[str, str]:
        """Take a webhook."""
        for event in (await request.json())["events"]:
            if "postback" in event:
                self.postbacks.append(event["postback"]["data"])
            else:
                await self._answer(event)
        return {}

    async def _answer(self, event: dict[str, Any]) -> None:
        if event["message"]["type"] == "image":
            message: dict[str, Any] = {"type": "flex", "altText": "a card", "contents": BUBBLE}
        else:
            message = {"type": "text", "text": f"heard: {event['message']['text']}"}
        again = {"type": "message", "label": "again", "text": "again"}
        message["quickReply"] = {"items": [{"type": "action", "action": again}]}
        body = {"replyToken": event["replyToken"], "messages": [message]}
        (await self._http.post("/v2/bot/message/reply", json=body)).raise_for_status()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chat() -> AsyncIterator[tuple[str, Bot]]:
    """The address of the chat, and the bot behind it; one for all, as NiceGUI is one."""
    app = FastAPI()
    async with line_sandbox() as line, LinePhone(line.url) as phone:
        bot = Bot(line)
        app.post("/callback")(bot.hear)
        path = mount(app, phone)
        listening = socket.create_server(("127.0.0.1", 0))
        async with served(app, listening, **uvicorn_options()) as url:
            line.deliver_to(f"{url}/callback")
            yield f"{url}{path}", bot


async def test_a_text_is_answered_and_a_quick_reply_says_its_text(
    page: Page, chat: tuple[str, Bot]
) -> None:
    await page.goto(chat[0])
    await page.get_by_label("Message").fill("說明")
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("heard: 說明")).to_be_visible()

    await page.get_by_role("button", name="again").click()
    await expect(page.get_by_text("heard: again")).to_be_visible()


async def test_a_photo_from_the_disk_becomes_a_bubble_whose_button_works(
    page: Page, chat: tuple[str, Bot]
) -> None:
    await page.goto(chat[0])
    await page.get_by_text("Ken", exact=True).click()
    await _send(page, _photo())

    await expect(page.get_by_text("林小姐")).to_be_visible()
    await expect(page.locator("img").first).to_have_js_property("naturalWidth", 40)

    await page.get_by_role("button", name="OK").click()
    await expect(page.get_by_text("yes", exact=True)).to_be_visible()
    assert chat[1].postbacks[-1] == "right"


async def test_what_a_bot_writes_is_never_taken_for_a_page(
    page: Page, chat: tuple[str, Bot]
) -> None:
    await page.goto(chat[0])
    await _send(page, _photo())
    said = page.get_by_text(HOSTILE).first

    await expect(said).to_be_visible()
    assert await page.title() == "Chat - Forthwith"
    assert await said.evaluate("each => getComputedStyle(each).position") == "static"


async def test_several_photos_go_as_one_set(page: Page, chat: tuple[str, Bot]) -> None:
    await page.goto(chat[0])
    await page.get_by_text("ゆい", exact=True).click()
    await _send(page, _photo(), _photo(), _photo())

    await expect(page.get_by_text("林小姐")).to_have_count(3)


async def test_another_person_has_another_chat(page: Page, chat: tuple[str, Bot]) -> None:
    await page.goto(chat[0])
    await page.get_by_label("Message").fill("only mine")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("heard: only mine")).to_be_visible()

    await page.get_by_text("Ken", exact=True).click()

    await expect(page.get_by_text("only mine")).to_have_count(0)


async def _send(page: Page, *photos: bytes) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_label("Send photos").click()
    files = [
        {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
        for number, photo in enumerate(photos)
    ]
    await (await chooser.value).set_files(files)  # type: ignore[arg-type] # a dict is a payload


def _photo() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 25), "white").save(written, "JPEG")
    return written.getvalue()
