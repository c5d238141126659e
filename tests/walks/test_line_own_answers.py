"""A photo's run brings its own answer; whatever becomes of the run, the answer arrives."""

import hashlib

import pytest
from line_bot import Bot, text_of
from pictures import picture

from forthwith.apps.cards.line import upkeep
from forthwith.apps.cards.reading import CardReading, Contact
from forthwith.sandbox import Fault, Knobs

USER = "Fang"
ILL = Fault(kind="status", status=500)
SECOND_IS_ILL = 78  # the seed with which a photo is fetched, its reply fails, and then all is well
CONTACT = CardReading(emails=(Contact("ann.lee@tools.example", 1.0),))


async def _runs(bot: Bot) -> list[str]:
    """The names of the runs that read photos or send answers."""
    rows = await bot.runtime.db.fetch(
        "select name from platform.runs where name in ('cards.line.photo', 'cards.line.send')"
    )
    return [row["name"] for row in rows]


@pytest.fixture
async def known(bot: Bot) -> bytes:
    """A photo of a card that was read before."""
    photo = picture(1)
    card, sha256 = await bot.knows(USER, CONTACT), hashlib.sha256(photo).hexdigest()
    await bot.runtime.db.execute("update cards.cards set photo = $2 where id = $1", card, sha256)
    return photo


async def test_a_known_photo_is_answered_by_one_run_that_keeps_nothing_else(
    bot: Bot, known: bytes
) -> None:
    await bot.phone.send_images(USER, [known])
    told, contact = await bot.says(USER, 2)
    await bot.settled()
    steps = await bot.runtime.db.fetch(
        "select s.name from platform.steps s join platform.runs r on r.id = s.run"
        " where r.name = 'cards.line.photo'"
    )

    assert told["text"] == "這張照片讀過了"
    assert "ann.lee@tools" in text_of(contact)
    assert await _runs(bot) == ["cards.line.photo"]
    assert [row["name"] for row in steps] == ["known"]
    assert list(bot.runtime.blobs.survey()) == []


async def test_while_line_is_ill_the_answer_goes_to_a_run_of_its_own(
    bot: Bot, known: bytes
) -> None:
    await bot.behave(Knobs(faults=(ILL,), fault_rate=0.5, seed=SECOND_IS_ILL))
    await bot.phone.send_images(USER, [known])
    await bot.says(USER, 2)
    await bot.settled()

    assert len(await bot.said(USER)) == 2
    assert "cards.line.send" in await _runs(bot)


async def test_an_answer_whose_run_is_gone_is_brought_within_a_minute(
    bot: Bot, known: bytes
) -> None:
    """As if the run had been cancelled between its last write and its reply."""
    await bot.phone.send_images(USER, [known])
    await bot.says(USER, 2)
    await bot.settled()
    await bot.runtime.db.execute(
        "update cards.outgoing set state = 'pending', reply = null, token = null,"
        " created_at = created_at - interval '2 minutes'"
    )
    for _ in range(2):  # the next minute's upkeep asks for the same run
        async with bot.runtime.db.transaction() as session:
            await upkeep.hand_over_answers(session, bot.runtime)
    await bot.says(USER, 4)
    await bot.settled()

    assert (await _runs(bot)).count("cards.line.send") == 1
    assert len(await bot.said(USER)) == 4
