"""A guest in LINE gets order and voice in the chat, once; nobody else does."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from line_bot import Bot
from ordering import SEED_BODY, place
from support import events, serving, working

from forthwith.apps.orders.line import person_of
from forthwith.platform.runtime import Runtime
from forthwith.sandbox import Fault, Knobs
from forthwith.sandbox.line import LinePhone, LineSandbox
from forthwith.sandbox.line.names import user_id

PUBLIC = "https://orders.example"


@pytest.fixture(autouse=True)
def _public(monkeypatch: pytest.MonkeyPatch) -> None:
    """LINE fetches audio from an https address only."""
    monkeypatch.setenv("PUBLIC_URL", PUBLIC)


@pytest.fixture
async def chat(line: LineSandbox, line_runtime: Runtime) -> AsyncIterator[Bot]:
    """Phones of guests, and the process that tells them."""
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        yield Bot(line, phone, line_runtime, url)
        broken = await phone.broken()
    assert broken == []


async def _ordered(chat: Bot, **more: Any) -> dict[str, Any]:
    """An order that is completed, with all that was to be told told."""
    async with httpx.AsyncClient(base_url=chat.url, timeout=60) as guest, working(chat.runtime):
        taken = await place(guest, {**SEED_BODY, **more})
        await events(guest, taken["events_url"])
        await chat.settled()
        status: dict[str, Any] = (await guest.get(taken["polling_url"])).json()
    return status


async def test_a_guest_in_line_gets_the_order_and_its_voice(chat: Bot) -> None:
    """Who it is LINE says; the link to the voice needs no credentials and lasts."""
    token = await chat.phone.id_token("ann")
    status = await _ordered(chat, line_id_token=token, language="en")
    text, audio = await chat.says("ann", 2)
    url: str = audio["originalContentUrl"]
    async with httpx.AsyncClient() as http:
        voice = await http.get(url.replace(PUBLIC, chat.url))
    row = await chat.runtime.db.fetchrow("select owner, person from orders.orders")
    assert row is not None

    assert text["text"].startswith("Your order\n")
    assert "測試商品" in text["text"]
    assert audio["duration"] == status["voices"][0]["duration_ms"]
    assert voice.headers["content-type"] == "audio/mp4"
    assert status["line_sent"]
    assert row["person"] == person_of(chat.runtime.codec, row["owner"], user_id("ann"))


@pytest.mark.parametrize("token", ["made.up.token", "x"])
async def test_a_token_that_line_does_not_confirm_tells_nobody(chat: Bot, token: str) -> None:
    """The order is completed all the same."""
    status = await _ordered(chat, line_id_token=token)

    assert (status["status"], status["line_sent"]) == ("completed", False)


@pytest.mark.slow
async def test_line_being_ill_holds_up_no_order_and_repeats_no_message(chat: Bot) -> None:
    """LINE does what it is asked, and nobody hears of it: the message comes once."""
    token = await chat.phone.id_token("ann")
    lost = (Fault(kind="disconnect", after=True),) * 2
    await chat.behave(Knobs(next_faults=lost))
    async with httpx.AsyncClient(base_url=chat.url, timeout=60) as guest, working(chat.runtime):
        taken = await place(guest, {**SEED_BODY, "line_id_token": token})
        told = await events(guest, taken["events_url"])
        await chat.until(
            "select 1 from platform.runs where name = 'orders.tell' and result is not null"
        )
        said = await chat.said("ann")

    assert told[-1]["data"]["status"] == "completed"
    assert len(said) == 2
