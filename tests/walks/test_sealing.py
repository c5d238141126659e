"""Nothing that was read from a card stands in plain text on this machine's disk."""

from pathlib import Path

import httpx
import pytest
from disk_search import found_in, said_on
from support import EXAMPLES, events, send_photo, working

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime


@pytest.mark.slow
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
    wanted = said_on(view["cards"][0])

    assert len(wanted) >= 4
    assert found_in(folders, {"cards.read"}) == {"cards.read"}  # the search reaches the rows
    assert found_in(folders, wanted) == set()


async def _data_directory(db: Database) -> Path:
    row = await db.fetchrow("show data_directory")
    assert row is not None
    folder = Path(row[0])
    if not folder.is_dir():
        pytest.skip("the files of this database server are on another machine")
    return folder
