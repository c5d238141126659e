"""The main walk: a photo goes in over HTTP, a contact comes out."""

import httpx
from support import EXAMPLES, events, send_photo, working

from forthwith.platform.runtime import Runtime


async def test_a_photo_becomes_a_contact(runtime: Runtime, api: httpx.AsyncClient) -> None:
    """202 at once, progress as events, the contact at the polling URL."""
    answer = await send_photo(api, (EXAMPLES / "usa-icons.jpg").read_bytes())
    submitted = answer.json()["data"]
    async with working(runtime):
        told = await events(api, submitted["events_url"])
    card = (await api.get(submitted["polling_url"])).json()["data"]

    assert answer.status_code == 202
    assert answer.headers["location"] == submitted["polling_url"]
    assert [each["event"] for each in told] == ["queued", *["progress"] * 3, "succeeded"]
    assert card["status"] == "succeeded"
    assert card["provider"] == "local"
    assert card["cards"][0]["emails"]
