"""Cards become pages of Notion: one each, whatever Notion does meanwhile."""

import asyncio
from uuid import uuid4

import httpx
import pytest
from notion_bot import Opening, Outbox, contact
from notion_workspace import Held
from support import API_KEY, serving, working

from forthwith.apps.cards import service
from forthwith.apps.cards.notion import outbox as rows
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.reading import Text
from forthwith.sandbox.notion import NotionKnobs
from forthwith.sandbox.notion.workspace import column


async def test_a_card_becomes_a_page_with_its_photo(outbox: Outbox) -> None:
    card = await outbox.add(contact(company=Text("Ocean Ltd", 0.9)))
    await outbox.settled()
    page = (await outbox.values())[str(card)]

    assert page["Name"] == "Lin Mei"
    assert page["Company"] == "Ocean Ltd"
    assert page["Email"] == "lin@example.com"
    assert page["Card"] == "card.jpeg"
    assert (page["Source"], page["State"], page["Confidence"]) == ("Upload", "Sure", "0.87")


async def test_each_contact_of_a_photo_has_its_page_and_the_photo_is_sent_once(
    outbox: Outbox,
) -> None:
    card = await outbox.add(contact("One"), contact("Two"))
    await outbox.settled()
    pages = await outbox.values()

    assert {key: page["Name"] for key, page in pages.items()} == {
        str(card): "One",
        f"{card}-2": "Two",
    }
    assert all(page["Card"] for page in pages.values())
    assert len(await outbox.workspace.calls("POST", "/v1/file_uploads")) == 2


async def test_a_correction_changes_its_page_and_nothing_else_there(outbox: Outbox) -> None:
    """What was written into other properties in Notion stays."""
    card = await outbox.add(contact(company=Text("Ocean Ltd", 0.9)))
    await outbox.settled()
    (page,) = outbox.workspace.sandbox.workspace.pages.values()
    outbox.workspace.sandbox.workspace.change_page(
        page, {"properties": {"Company": {"rich_text": [{"text": {"content": "Mine"}}]}}}
    )
    await outbox.change(card, contact("Lin Mei-ling", company=Text("Ocean Ltd", 0.9)))
    await outbox.settled()
    values = (await outbox.values())[str(card)]

    assert (values["Name"], values["Company"]) == ("Lin Mei-ling", "Mine")


async def test_what_stays_the_same_is_not_sent(outbox: Outbox) -> None:
    card = await outbox.add(contact())
    await outbox.settled()
    await outbox.change(card, contact())
    await outbox.settled()

    assert await outbox.workspace.calls("PATCH", "/v1/pages") == []


async def test_edits_collapse_into_one_run(opening: Opening, workspace: Held) -> None:
    async with opening() as outbox:
        await outbox.prepare()
        card = await outbox.add(contact("First"))
        await outbox.change(card, contact("Second"))
        await outbox.change(card, contact("Third"))
        runs = await outbox.runtime.db.fetch(
            "select 1 from platform.runs where name = 'cards.notion.push'"
        )
        async with working(outbox.runtime):
            await outbox.settled()

        assert len(runs) == 1
        assert (await outbox.values())[str(card)]["Name"] == "Third"
        assert len(await workspace.calls("POST", "/v1/pages")) == 1


async def test_an_edit_while_its_page_is_written_is_not_lost(outbox: Outbox) -> None:
    """The run that is under way sees that more was asked."""
    await outbox.workspace.behave(latency={"p50": 0.15, "p95": 0.15})
    card = await outbox.add(contact("First"))
    for name in ("Second", "Third", "Last"):
        await asyncio.sleep(0.3)
        await outbox.change(card, contact(name))
    await outbox.settled()

    assert (await outbox.values())[str(card)]["Name"] == "Last"
    assert len(await outbox.workspace.pages()) == 1


async def test_a_deleted_card_goes_into_the_trash(outbox: Outbox) -> None:
    card = await outbox.add(contact("One"), contact("Two"))
    await outbox.settled()
    await service.delete_card(outbox.runtime, outbox.owner, card)
    await outbox.settled()

    assert await outbox.workspace.pages() == []
    assert len(await outbox.workspace.pages(also_trash=True)) == 2
    assert await outbox.row(card) is None


