"""The product's client and the real SDK, over sockets, against the sandbox's Notion."""

import asyncio
import sys
import time
from subprocess import run
from typing import Any

import pytest
from notion_workspace import Running, running

from forthwith.integrations.notion import properties
from forthwith.integrations.notion.client import Notion
from forthwith.integrations.notion.errors import NotThere, SchemaMismatch, read_refusal
from forthwith.integrations.notion.schema import Column
from forthwith.platform.errors import KeyRejected, Refused, TooMany, Transient
from forthwith.platform.upstream import Throttled, Unanswered
from forthwith.sandbox.notion import NotionKnobs

COLUMNS = (
    Column("Name", "title"),
    Column("Card ID", "rich_text"),
    Column("Email", "email"),
    Column("Card", "files"),
)


def contact(name: str = "Lin", card: str = "card-1", **more: Any) -> dict[str, Any]:
    """Properties of a page."""
    return {"Name": properties.title(name), "Card ID": properties.rich_text(card), **more}


@pytest.fixture
async def ready(workspace: Running) -> Running:
    """A workspace whose data source has all columns."""
    await workspace.notion.add(COLUMNS[1:])
    return workspace


async def test_the_only_data_source_of_the_database_is_discovered_once(ready: Running) -> None:
    await ready.notion.find("Card ID", "x")
    await ready.notion.find("Card ID", "y")

    assert len(await ready.calls("GET", "/v1/databases")) == 1


async def test_of_several_data_sources_one_has_to_be_named(workspace: Running) -> None:
    """The error tells their ids."""
    other = workspace.sandbox.workspace.add_source("Archive")
    with pytest.raises(SchemaMismatch, match=f"NOTION_DATA_SOURCE_ID.*'Archive' is {other.id}"):
        await workspace.notion.schema()

    settings = workspace.notion._settings.model_copy(update={"data_source_id": other.id})
    named = Notion(workspace.upstream, settings)

    assert (await named.schema()).name == "Archive"
    await named.close()


async def test_a_check_names_what_is_missing_and_what_has_another_type(workspace: Running) -> None:
    await workspace.notion.add([Column("Email", "rich_text")])

    with pytest.raises(SchemaMismatch) as refusal:
        await workspace.notion.check(COLUMNS)
    said = str(refusal.value)
    assert "Card ID (rich_text) is missing" in said
    assert "Email is rich_text, not email: rename it" in said
    assert "Name" not in said


async def test_what_is_missing_can_be_added(workspace: Running) -> None:
    schema = await workspace.notion.schema()
    await workspace.notion.add(schema.missing(COLUMNS))

    assert (await workspace.notion.check(COLUMNS)).faults(COLUMNS) == []


async def test_a_page_is_made_found_changed_and_put_away(ready: Running) -> None:
    made = await ready.notion.create(contact(Email=properties.email("lin@example.com")))
    found = await ready.notion.find("Card ID", "card-1")
    changed = await ready.notion.update(made.id, {"Name": properties.title("Lin Mei")})
    (page,) = await ready.pages()

    assert found == made
    assert changed.id == made.id
    assert page["values"]["Name"] == "Lin Mei"
    assert page["values"]["Email"] == "lin@example.com"
    assert await ready.notion.put_away(made.id)
    assert not await ready.notion.put_away(made.id)
    assert await ready.notion.find("Card ID", "card-1") is None


async def test_a_page_in_the_trash_takes_no_change(ready: Running) -> None:
    made = await ready.notion.create(contact())
    await ready.notion.put_away(made.id)

    with pytest.raises(NotThere):
        await ready.notion.update(made.id, contact("Other"))


async def test_a_photo_is_uploaded_and_shown(ready: Running) -> None:
    upload = await ready.notion.upload("card.jpg", "image/jpeg", b"\xff\xd8" * 1_000)
    await ready.notion.create(contact(Card=properties.uploaded_file(upload, "card.jpg")))

    assert (await ready.pages())[0]["values"]["Card"] == "card.jpg"
    assert ready.sandbox.workspace.uploads[upload].size == 2_000


async def test_a_file_that_the_workspace_does_not_take_is_refused(ready: Running) -> None:
    await ready.set_knobs(NotionKnobs(upload_bytes=10))
    with pytest.raises(Refused, match=r"file\.size"):
        await ready.notion.upload("card.jpg", "image/jpeg", b"x" * 11)
    with pytest.raises(Refused, match="one part"):
        await ready.notion.upload("card.jpg", "image/jpeg", bytes(20 * 1024 * 1024 + 1))


