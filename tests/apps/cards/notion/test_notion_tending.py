"""What an operator asks of the outbox: check, status, backfill; and the same by command line."""

import asyncio
import os
from pathlib import Path
from subprocess import CompletedProcess

import msgspec
import pytest
from command import forthwith
from notion_bot import Opening, contact
from notion_workspace import Held
from support import working

from forthwith.apps.cards.notion import outbox as rows
from forthwith.apps.cards.notion import tending
from forthwith.apps.cards.notion.contact_pages import COLUMNS
from forthwith.integrations.notion.errors import SchemaMismatch
from forthwith.platform.config import PlatformSettings
from forthwith.platform.errors import Unavailable
from forthwith.sandbox.notion.workspace import column


async def test_a_check_tells_what_is_missing_and_makes_it_when_told_to(opening: Opening) -> None:
    async with opening() as outbox:
        with pytest.raises(SchemaMismatch, match=r"Company \(rich_text\) is missing"):
            await tending.check(outbox.runtime, create=False)
        _, made = await tending.check(outbox.runtime, create=True)
        again = await tending.check(outbox.runtime, create=True)

    assert made == list(COLUMNS[1:])
    assert again[1] == []


async def test_a_backfill_asks_for_every_card_that_has_no_page(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cards from before Notion was set up; asking twice makes no second page."""
    with monkeypatch.context() as before:
        before.delenv("NOTION_API_KEY")
        async with opening() as outbox:
            cards = [await outbox.add(contact(f"Person {number}")) for number in range(5)]
    told: list[tuple[int, int]] = []
    async with opening() as outbox:
        asked = [
            await tending.backfill(outbox.runtime, lambda done, total: told.append((done, total)))
            for _ in range(2)
        ]
        before_work = await tending.tallies(outbox.runtime)
        async with working(outbox.runtime):
            await outbox.settled()
        after = await tending.tallies(outbox.runtime)
        pages = await outbox.values()

    assert asked == [5, 5]
    assert told == [(5, 5), (5, 5)]
    assert before_work == [tending.Tally("waiting", None, 5)]
    assert after == [tending.Tally("done", None, 5)]
    assert sorted(pages) == sorted(map(str, cards))


async def test_what_was_just_read_waits_behind_no_backfill(opening: Opening) -> None:
    """A change of a card that a backfill has asked for gets a run of its own."""
    async with opening() as outbox:
        await outbox.prepare()
        card = await outbox.add(contact("First"))
        await outbox.runtime.db.execute("update cards.notion_cards set run = null")
        await tending.backfill(outbox.runtime, lambda *_: None)
        await outbox.change(card, contact("Second"))
        names = await outbox.runtime.db.fetch(
            "select name from platform.runs where state = 'queued' order by id"
        )
        async with working(outbox.runtime):
            await outbox.settled()
        pages = await outbox.workspace.pages()

    assert [row["name"] for row in names] == [rows.PUSH, rows.BACKFILL, rows.PUSH]
    assert [page["values"]["Name"] for page in pages] == ["Second"]


async def test_status_tells_cards_nobody_asked_for_and_pages_to_put_away(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening() as outbox:
        await outbox.prepare()
        with monkeypatch.context() as before:
            before.delenv("NOTION_API_KEY")
            async with opening() as off:
                await off.add(contact())
                with pytest.raises(Unavailable, match="NOTION_API_KEY"):
                    await tending.tallies(off.runtime)
        gone = await outbox.add(contact())
        await outbox.runtime.db.execute("delete from cards.cards where id = $1", gone)
        tallies = await tending.tallies(outbox.runtime)

    assert tallies == [
        tending.Tally(tending.GOING, None, 1),
        tending.Tally(tending.NOT_ASKED, None, 1),
    ]


@pytest.mark.slow
async def test_the_command_line_does_the_same(
    opening: Opening, workspace: Held, settings: PlatformSettings
) -> None:
    home = Path(os.environ["FORTHWITH_HOME"])
    async with opening() as outbox:
        source = next(iter(workspace.sandbox.workspace.sources.values()))
        source.columns["Email"] = column("Email", "rich_text")
        refused = await _command("check", home)
        del source.columns["Email"]
        made = await _command("check", home, "--create")
        await outbox.add(contact())
        asked = await _command("backfill", home)
        counted = await _command("status", home, "--json")

    assert refused.returncode == 1
    assert "Email is rich_text, not email: rename it" in refused.stderr
    assert "Made Card ID (rich_text)." in made.stdout
    assert workspace.sandbox.page in made.stdout
    assert asked.stdout.startswith("1 cards will be written")
    assert msgspec.json.decode(counted.stdout) == [
        {"state": "waiting", "failure": None, "cards": 1}
    ]


async def _command(name: str, home: Path, *options: str) -> "CompletedProcess[str]":
    return await asyncio.to_thread(forthwith, "cards", "notion", name, *options, home=home)
