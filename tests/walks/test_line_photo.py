"""A photo sent in LINE comes back as a contact."""

import asyncio
import io

import httpx
import pytest
from line_bot import Bot, buttons, text_of
from PIL import Image, ImageDraw
from support import EXAMPLES

from forthwith.platform.runtime import Runtime
from forthwith.sandbox.line.knobs import LineKnobs

USER = "Fang"
PHOTO = EXAMPLES / "usa-icons.jpg"


def _photo() -> bytes:
    """A small picture with one line to read."""
    picture = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((40, 120), "ann.lee@tools.example", fill="black", font_size=44)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


async def test_a_photo_becomes_a_contact_in_the_chat(bot: Bot) -> None:
    """Answered by the reply token, with the lines that can be tapped."""
    await bot.phone.send_images(USER, [PHOTO.read_bytes()])
    contact = (await bot.says(USER))[0]
    chat = await bot.phone.messages_of(USER)
    cards = await bot.runtime.db.fetch("select person from cards.cards")

    assert contact["type"] == "flex"
    assert "@" in text_of(contact)
    assert {"信箱", "存到手機", "QR 碼", "備註", "刪除"} <= set(buttons(contact))
    assert chat.entries[-1].sent_by == "reply"
    assert len(cards[0]["person"]) == 64


async def test_the_same_photo_again_is_answered_from_the_first_reading(bot: Bot) -> None:
    """One card, one reading; the second is told and counted as a hit."""
    await bot.phone.send_images(USER, [_photo()])
    await bot.says(USER)
    before = await bot.newest(USER)
    await bot.phone.send_images(USER, [_photo()])
    told, contact = await bot.says(USER, 2, before)
    await bot.settled()
    cards = await bot.runtime.db.fetch("select 1 from cards.cards")
    async with httpx.AsyncClient() as http:
        report = (await http.get(f"{bot.url}/stats")).json()

    assert told["text"] == "這張照片讀過了"
    assert "ann.lee@tools" in text_of(contact)
    assert len(cards) == 1
    assert (report["total_cache_saves"], report["cache_hit_rate"]) == (1, 0.5)
    assert float(report["cache_speedup"].rstrip("x")) > 1


@pytest.mark.slow
async def test_equal_photos_at_the_same_time_are_one_card_read_once(bot: Bot) -> None:
    """Their runs meet at the claim: one reads, the others answer with what it has read."""
    await asyncio.gather(*(bot.phone.send_images(USER, [_photo()]) for _ in range(3)))
    answers = await bot.says(USER, 5)
    await bot.settled()
    cards = await bot.runtime.db.fetch("select 1 from cards.cards")
    known = [each for each in answers if each.get("text") == "這張照片讀過了"]

    assert len(cards) == 1
    assert len(known) == 2


@pytest.mark.slow
async def test_the_same_photo_of_another_person_is_read_for_them_alone(bot: Bot) -> None:
    await bot.phone.send_images(USER, [_photo()])
    await bot.phone.send_images("Mei", [_photo()])
    both = [(await bot.says(person))[0] for person in (USER, "Mei")]
    persons = await bot.runtime.db.fetch("select distinct person from cards.cards")

    assert [each["type"] for each in both] == ["flex", "flex"]
    assert len(persons) == 2


@pytest.mark.slow
async def test_bytes_that_line_still_prepares_are_waited_for(bot: Bot) -> None:
    await bot.phone.set_knobs(LineKnobs(content_seconds=1.5))
    await bot.phone.send_images(USER, [_photo()])

    assert "ann.lee@tools" in text_of((await bot.says(USER))[0])


@pytest.mark.parametrize("photo", [b"this is no photo", b"GIF89a" + bytes(100), b""])
async def test_what_cannot_be_read_is_answered_with_the_reason_and_quoted(
    bot: Bot, photo: bytes
) -> None:
    await bot.phone.send_images(USER, [photo])
    failure = (await bot.says(USER))[0]

    assert failure["text"].startswith("這張沒有讀成功")
    assert failure["quoteToken"]


async def test_nothing_of_a_contact_stands_in_plain_text_in_the_database(
    bot: Bot, line_runtime: Runtime
) -> None:
    """Cards, answers, tokens, grams, events and runs are all searched."""
    await bot.phone.send_images(USER, [_photo()])
    await bot.says(USER)
    await bot.ask(USER, "note met at the fair", 2)
    await bot.settled()
    user = (await bot.phone.messages_of(USER)).id
    tables = await line_runtime.db.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname in ('cards', 'platform', 'pgqueuer')"
    )
    found = set()
    for table in tables:
        rows = await line_runtime.db.fetch(f"select t::text as row from {table['name']} t")  # noqa: S608
        text = "\n".join(row["row"] for row in rows)
        words = (user, "ann.lee", "met at the fair")
        found |= {(table["name"], word) for word in words if word in text}

    assert found == set()