async def test_a_deleted_card_may_stay_in_notion(
    opening: Opening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CARDS_NOTION_KEEP_DELETED", "true")
    async with opening() as outbox, working(outbox.runtime):
        await outbox.prepare()
        card = await outbox.add(contact())
        await outbox.settled()
        await service.delete_card(outbox.runtime, outbox.owner, card)
        await outbox.settled()

        assert len(await outbox.workspace.pages()) == 1


async def test_a_card_deleted_while_its_page_is_made_leaves_none(outbox: Outbox) -> None:
    await outbox.workspace.behave(latency={"p50": 0.15, "p95": 0.15})
    card = await outbox.add(contact())
    await asyncio.sleep(0.4)
    await service.delete_card(outbox.runtime, outbox.owner, card)
    await outbox.settled()

    assert await outbox.workspace.pages() == []
    assert await outbox.row(card) is None


async def test_what_waits_for_its_deletion_keeps_ids_only(opening: Opening) -> None:
    """An address bears a name."""
    async with opening() as outbox:
        await outbox.prepare()
        async with working(outbox.runtime):
            card = await outbox.add(contact())
            await outbox.settled()
        await service.delete_card(outbox.runtime, outbox.owner, card)
        row = await outbox.row(card)
        assert row is not None
        (page,) = rows.pages_in(outbox.runtime.codec, row).pages

        assert page.id is not None
        assert (page.url, page.sent) == (None, {})


async def test_a_card_with_fewer_contacts_than_before_puts_the_others_away(outbox: Outbox) -> None:
    card = await outbox.add(contact("One"), contact("Two"))
    await outbox.settled()
    await outbox.change(card, contact("One"))
    await outbox.settled()

    assert list(await outbox.values()) == [str(card)]


async def test_a_merged_card_is_one_page(outbox: Outbox) -> None:
    older, newer = await outbox.add(contact("Old")), await outbox.add(contact("New"))
    await outbox.settled()
    async with outbox.runtime.db.transaction() as session:
        await service.hide_merged(session, outbox.runtime, outbox.owner, newer, older)
    await outbox.settled()

    assert list(await outbox.values()) == [str(older)]


async def test_a_page_thrown_away_in_notion_comes_back_with_a_correction(outbox: Outbox) -> None:
    card = await outbox.add(contact("First"))
    await outbox.settled()
    (page,) = outbox.workspace.sandbox.workspace.pages.values()
    page.is_in_trash = True
    await outbox.change(card, contact("Second"))
    await outbox.settled()

    assert (await outbox.values())[str(card)]["Name"] == "Second"


@pytest.mark.parametrize(
    "kind", [pytest.param("hang", marks=pytest.mark.slow), "disconnect", "cut"]
)
async def test_a_page_without_an_answer_is_not_made_again(outbox: Outbox, kind: str) -> None:
    """Also where a query finds it late: the run lets it settle."""
    await outbox.workspace.set_knobs(NotionKnobs(index_seconds=0.3))
    card = await outbox.add(contact("Before"))  # opens connections, learns the schema
    await outbox.settled()
    fault = {"kind": kind, "after": kind != "cut", "seconds": 5.0}
    await outbox.workspace.behave(faults=[fault], fault_rate=1.0)
    await outbox.change(card, contact("Before"), contact("After"))
    await outbox.until("failures > 0")
    await outbox.workspace.behave()
    await outbox.settled()

    assert sorted(await outbox.values()) == [str(card), f"{card}-2"]
    assert len(await outbox.workspace.pages()) == 2


@pytest.mark.slow
async def test_a_notion_that_is_down_costs_no_try_and_no_page(outbox: Outbox) -> None:
    await outbox.workspace.behave(faults=[{"kind": "status", "status": 503}], fault_rate=1.0)
    card = await outbox.add(contact())
    await outbox.until("failures > 1")
    row = await outbox.row(card)
    run = await outbox.runtime.db.fetchrow(
        "select attempt from platform.runs where name = $1", rows.PUSH
    )
    await outbox.workspace.behave()
    await outbox.settled()

    assert row is not None
    assert (row.state, row.failure) == ("waiting", "UNAVAILABLE")
    assert run is not None
    assert run["attempt"] == 0
    assert len(await outbox.workspace.pages()) == 1


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("NOTION_API_KEY", "ntn_wrong", "KEY_REJECTED"),
        ("NOTION_DATABASE_ID", "0" * 32, "NOT_SHARED"),
        ("NOTION_DATABASE_ID", None, "SCHEMA_MISMATCH"),
    ],
)
async def test_what_a_person_has_to_mend_is_told_and_waited_for(
    opening: Opening,
    workspace: Held,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str | None,
    code: str,
) -> None:
    """A property of another type, too."""
    if value is not None:
        monkeypatch.setenv(setting, value)
    (source,) = workspace.sandbox.workspace.sources.values()
    source.columns["Email"] = column("Email", "rich_text")
    async with opening() as outbox, working(outbox.runtime):
        card = await outbox.add(contact())
        await outbox.until("failures > 0")
        row = await outbox.row(card)

        assert row is not None
        assert (row.state, row.failure) == ("waiting", code)


