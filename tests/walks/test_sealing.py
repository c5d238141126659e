"""Nothing that was read from a card stands in plain text on this machine's disk."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from support import EXAMPLES, events, send_photo, working

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime


@pytest.mark.timeout(180)
async def test_no_file_of_database_or_data_folder_holds_what_a_card_says(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    """Ledger, steps, events, cards, replays, write-ahead log and blobs are all searched."""
    photo = (EXAMPLES / "usa-icons.jpg").read_bytes()
    submitted = (await send_photo(api, photo, **{"Idempotency-Key": "sealed"})).json()["data"]
    async with working(runtime):
        await events(api, submitted["events_url"])
    view = (await api.get(submitted["polling_url"])).json()["data"]
    await db.execute("checkpoint")
    folders = [await _data_directory(db), runtime.settings.home.home]
    assert view["status"] == "succeeded"
    wanted = _personal(view["cards"][0])

    assert len(wanted) >= 4
    assert _found(folders, {"cards.read"}) == {"cards.read"}  # the search reaches the rows
    assert _found(folders, wanted) == set()


def _personal(card: dict[str, Any]) -> set[str]:
    """What identifies the person or the company on the card, as it was read."""
    one = [card["name"], card["company"], card["title"], card["line_id"], card["tax_id"]]
    many = [*card["phones"], *card["emails"], *card["websites"], *card["addresses"]]
    members = ("value", "printed", "e164", "normalised")
    found = {field.get(member) for field in (*one, *many) if field for member in members}
    return {value for value in found if value and len(value) >= 6}


async def _data_directory(db: Database) -> Path:
    row = await db.fetchrow("show data_directory")
    assert row is not None
    folder = Path(row[0])
    if not folder.is_dir():
        pytest.skip("the files of this database server are on another machine")
    return folder


def _found(folders: list[Path], wanted: set[str]) -> set[str]:
    """Which of the texts stand in some file of the folders, whole and in UTF-8."""
    found: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found |= {text for text in wanted if text.encode() in content}
    return found
