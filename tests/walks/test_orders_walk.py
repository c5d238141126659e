"""The walk of an order: placed by a guest, spoken, followed, handed over by the counter."""

import httpx
import pytest
from ordering import SEED_BODY
from support import events, working

from forthwith.platform.runtime import Runtime


@pytest.mark.parametrize("route", ["/api/orders/quick", "/api/v1/orders/quick"])
async def test_the_seeds_own_curl_is_answered_as_the_seed_says(
    speaking_runtime: Runtime, guest: httpx.AsyncClient, route: str
) -> None:
    """202 at once, then completed with voice and summaries, all at the top level."""
    answer = await guest.post(route, json=SEED_BODY)
    taken = answer.json()
    async with working(speaking_runtime):
        told = await events(guest, taken["data"]["events_url"])
    status = (await guest.get(taken["polling_url"])).json()

    assert answer.status_code == 202
    assert answer.headers["location"] == taken["polling_url"]
    assert answer.headers["retry-after"] == "2"
    assert taken["status"] == "pending"
    assert told[-1]["data"]["status"] == "completed"
    assert (status["status"], status["processing"], status["progress"]) == ("completed", False, 1.0)
    assert status["voice_ready"]
    assert status["summary_ready"]
    assert "測試商品 ×1  NT$100" in status["summary"]["chinese"]
    assert (status["verified"], status["total"]) == (False, 100)