async def test_a_page_that_notion_refuses_fails_and_an_edit_tries_again(outbox: Outbox) -> None:
    await outbox.add(contact("Before"))
    await outbox.settled()
    # Once: the schema is looked at again, to tell a fault of the page from one of the database.
    await outbox.workspace.behave(next_faults=[{"kind": "status", "status": 400}])
    card = await outbox.add(contact())
    await outbox.settled()
    row = await outbox.row(card)
    await outbox.change(card, contact("Better"))
    await outbox.settled()

    assert row is not None
    assert (row.state, row.failure) == ("failed", "REFUSED")
    assert (await outbox.values())[str(card)]["Name"] == "Better"


async def test_a_photo_that_is_too_large_leaves_a_page_without_it(outbox: Outbox) -> None:
    await outbox.workspace.set_knobs(NotionKnobs(upload_bytes=3))
    card = await outbox.add(contact())
    await outbox.settled()

    assert (await outbox.values())[str(card)]["Card"] == ""


async def test_another_database_gets_pages_of_its_own(
    opening: Opening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of the first one are left alone, and not shown any more."""
    async with opening() as outbox, working(outbox.runtime):
        await outbox.prepare()
        card = await outbox.add(contact("First"))
        await outbox.settled()
    other = outbox.workspace.sandbox.workspace.add_source("Other")
    monkeypatch.setenv("NOTION_DATA_SOURCE_ID", other.id)
    async with opening() as outbox, working(outbox.runtime):
        await outbox.prepare()
        async with outbox.runtime.db.read() as session:
            shown = await rows.pages_of(session, outbox.runtime, outbox.owner, [card])
        await outbox.change(card, contact("Second"))
        await outbox.settled()
        pages = outbox.workspace.sandbox.workspace.pages.values()

    assert shown == {}
    assert [(page.title, page.source is other) for page in pages] == [
        ("First", False),
        ("Second", True),
    ]


async def test_only_one_accounts_contacts_go_there(outbox: Outbox) -> None:
    async with outbox.runtime.db.transaction() as session:
        await rows.ask(session, outbox.runtime, uuid4(), uuid4())
    found = await outbox.runtime.db.fetchrow("select 1 from cards.notion_cards")

    assert found is None


async def test_without_notion_nothing_is_asked(
    opening: Opening,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NOTION_API_KEY")
    async with opening() as outbox:
        card = await outbox.add(contact())

        assert destination(outbox.runtime).place is None
        assert await outbox.row(card) is None


async def test_the_owner_sees_where_the_pages_are(outbox: Outbox) -> None:
    """With the card, and in the list."""
    card = await outbox.add(contact("One"), contact("Two"))
    await outbox.settled()
    async with (
        serving(outbox.runtime) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}) as api,
    ):
        shown = (await api.get(f"/api/v1/cards/{card}")).json()["data"]["notion"]
        listed = (await api.get("/api/v1/cards")).json()["data"]["items"][0]["notion"]

    assert listed == shown
    assert (shown["state"], shown["provider"], shown["failure"]) == ("done", "sandbox", None)
    assert ["/One-" in each for each in shown["pages"]] == [True, False]
