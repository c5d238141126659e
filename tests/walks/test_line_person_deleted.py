"""Somebody who sent a card in LINE is deleted: not even who holds the key finds them."""

import httpx
import pytest
from disk_search import said_on
from line_bot import Bot
from sealed_values import opened_values
from support import API_KEY, EXAMPLES

from forthwith.platform.db import Base
from forthwith.sandbox.line.names import user_id

pytestmark = pytest.mark.slow  # a person has been in all rooms

FANG, LIN = "Fang", "Lin"


@pytest.mark.timeout(120)
async def test_a_person_of_the_bot_is_deleted_with_all_they_sent_and_nobody_else(bot: Bot) -> None:
    await bot.phone.send_images(FANG, [(EXAMPLES / "usa-icons.jpg").read_bytes()])
    await bot.says(FANG)
    await bot.ask(LIN, "help")
    await bot.settled()
    headers = {"X-API-Key": API_KEY}
    async with httpx.AsyncClient(base_url=bot.url, headers=headers, timeout=30) as client:
        card = (await client.get("/api/v1/cards")).json()["data"]["items"][0]["cards"][0]
        told = await client.request("DELETE", "/api/v1/privacy", json={"person": user_id(FANG)})
        assert told.status_code == 202
    await bot.until("select from platform.audit where action = 'privacy.erased'")
    await bot.settled()
    left = await opened_values(bot.runtime)

    assert user_id(FANG).encode() not in left
    assert [value for value in said_on(card) if value.encode() in left] == []
    assert list(bot.runtime.blobs.survey()) == []
    assert user_id(LIN).encode() in left
    assert await _persons(bot) == 1


async def _persons(bot: Bot) -> int:
    """How many people stand behind the rows of the cards application."""
    found = set()
    for table in Base.metadata.tables.values():
        if table.schema == "cards" and "person" in table.c:
            rows = await bot.runtime.db.fetch(
                f"select person from {table.fullname} where person is not null"  # noqa: S608
            )
            found |= {row["person"] for row in rows}
    return len(found)
