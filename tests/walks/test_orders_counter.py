"""The counter: it sees its shop's orders as they come, accepts them, hands them over."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from accounts import add_account
from ordering import SEED_BODY, open_shop, order, place
from support import events, working

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime

OTHERS_KEY = "fw_test-key-of-another-shop"


@pytest.fixture
async def others(staff: httpx.AsyncClient, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The staff of somebody else's shop."""
    await add_account(db, OTHERS_KEY)
    headers = {"X-API-Key": OTHERS_KEY}
    async with httpx.AsyncClient(base_url=staff.base_url, headers=headers) as client:
        yield client


async def _live(staff: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The first so many orders that a counter is told."""
    told: list[dict[str, Any]] = []
    async with (
        asyncio.timeout(40),
        staff.stream("GET", "/api/v1/orders/shops/lin-noodles/live") as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                told.append(msgspec.json.decode(line.removeprefix("data: ")))
            if len(told) == count:
                return told
    return told


async def test_a_counter_hears_of_an_order_and_of_its_changes(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """In Chinese, whatever the guest reads; without asking again and again."""
    await open_shop(staff)
    listening = asyncio.create_task(_live(staff, 2))
    await asyncio.sleep(0.5)
    taken = await place(guest, order(language="ko", note="고수 빼 주세요"))
    async with working(speaking_runtime):
        first, second = await listening

    assert first["order_id"] == second["order_id"] == taken["order_id"]
    assert (first["number"], first["language"], first["note"]) == ("A-001", "ko", "고수 빼 주세요")
    assert first["items"][0]["name"] == "紅燒牛肉麵"
    assert first["items"][0]["options"] == ["大碗"]


async def test_an_accepted_order_is_the_shops_and_then_done(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    """Who is too late hears so, and the log of what was done has no id that lets in."""
    await open_shop(staff)
    taken = await place(guest)
    base = f"/api/v1/orders/{taken['order_id']}"
    accepted = (await staff.post(f"{base}/accept")).json()["data"]
    refused = await guest.post(f"{base}/cancel")
    done = (await staff.post(f"{base}/done")).json()["data"]
    status = (await guest.get(taken["polling_url"])).json()
    audited = (await staff.get("/api/v1/audit")).json()["data"]["items"]

    assert (accepted["counter"], done["counter"], status["counter"]) == ("accepted", "done", "done")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "TOO_LATE")
    assert [each["action"] for each in audited[:3]] == [
        *("orders.done", "orders.accepted", "orders.shop_opened")
    ]
    assert taken["order_id"] not in str(audited)


async def test_a_cancelled_order_is_not_accepted(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    await open_shop(staff)
    taken = await place(guest)
    await guest.post(taken["cancel_url"])
    answer = await staff.post(f"/api/v1/orders/{taken['order_id']}/accept")

    assert answer.status_code == 409


async def test_an_order_without_a_voice_is_still_an_order(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, db: Database
) -> None:
    """The counter reads it, whatever became of the voice."""
    await open_shop(staff)
    taken = await place(guest)
    await db.execute("update platform.runs set state = 'failed'")
    answer = await staff.post(f"/api/v1/orders/{taken['order_id']}/accept")

    assert answer.status_code == 200
    assert answer.json()["data"]["items"][0]["name"] == "紅燒牛肉麵"


async def test_the_list_is_of_the_shop_the_state_and_the_time_that_were_asked_for(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    await open_shop(staff)
    first, second, elsewhere = await place(guest), await place(guest), await place(guest, SEED_BODY)
    await guest.post(second["cancel_url"])
    await staff.post(f"/api/v1/orders/{first['order_id']}/accept")

    async def listed(query: str) -> list[str]:
        answer = await staff.get(f"/api/v1/orders?{query}")
        assert answer.status_code == 200, answer.text
        return [each["order_id"] for each in answer.json()["data"]["items"]]

    ids = [each["order_id"] for each in (elsewhere, second, first)]
    assert await listed("") == ids
    assert await listed("shop=lin-noodles") == ids[1:]
    assert await listed("status=cancelled") == [ids[1]]
    assert await listed("counter=accepted") == [ids[2]]
    assert await listed("since=2000-01-01T00:00:00Z") == ids
    assert await listed("since=2999-01-01T00:00:00Z") == []


async def test_pages_of_the_list_hold_every_order_once(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    placed = [(await place(guest, SEED_BODY))["order_id"] for _ in range(5)]
    pages, cursor = [], ""
    for _ in range(3):
        page = (await staff.get(f"/api/v1/orders?limit=2{cursor}")).json()["data"]
        pages.append([each["order_id"] for each in page["items"]])
        cursor = f"&cursor={page['next']}"

    assert [each for page in pages for each in page] == placed[::-1]
    assert [len(each) for each in pages] == [2, 2, 1]
    assert cursor == "&cursor=None"


async def test_another_shops_staff_sees_and_moves_nothing(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, others: httpx.AsyncClient
) -> None:
    await open_shop(staff)
    taken = await place(guest)
    base = "/api/v1/orders"
    asked = [
        await others.post(f"{base}/{taken['order_id']}/accept"),
        await others.post(f"{base}/{taken['order_id']}/done"),
        await others.get(f"{base}/shops/lin-noodles/menu"),
        await others.get(f"{base}/shops/lin-noodles/live"),
        await others.get(f"{base}?shop=lin-noodles"),
        await others.patch(f"{base}/shops/lin-noodles", json={"is_open": False}),
        await others.put(f"{base}/shops/lin-noodles/menu", json={"sections": []}),
        await others.delete(f"{base}/shops/lin-noodles"),
    ]
    listed = (await others.get(base)).json()["data"]["items"]

    assert {each.status_code for each in asked} == {404}
    assert listed == []


async def test_numbers_count_the_day_of_each_shop(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    await open_shop(staff)
    bodies = [order(), order(), SEED_BODY]
    taken = [await place(guest, body) for body in bodies]
    async with working(speaking_runtime):
        ended = [(await events(guest, each["events_url"]))[-1]["data"] for each in taken]

    assert sorted(each["number"] for each in ended[:2]) == ["A-001", "A-002"]
    assert ended[2]["number"] == "A-001"


async def test_accepting_and_cancelling_at_the_same_moment_never_both_succeed(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    await open_shop(staff)
    for _ in range(10):
        taken = await place(guest)
        accepted, cancelled = await asyncio.gather(
            staff.post(f"/api/v1/orders/{taken['order_id']}/accept"),
            guest.post(taken["cancel_url"]),
        )

        assert {accepted.status_code, cancelled.status_code} == {200, 409}


async def test_the_figures_of_the_server_tell_of_orders(
    guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    taken = await place(guest, SEED_BODY)
    waiting = (await guest.get("/stats")).json()
    async with working(speaking_runtime):
        await events(guest, taken["events_url"])
    told = (await guest.get("/stats")).json()

    assert (waiting["active_tasks"], told["active_tasks"]) == (1, 0)
    assert told["success_rate"] == 1.0
    assert told["avg_response_time"] > 0


async def test_orders_of_a_shop_that_is_gone_stay(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    await open_shop(staff)
    taken = await place(guest)
    await staff.delete("/api/v1/orders/shops/lin-noodles")
    refused = await guest.post("/api/v1/orders/quick", json=order())

    assert (await guest.get(taken["polling_url"])).json()["shop_name"] == "Lin's Noodles"
    assert refused.status_code == 422
