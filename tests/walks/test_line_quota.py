"""A channel whose owner has a plan: what is said when the photos of a day are used up."""

import asyncio
import io
from uuid import UUID

import pytest
from line_bot import Bot, text_of
from PIL import Image, ImageDraw

from forthwith.apps.cards.line.channel import channel
from forthwith.platform import clock

USER = "Fang"
BASIC = 100  # photos a day
SPENT = "今天能讀的照片已經用完"


@pytest.fixture
async def owner(bot: Bot) -> UUID:
    """The channel's owner, a member with one photo left."""
    found = await channel(bot.runtime).owner()
    await bot.runtime.db.execute("update platform.accounts set role = 'member'")
    await bot.runtime.db.execute(
        "insert into platform.quota_uses (owner, quota, period, used)"
        " values ($1, 'photos', $2, $3)",
        found,
        clock.now().date(),
        BASIC - 1,
    )
    return found


def _photo(number: int) -> bytes:
    picture = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(picture).text((40, 120), f"ann{number}@tools.example", "black", font_size=44)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


async def _used(bot: Bot, owner: UUID) -> int:
    row = await bot.runtime.db.fetchrow(
        "select used from platform.quota_uses where owner = $1", owner
    )
    assert row is not None
    return int(row["used"])


@pytest.mark.slow
async def test_a_photo_beyond_the_plan_is_answered_and_known_ones_go_on(
    bot: Bot, owner: UUID
) -> None:
    """Each photo gets its answer; what was read before costs nothing of the plan."""
    await bot.phone.send_images(USER, [_photo(1)])
    await bot.says(USER)
    before = await bot.newest(USER)
    await bot.phone.send_images(USER, [_photo(2)])
    refused = (await bot.says(USER, 1, before))[0]
    before = await bot.newest(USER)
    await bot.phone.send_images(USER, [_photo(1)])
    told, contact = await bot.says(USER, 2, before)
    await bot.settled()

    assert SPENT in refused["text"]
    assert refused["quoteToken"]
    assert told["text"] == "這張照片讀過了"
    assert "ann1@tools" in text_of(contact)
    assert await _used(bot, owner) == BASIC


@pytest.mark.slow
async def test_equal_photos_at_the_same_time_take_one_of_the_plan(bot: Bot, owner: UUID) -> None:
    """The plan has room for one more, and each of the three is answered."""
    await asyncio.gather(*(bot.phone.send_images(USER, [_photo(1)]) for _ in range(3)))
    answers = await bot.says(USER, 5)
    await bot.settled()

    assert [each["text"] for each in answers if each["type"] == "text"] == ["這張照片讀過了"] * 2
    assert await _used(bot, owner) == BASIC


@pytest.mark.slow
async def test_a_batch_tells_which_photos_were_beyond_the_plan(bot: Bot, owner: UUID) -> None:
    await bot.phone.send_images(USER, [_photo(1), b"this is no photo", _photo(2)])
    summary = text_of((await bot.says(USER, 4))[0])
    failures = [text_of(each) for each in (await bot.said(USER))[2:]]
    await bot.settled()

    assert '"1"' in summary
    assert '"2"' in summary
    assert sum(SPENT in each for each in failures) == 1
    assert await _used(bot, owner) == BASIC


async def test_what_is_no_photo_takes_nothing_of_the_plan(bot: Bot, owner: UUID) -> None:
    await bot.phone.send_images(USER, [b"this is no photo"])
    await bot.says(USER)
    await bot.settled()

    assert await _used(bot, owner) == BASIC - 1
