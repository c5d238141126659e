"""Two photos of one person's card: both are kept, and each names the other."""

import csv
import io

import httpx
import pytest
from support import EXAMPLES, events, send_photo, working

from forthwith.platform.runtime import Runtime


@pytest.mark.slow
async def test_the_same_person_on_another_photo_is_recognised_and_exported(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    """Found by blind index, compared, told with its reason; exports hold both cards."""
    photo = (EXAMPLES / "germany-qr.jpg").read_bytes()
    cards = []
    async with working(runtime):
        for _ in range(2):
            submitted = (await send_photo(api, photo)).json()["data"]
            await events(api, submitted["events_url"])
            cards.append(submitted["polling_url"])
    first, second = [(await api.get(url)).json()["data"] for url in cards]
    sheet = (await api.get("/api/v1/cards/export")).text
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    book = await api.get("/api/v1/cards/export", params={"format": "vcard"})
    code = await api.get(f"{cards[0]}/qr")

    assert first["same_person"] == [{"card_id": second["id"], "reason": "email"}]
    assert second["same_person"] == [{"card_id": first["id"], "reason": "email"}]
    assert [row["name"] for row in rows] == [first["cards"][0]["name"]["value"]] * 2
    assert book.text.count("BEGIN:VCARD") == 2
    assert code.content.startswith(b"\x89PNG")

    await api.delete(cards[1])

    assert (await api.get(cards[0])).json()["data"]["same_person"] == []
