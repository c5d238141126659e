"""What people write and tap, and what the bot answers."""

import httpx
import pytest
from line_bot import Bot, buttons, text_of

from forthwith.apps.cards.reading import CardReading, Contact, Number, Text
from forthwith.sandbox.line.names import group_id

ANN = CardReading(
    name=Text("Ann Lee", 0.9),
    company=Text("Lee Tools Ltd", 0.9),
    title=Text("Clerk", 0.9),
    phones=(Number("mobile", "0912-345-678", "+886912345678", 0.9),),
    emails=(Contact("ann@tools.example", 0.9),),
)
WANG = CardReading(name=Text("王小明", 0.9), company=Text("大山機械股份有限公司", 0.9))


@pytest.mark.parametrize(
    ("said", "answered"), [("help", "Send a photo"), ("說明", "結束批次"), ("ヘルプ", "バッチ終了")]
)
async def test_help_is_given_in_the_language_it_is_asked_for(
    bot: Bot, said: str, answered: str
) -> None:
    assert answered in text_of((await bot.ask("Fang", said))[0])


async def test_the_bot_goes_on_in_the_language_of_the_last_command(bot: Bot) -> None:
    await bot.ask("Fang", "help")

    assert "do not understand" in text_of((await bot.ask("Fang", "blah"))[0])


async def test_who_follows_the_bot_is_welcomed(bot: Bot) -> None:
    await bot.phone.do("Fang", "follow", members={"follow": {"isUnblocked": False}})

    assert "名片" in text_of((await bot.says("Fang"))[0])


async def test_what_is_no_photo_is_answered_with_what_to_send(bot: Bot) -> None:
    sticker = {"type": "sticker", "id": "7", "packageId": "1", "stickerId": "1"}
    sticker |= {"stickerResourceType": "STATIC", "quoteToken": "q"}
    await bot.phone.do("Fang", "message", members={"message": sticker})

    assert "照片" in text_of((await bot.says("Fang"))[0])


async def test_a_list_shows_the_newest_contacts_and_opens_them(bot: Bot) -> None:
    await bot.knows("Fang", ANN)
    await bot.knows("Fang", WANG)
    listed = (await bot.ask("Fang", "列表"))[0]
    opened = (await bot.tap("Fang", buttons(listed)["查看"]))[0]

    assert text_of(listed).index("王小明") < text_of(listed).index("Ann Lee")
    assert "大山機械" in text_of(opened)


async def test_more_than_a_carousel_holds_is_listed_by_more(bot: Bot) -> None:
    for number in range(14):
        await bot.knows("Fang", CardReading(name=Text(f"Person {number:02}", 1.0)))
    first = (await bot.ask("Fang", "list"))[0]
    second = (await bot.tap("Fang", buttons(first)["More"]))[0]

    assert len(first["contents"]["contents"]) == 12
    assert "Person 01" in text_of(second)
    assert "Person 02" not in text_of(second)


async def test_a_contact_is_found_by_any_part_of_what_it_says(bot: Bot) -> None:
    await bot.knows("Fang", ANN)
    await bot.knows("Fang", WANG)

    assert "王小明" in text_of((await bot.ask("Fang", "搜尋 小明"))[0])
    assert "王小明" in text_of((await bot.ask("Fang", "搜尋 王"))[0])
    assert "Ann Lee" in text_of((await bot.ask("Fang", "search tools ann"))[0])
    assert "912345678" not in text_of((await bot.ask("Fang", "search 小華"))[0])


@pytest.mark.parametrize("term", ["%", "' or 1=1 --", "{term}", "\\", "😀", "x" * 4000, "\x00"])
async def test_hostile_words_are_answered_cleanly(bot: Bot, term: str) -> None:
    await bot.knows("Fang", ANN)
    answer = (await bot.ask("Fang", f"search {term}"))[0]

    assert answer["type"] == "text"
    assert "Ann Lee" not in text_of(answer)


async def test_people_do_not_find_what_is_another_s(bot: Bot) -> None:
    card = await bot.knows("Fang", ANN)
    show = {"type": "postback", "label": "-", "data": f"show|{card.hex}|0|"}

    assert "Ann Lee" not in text_of((await bot.ask("Mei", "search ann"))[0])
    assert "Ann Lee" not in text_of((await bot.ask("Mei", "list"))[0])
    assert "Ann Lee" not in text_of((await bot.tap("Mei", show))[0])


