"""Many photos, one summary: by command, as one set, and when the end is forgotten."""

import io

import pytest
from line_bot import Bot, buttons, text_of
from PIL import Image, ImageDraw

from forthwith.apps.cards.line.channel import channel
from forthwith.apps.cards.reading import CardReading, Contact, Text

NO_PHOTO = b"this is no photo"
UNREADABLE = "這張沒有讀成功"


def _photo(number: int) -> bytes:
    return _photo_with(f"Person Number {number}")


def _photo_with(line: str) -> bytes:
    """A small picture with one line to read."""
    picture = Image.new("RGB", (640, 400), "white")
    ImageDraw.Draw(picture).text((40, 120), line, fill="black", font_size=48)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def _figures(summary: dict[str, object]) -> dict[str, str]:
    """The rows of a bubble of figures."""
    rows = summary["contents"]["body"]["contents"]  # type: ignore[index]
    return {
        row["contents"][0]["text"]: row["contents"][1]["text"] for row in rows if "contents" in row
    }


@pytest.mark.slow
async def test_a_batch_is_answered_by_one_summary_with_its_figures(bot: Bot) -> None:
    """Failed photos are quoted with their reason, a photo sent twice is told from the cache."""
    assert "批次模式開始" in text_of((await bot.ask("Fang", "批次"))[0])
    before = await bot.newest("Fang")
    for photo in (_photo(1), NO_PHOTO, _photo(1), _photo(2)):
        await bot.phone.send_images("Fang", [photo], image_set=False)
    await bot.phone.send_text("Fang", "結束批次")
    summary, contacts, failure = await bot.says("Fang", 3, before)
    figures = _figures(summary)
    del figures["花費時間"]
    await bot.settled()

    assert figures == {"成功": "3", "失敗": "1", "重複": "1", "快取命中": "1"}
    assert len(contacts["contents"]["contents"]) == 2
    assert failure["text"].startswith(UNREADABLE)
    assert failure["quoteToken"]
    assert len(await bot.said("Fang", before)) == 3


async def test_photos_sent_in_one_go_are_a_batch_without_the_command(bot: Bot) -> None:
    await bot.phone.send_images("Fang", [NO_PHOTO, NO_PHOTO, NO_PHOTO])
    summary, *failures = await bot.says("Fang", 3)
    await bot.settled()

    assert _figures(summary)["失敗"] == "3"
    assert len(failures) == 2
    assert len(await bot.said("Fang")) == 3


async def test_a_forgotten_batch_is_closed_and_summed_up(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = channel(bot.runtime)
    monkeypatch.setattr(
        line, "settings", line.settings.model_copy(update={"batch_idle_seconds": 4.0})
    )
    await bot.ask("Fang", "batch")
    before = await bot.newest("Fang")
    await bot.phone.send_images("Fang", [NO_PHOTO])
    summary = (await bot.says("Fang", 2, before))[0]

    assert "has been closed" in text_of(summary)
    assert "no batch" in text_of((await bot.ask("Fang", "end batch"))[0])


async def test_an_empty_batch_says_so(bot: Bot) -> None:
    await bot.ask("Fang", "batch")

    assert "no photos" in text_of((await bot.ask("Fang", "end batch"))[0])


async def test_a_second_begin_tells_that_the_batch_goes_on(bot: Bot) -> None:
    await bot.ask("Fang", "batch")

    assert "on already" in text_of((await bot.ask("Fang", "batch"))[0])


async def test_the_status_is_live(bot: Bot) -> None:
    await bot.knows("Fang", CardReading(name=Text("Ann", 1.0)))
    await bot.ask("Fang", "batch")
    await bot.phone.send_images("Fang", [NO_PHOTO])
    await bot.until("select 1 from cards.line_photos where state = 'failed'")
    figures = _figures((await bot.ask("Fang", "status"))[0])

    assert figures["Batch is on"] == "1"
    assert figures["Failed"] == "1"
    assert figures["Contacts"] == "1"


async def test_batches_of_two_people_do_not_meet(bot: Bot) -> None:
    await bot.ask("Fang", "批次")
    await bot.phone.send_images("Mei", [NO_PHOTO])
    single = (await bot.says("Mei"))[0]
    before = await bot.newest("Fang")
    await bot.phone.send_text("Fang", "結束批次")

    assert single["text"].startswith(UNREADABLE)
    assert "沒有收到照片" in text_of((await bot.says("Fang", 1, before))[0])


async def test_the_same_person_on_another_photo_is_offered_to_be_merged(bot: Bot) -> None:
    await bot.knows("Fang", CardReading(emails=(Contact("ann@tools.example", 0.9),)))
    await bot.phone.send_images("Fang", [_photo_with("ann@tools.example")])
    _, offer = await bot.says("Fang", 2)
    merged = (await bot.tap("Fang", buttons(offer)["合併"], 2))[0]
    row = await bot.runtime.db.fetchrow(
        "select count(*) as cards from cards.cards where merged_into is null"
    )

    assert "合併" in text_of(merged)
    assert row is not None
    assert row["cards"] == 1


@pytest.mark.slow
async def test_a_photo_that_is_taken_back_leaves_no_contact(bot: Bot) -> None:
    (message,) = await bot.phone.send_images("Fang", [_photo(1)])
    await bot.says("Fang")
    await bot.phone.take_back("Fang", message)
    await bot.until("select 1 where not exists (select from cards.cards)")
    await bot.settled()
    left = await bot.runtime.db.fetch("select 1 from cards.line_photos")

    assert left == []
    assert list((bot.runtime.settings.home.home / "blobs").glob("*/*/[0-9a-f]*")) == []