@pytest.mark.parametrize("seconds", [1, 61])
async def test_a_429_tells_how_long_to_wait(ready: Running, seconds: int) -> None:
    """A second is waited for; a minute is told to the caller."""
    fault = {"kind": "status", "status": 429, "retry_after": seconds}
    await ready.behave(next_faults=[fault])
    if seconds == 1:
        begun = time.monotonic()
        await ready.notion.create(contact())

        assert time.monotonic() - begun >= 1
        assert len(await ready.pages()) == 1
        return
    with pytest.raises((Throttled, TooMany)) as refusal:
        await ready.notion.create(contact())
    assert 50 < (refusal.value.retry_after or 0) <= 61
    assert await ready.pages() == []


async def test_a_529_is_an_ill_vendor_with_its_waiting_time(ready: Running) -> None:
    """The SDK does not know it, and loses its code."""
    await ready.behave(next_faults=[{"kind": "status", "status": 529, "retry_after": 5}])

    with pytest.raises(Transient) as overload:
        await ready.notion.create(contact())
    assert overload.value.retry_after == 5
    assert not isinstance(overload.value, Unanswered)


async def test_a_conflict_may_be_tried_again_soon(ready: Running) -> None:
    await ready.behave(next_faults=[{"kind": "status", "status": 409}])
    with pytest.raises(Transient) as conflict:
        await ready.notion.create(contact())

    assert conflict.value.retry_after == 1.0


@pytest.mark.parametrize("kind", ["disconnect", "cut", "hang"])
async def test_without_an_answer_nobody_knows_and_the_page_is_found(kind: str) -> None:
    """Notion had made it; what looks before it makes another one finds it."""
    async with running(NOTION_TIMEOUT_SECONDS=0.5) as ready:
        await ready.notion.add(COLUMNS[1:])
        fault = {"kind": kind, "after": kind != "cut", "seconds": 2.0}
        await ready.behave(next_faults=[fault])
        with pytest.raises(Unanswered):
            await ready.notion.create(contact())

        assert await ready.notion.find("Card ID", "card-1") is not None


async def test_a_refused_value_names_its_place(ready: Running) -> None:
    wrong = contact(Email={"email": "x" * 201})
    with pytest.raises(Refused, match=r"body\.properties\.Email\.email\.length should be"):
        await ready.notion.create(wrong)


async def test_a_long_text_is_split_into_runs_that_notion_takes(ready: Running) -> None:
    """Signs that count twice are not cut in half."""
    text = "a" * 1_999 + "😀" * 1_500
    made = await ready.notion.create(contact(text, card="long"))
    (page,) = await ready.pages()

    assert page["values"]["Name"] == text
    assert len(ready.sandbox.workspace.pages[made.id].values["Name"]) == 3


async def test_values_are_clipped_to_what_notion_takes() -> None:
    assert properties.email("x" * 300) == {"email": "x" * 200}
    assert properties.url("") == {"url": None}
    assert properties.select("a,b") == {"select": {"name": "a b"}}
    assert len(properties.rich_text("x" * 300_000)["rich_text"]) == 100
    assert properties.rich_text("\ud800") == {"rich_text": []}
    assert properties.is_empty(properties.on_day(None))


async def test_a_wrong_secret_is_retired() -> None:
    async with running(NOTION_API_KEY="ntn_wrong") as workspace:
        with pytest.raises(KeyRejected):
            await workspace.notion.schema()
        with pytest.raises(KeyRejected):
            await workspace.notion.schema()

        assert len(await workspace.calls("GET", "/v1/")) == 1


async def test_a_forbidden_operation_leaves_the_secret_its_others(ready: Running) -> None:
    await ready.behave(next_faults=[{"kind": "status", "status": 403}])
    with pytest.raises(Refused, match="restricted_resource"):
        await ready.notion.create(contact())

    assert await ready.notion.find("Card ID", "card-1") is None


async def test_a_database_that_is_not_shared_is_not_there() -> None:
    async with running(NOTION_DATABASE_ID="0" * 32) as workspace:
        with pytest.raises(NotThere, match="shared with your connection"):
            await workspace.notion.schema()


async def test_a_budget_is_kept_by_waiting() -> None:
    """Ten at once, then so many a second."""
    async with running(NOTION_REQUESTS_PER_SECOND=20) as workspace:
        await workspace.notion.schema()
        begun = time.monotonic()
        calls = [workspace.notion.find("Name", str(n)) for n in range(38)]
        await asyncio.gather(*calls, return_exceptions=True)

        assert time.monotonic() - begun >= 0.9


def test_the_client_loads_no_sdk_before_it_is_used() -> None:
    module = "forthwith.integrations.notion.client"
    code = f"import sys, {module}; sys.exit('notion_client' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_answer_that_is_none_of_notions_has_no_words() -> None:
    assert str(read_refusal(b"<html>")) == ":"