async def test_a_tapped_field_takes_the_next_text_as_its_value(bot: Bot) -> None:
    await bot.knows("Fang", ANN)
    listed = (await bot.ask("Fang", "list"))[0]
    contact = (await bot.tap("Fang", buttons(listed)["Open"]))[0]
    asked = (await bot.tap("Fang", buttons(contact)["Email"]))[0]
    refused = (await bot.ask("Fang", "no address"))[0]
    changed = (await bot.ask("Fang", "lee@tools.example", 2))[1]

    assert "new value of Email" in asked["text"]
    assert "does not look right" in refused["text"]
    assert "lee@tools.example" in text_of(changed)
    assert "Ann Lee" in text_of((await bot.ask("Fang", "search lee@tools"))[0])


async def test_a_correction_in_one_line_is_of_the_latest_card(bot: Bot) -> None:
    await bot.knows("Fang", WANG)
    await bot.knows("Fang", ANN)
    changed = (await bot.ask("Fang", "correct title: Head of Sales", 2))[1]

    assert "Head of Sales" in text_of(changed)
    assert "Ann Lee" in text_of((await bot.ask("Fang", "search head sales"))[0])


async def test_what_was_asked_for_can_be_cancelled(bot: Bot) -> None:
    await bot.knows("Fang", ANN)
    await bot.ask("Fang", "correct title")
    await bot.ask("Fang", "cancel")

    assert "do not understand" in text_of((await bot.ask("Fang", "Boss"))[0])


async def test_a_note_is_kept_and_found(bot: Bot) -> None:
    await bot.knows("Fang", ANN)
    await bot.ask("Fang", "note met at the fair", 2)

    assert "Ann Lee" in text_of((await bot.ask("Fang", "search fair"))[0])


async def test_a_card_is_deleted_once_the_person_says_so(bot: Bot) -> None:
    card = await bot.knows("Fang", ANN)
    asked = (await bot.ask("Fang", "delete"))[0]
    await bot.tap("Fang", buttons(asked)["Yes, delete"])
    await bot.settled()
    left = await bot.runtime.db.fetch(
        "select 1 from cards.cards where id = $1 union all select 1 from cards.grams"
        " union all select 1 from cards.identifiers",
        card,
    )

    assert "Delete Ann Lee?" in asked["altText"]
    assert left == []
    assert "no cards" in text_of((await bot.ask("Fang", "list"))[0])


async def test_two_cards_of_one_person_become_one_with_consent(bot: Bot) -> None:
    older = await bot.knows("Fang", ANN)
    newer = CardReading(name=ANN.name, company=Text("New Works Ltd", 0.9), emails=ANN.emails)
    card = await bot.knows("Fang", newer)
    merge = {"type": "postback", "label": "-", "data": f"merge|{card.hex}|0|{older.hex}"}
    whole = (await bot.tap("Fang", merge, 2))[1]
    listed = (await bot.ask("Fang", "list"))[0]

    assert "New Works Ltd" in text_of(whole)
    assert "先前: Lee Tools Ltd" in text_of(whole)
    assert listed["contents"].get("contents", [None])[1:] == []


async def test_a_contact_goes_to_the_phone_by_a_signed_link(bot: Bot) -> None:
    """Without a public address the vCard itself is sent."""
    card = await bot.knows("Fang", ANN)
    save = {"type": "postback", "label": "-", "data": f"file|{card.hex}|0|"}
    told = await bot.tap("Fang", save, 2)

    assert "BEGIN:VCARD" in told[1]["text"]


async def test_a_link_opens_the_vcard_and_the_code_without_credentials(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = bot.runtime.settings.server.model_copy(update={"public_url": "https://bot.example"})
    monkeypatch.setitem(bot.runtime.settings.__dict__, "server", server)
    card = await bot.knows("Fang", ANN)
    tap = {"type": "postback", "label": "-"}
    file = (await bot.tap("Fang", tap | {"data": f"file|{card.hex}|0|"}))[0]
    code = (await bot.tap("Fang", tap | {"data": f"code|{card.hex}|0|"}))[0]
    url = buttons(file)["存到手機"]["uri"]
    picture = code["contents"]["hero"]["url"]
    async with httpx.AsyncClient() as anybody:
        vcard = await anybody.get(url.replace("https://bot.example", bot.url))
        image = await anybody.get(picture.replace("https://bot.example", bot.url))
        other = await anybody.get(f"{bot.url}/api/v1/cards/shared/AAAA/vcard")

    assert "ann@tools.example" in vcard.text
    assert image.content.startswith(b"\x89PNG")
    assert other.status_code == 401


async def test_in_a_group_only_commands_are_answered(bot: Bot) -> None:
    await bot.phone.send_text("Fang", "hello all", group="team")
    await bot.phone.send_text("Fang", "help", group="team")
    answered = await bot.says(group_id("team"))
    await bot.settled()

    assert len(answered) == 1
    assert await bot.said("Fang") == []
