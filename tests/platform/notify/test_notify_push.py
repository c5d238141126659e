"""Web push: encrypted for the browser, signed for its push service."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from support import working
from telling import PushSandbox, greeting, reached, told

from forthwith.platform.notify import ALL, Address
from forthwith.platform.runtime import Runtime


async def subscribe(api: httpx.AsyncClient, push_service: PushSandbox) -> str:
    """Register a new browser; its id."""
    answer = await api.post("/notifications/push", json=await push_service.subscription())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["id"])


async def test_a_message_is_shown_by_the_browser_and_nobody_else_can_read_it(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, push_service: PushSandbox
) -> None:
    browser = await subscribe(api, push_service)
    notification = await told(telling, greeting(owner=owner, to=[Address("push", browser)]))
    async with working(telling):
        row = await reached(telling, notification)
    public_key = (await api.get("/notifications/push")).json()["data"]["public_key"]
    (entry,) = (await push_service.control.get("/_sandbox/log")).json()[-1:]

    (shown,) = push_service.service.shown
    assert row["state"] == "sent"
    assert shown.payload == {
        "id": str(notification),
        "type": "test.greeting",
        "title": "Hello Ann",
        "body": "Your code is 42.",
    }
    assert (shown.topic, shown.urgency) == (notification.hex, "normal")
    assert shown.public_key == public_key
    assert "Ann" not in entry["body"]


@pytest.mark.parametrize("letter", ["x", '"', "漢", "😀", "\n"])
async def test_a_long_message_is_cut_to_what_a_push_may_have(
    telling: Runtime,
    api: httpx.AsyncClient,
    owner: UUID,
    push_service: PushSandbox,
    letter: str,
) -> None:
    browser = await subscribe(api, push_service)
    data = {"name": letter * 300, "code": letter * 9_000}
    notice = greeting(owner=owner, to=[Address("push", browser)], data=data)
    notification = await told(telling, notice)
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"
    assert push_service.service.shown[0].payload["body"].startswith("Your code is ")


async def test_a_browser_that_unsubscribed_is_not_told_again(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, push_service: PushSandbox
) -> None:
    subscription = await push_service.subscription()
    await api.post("/notifications/push", json=subscription)
    name = subscription["endpoint"].rpartition("/")[2]
    await push_service.control.delete(f"/_sandbox/subscriptions/{name}")
    notification = await told(telling, greeting(owner=owner, to=[Address("push", ALL)]))
    async with working(telling):
        row = await reached(telling, notification)
    (listed,) = (await api.get("/notifications/push")).json()["data"]["items"]

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert listed["disabled_at"] is not None


async def test_a_push_service_that_is_busy_is_asked_again(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, push_service: PushSandbox
) -> None:
    browser = await subscribe(api, push_service)
    faults = [{"kind": "status", "status": 429, "retry_after": 1}]
    await push_service.control.put("/_sandbox/knobs", json={"next_faults": faults})
    notification = await told(telling, greeting(owner=owner, to=[Address("push", browser)]))
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"
    assert len(push_service.service.shown) == 1


async def test_a_browser_that_comes_again_keeps_its_id(
    api: httpx.AsyncClient, push_service: PushSandbox
) -> None:
    subscription = await push_service.subscription()
    first, second = [
        (await api.post("/notifications/push", json=subscription)).json() for _ in range(2)
    ]

    assert first["data"] == second["data"]
    assert len((await api.get("/notifications/push")).json()["data"]["items"]) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"endpoint": "https://10.0.0.1/push"}, "#/endpoint"),
        ({"endpoint": ""}, "#/endpoint"),
        ({"keys": {"p256dh": "A" * 87, "auth": "A" * 22}}, "#/keys"),
        ({"keys": {"p256dh": "?", "auth": "A" * 22}}, "#/keys/p256dh"),
        ({"keys": {"p256dh": "A" * 87}}, "#/keys/auth"),
        ({"keys": None}, "#/keys"),
    ],
)
async def test_a_subscription_that_is_none_is_refused(
    api: httpx.AsyncClient, push_service: PushSandbox, change: dict[str, Any], pointer: str
) -> None:
    answer = await api.post(
        "/notifications/push", json={**await push_service.subscription(), **change}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_deleted_browser_is_gone(api: httpx.AsyncClient, push_service: PushSandbox) -> None:
    browser = await subscribe(api, push_service)

    assert (await api.delete(f"/notifications/push/{browser}")).status_code == 200
    assert (await api.delete(f"/notifications/push/{browser}")).status_code == 404
    assert (await api.get("/notifications/push")).json()["data"]["items"] == []
