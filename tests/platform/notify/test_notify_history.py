"""What was told, as its owner sees it over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from support import working
from telling import ANN, greeting, news, reached, tell, told

from forthwith.platform import clock
from forthwith.platform.notify import Address, sending
from forthwith.platform.runtime import Runtime


async def test_history_shows_what_was_told_without_its_body(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    """A body may be a link that opens an account to whoever reads it."""
    notification = await told(telling, greeting(owner=owner, person="ann"))
    async with working(telling):
        row = await reached(telling, notification)
    answer = await api.get("/notifications")
    (shown,) = answer.json()["data"]["items"]

    assert shown == {
        "id": str(notification),
        "run_id": str(row["run"]),
        "channel": "mail",
        "target": ANN,
        "template": "test.greeting",
        "subject": "Hello Ann",
        "language": "en",
        "person": "ann",
        "urgent": False,
        "status": "sent",
        "reason": None,
        "sent_with": None,
        "created_at": row["created_at"].isoformat(),
        "sent_at": row["sent_at"].isoformat(),
    }
    assert "code is" not in answer.text


async def test_history_is_paged_newest_first(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    made = [str(await told(telling, greeting(f"e{number}", owner=owner))) for number in range(5)]
    shown: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        params: dict[str, Any] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        data = (await api.get("/notifications", params=params)).json()["data"]
        shown += [item["id"] for item in data["items"]]
        cursor = data["next"]

    assert shown == made[::-1]
    assert cursor is None


async def test_history_is_filtered_by_status_and_channel(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    sent = await told(telling, greeting(owner=owner))
    failed = await told(telling, greeting("e2", owner=owner, to=[Address("pigeon", "loft 3")]))
    async with working(telling):
        await reached(telling, sent)
        await reached(telling, failed)

    async def listed(**params: str) -> list[str]:
        items = (await api.get("/notifications", params=params)).json()["data"]["items"]
        return [item["id"] for item in items]

    assert await listed(status="failed") == [str(failed)]
    assert await listed(channel="mail") == [str(sent)]
    assert await listed(status="failed", channel="mail") == []


async def test_a_message_of_a_digest_names_the_one_it_went_with(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    made = [await told(telling, news(what, owner=owner)) for what in ("rain", "snow")]
    async with working(telling):
        for each in made:
            await reached(telling, each)
    items = (await api.get("/notifications")).json()["data"]["items"]
    alone, along = sorted(items, key=lambda item: item["sent_with"] is not None)

    assert alone["sent_with"] is None
    assert along["sent_with"] == alone["id"]


async def test_nobody_sees_what_somebody_else_was_told(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    await tell(telling, greeting(owner=owner))
    await add_account(telling.db)
    answer = await api.get("/notifications", headers={"X-API-Key": STRANGERS_KEY})

    assert answer.json()["data"]["items"] == []


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"status": "lost"}, "query/status"),
        ({"channel": "Mail'--"}, "query/channel"),
        ({"cursor": "?"}, "query/cursor"),
        ({"limit": "0"}, "query/limit"),
    ],
)
async def test_hostile_filters_are_refused(
    api: httpx.AsyncClient, params: dict[str, str], pointer: str
) -> None:
    answer = await api.get("/notifications", params=params)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_what_is_over_is_forgotten_after_its_days_and_what_waits_is_not(
    telling: Runtime,
) -> None:
    over = await told(telling, greeting())
    async with working(telling):
        await reached(telling, over)
    waiting = await told(telling, news("rain"))
    async with telling.db.transaction() as session:
        kept = await sending.forget_before(session, clock.now() - timedelta(days=1))
    async with telling.db.transaction() as session:
        forgotten = await sending.forget_before(session, clock.now() + timedelta(days=1))
    rows = await telling.db.fetch("select id from platform.notifications")

    assert (kept, forgotten) == (0, 1)
    assert [row["id"] for row in rows] == [waiting]
