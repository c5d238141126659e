"""Signed webhooks: registered, signed, retried, given up, never sent inside."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from freezing import frozen
from support import working
from telling import Hook, greeting, reached, tell, told

from forthwith.platform.guard import Guard, Policy
from forthwith.platform.notify import ALL, Address, receivers
from forthwith.platform.notify.channels import Channels, Postbox, Webhooks
from forthwith.platform.runtime import Runtime

HOOKS = "/notifications/webhooks"


async def register(api: httpx.AsyncClient, hook: Hook) -> dict[str, Any]:
    """Register the receiver, and let it trust the secret that the answer showed."""
    answer = await api.post(HOOKS, json={"url": hook.url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    hook.receiver.secrets = [made["secret"]]
    return made


async def test_an_event_reaches_the_webhook_with_its_signature(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    notice = greeting(owner=owner, to=[Address("webhook", made["id"])])
    notification = await told(telling, notice)
    async with working(telling):
        row = await reached(telling, notification)

    (taken,) = hook.receiver.taken
    assert row["state"] == "sent"
    assert taken.signed_by == [made["secret"]]
    assert taken.id == f"msg_{notification.hex}"
    assert taken.body == {
        "id": taken.id,
        "source": "forthwith",
        "type": "test.greeting",
        "time": row["created_at"].isoformat(),
        "data": {"name": "Ann", "code": 42},
    }


async def test_all_of_an_owner_are_told_by_a_star_and_nobody_elses(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    await register(api, hook)
    await add_account(telling.db)
    strangers = {"X-API-Key": STRANGERS_KEY}
    await api.post(HOOKS, json={"url": f"{hook.url}?of=a-stranger"}, headers=strangers)
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", ALL)]))
    async with working(telling):
        await reached(telling, notification)
    rows = await telling.db.fetch("select from platform.notifications")

    assert len(rows) == 1
    assert len(hook.receiver.taken) == 1


async def test_a_webhook_that_names_types_is_sent_no_others(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    for query, events in (("all", []), ("these", ["test.greeting"]), ("others", ["test.news"])):
        made = await api.post(HOOKS, json={"url": f"{hook.url}?of={query}", "events": events})
        assert made.json()["data"]["events"] == events
    await tell(telling, greeting(owner=owner, to=[Address("webhook", ALL)]))
    told = {row["target"] for row in (await api.get("/notifications")).json()["data"]["items"]}
    kept = (await api.get(HOOKS)).json()["data"]["items"]

    assert told == {row["id"] for row in kept if "of=others" not in row["url"]}


async def test_a_rotated_webhook_is_sent_what_it_was_sent_before(
    telling: Runtime, api: httpx.AsyncClient, hook: Hook
) -> None:
    made = await api.post(HOOKS, json={"url": hook.url, "events": ["test.news"]})
    await api.post(f"{HOOKS}/{made.json()['data']['id']}/rotate")
    (kept,) = (await api.get(HOOKS)).json()["data"]["items"]

    assert kept["events"] == ["test.news"]


async def test_what_is_no_name_of_a_type_is_refused(api: httpx.AsyncClient, hook: Hook) -> None:
    answer = await api.post(HOOKS, json={"url": hook.url, "events": ["cards:read"]})

    assert answer.status_code == 422


async def test_an_owner_without_webhooks_is_told_nothing(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    assert await tell(telling, greeting(owner=owner, to=[Address("webhook", ALL)])) is None


async def test_a_webhook_of_somebody_else_gets_nothing(
    telling: Runtime, api: httpx.AsyncClient, hook: Hook
) -> None:
    made = await register(api, hook)
    notification = await told(telling, greeting(to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert hook.receiver.taken == []


async def test_failures_are_tried_again_with_the_same_id_until_it_is_taken(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    await hook.goes_wrong({"kind": "status", "status": 500}, {"kind": "disconnect"})
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"
    assert await hook.ids() == [f"msg_{notification.hex}"] * 3
    assert len(hook.receiver.taken) == 1


async def test_an_event_whose_answer_was_lost_comes_again_with_the_same_id(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    await hook.goes_wrong({"kind": "disconnect", "after": True})
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        await reached(telling, notification)

    first, second = hook.receiver.taken
    assert (first.id, first.body) == (second.id, second.body)


async def test_a_webhook_that_never_takes_it_fails_after_five_tries(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    hook.receiver.secrets = []
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "UPSTREAM_FAILED")
    assert await hook.outcomes() == ["401"] * 5


async def test_a_webhook_that_says_gone_is_disabled(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    await hook.goes_wrong({"kind": "status", "status": 410})
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)
    (listed,) = (await api.get(HOOKS)).json()["data"]["items"]

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert listed["disabled_at"] is not None
    assert await tell(telling, greeting("e2", owner=owner, to=[Address("webhook", ALL)])) is None


async def test_a_redirect_leads_nowhere(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        moved = f"HTTP/1.1 307 x\r\nlocation: {hook.url}\r\ncontent-length: 0\r\n\r\n"
        writer.write(moved.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    running = await asyncio.start_server(redirect, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    made = (await api.post(HOOKS, json={"url": f"http://127.0.0.1:{port}/"})).json()["data"]
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)
    running.close()

    assert row["reason"] == "UPSTREAM_FAILED"
    assert await hook.outcomes() == []


async def test_while_a_secret_is_rotated_both_sign_and_a_day_later_the_new_one_only(
    telling: Runtime,
    api: httpx.AsyncClient,
    owner: UUID,
    hook: Hook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await register(api, hook)
    rotated = (await api.post(f"{HOOKS}/{made['id']}/rotate")).json()["data"]
    both = [rotated["secret"], made["secret"]]
    hook.receiver.secrets = both
    target = [Address("webhook", made["id"])]
    async with working(telling):
        await reached(telling, await told(telling, greeting("e1", owner=owner, to=target)))
    with frozen(monkeypatch, hours=25):
        row = await telling.db.fetchrow("select * from platform.notification_receivers")
        assert row is not None
        content = telling.codec.open(
            row["content"],
            f"platform.notification_receivers|content|{row['id']}".encode(),
            receivers.Webhook,
        )
        signing_later = content.signing()

    assert rotated["secret"] != made["secret"]
    assert hook.receiver.taken[0].signed_by == both
    assert signing_later == [rotated["secret"]]


async def test_a_secret_that_was_rotated_twice_still_signs(
    api: httpx.AsyncClient, telling: Runtime, owner: UUID, hook: Hook
) -> None:
    """The answer with the first new secret may have been lost: the receiver knows the oldest."""
    made = await register(api, hook)
    newer = [(await api.post(f"{HOOKS}/{made['id']}/rotate")).json()["data"] for _ in range(2)]
    target = [Address("webhook", made["id"])]
    async with working(telling):
        await reached(telling, await told(telling, greeting("e1", owner=owner, to=target)))

    assert hook.receiver.taken[0].signed_by == [made["secret"]]
    assert len({made["secret"], *(each["secret"] for each in newer)}) == 3


def test_a_webhook_that_is_rotated_on_and_on_signs_with_a_bounded_number_of_secrets() -> None:
    hook = receivers.Webhook("https://hooks.example/", (receivers.new_secret(),))
    for _ in range(9):
        hook = hook.rotated()

    assert len(hook.signing()) == 5


async def test_a_test_event_is_sent_at_request(
    telling: Runtime, api: httpx.AsyncClient, hook: Hook
) -> None:
    made = await register(api, hook)
    answer = await api.post(f"{HOOKS}/{made['id']}/test")
    async with working(telling):
        await reached(telling, UUID(answer.json()["data"]["notification"]))

    assert answer.status_code == 202
    assert hook.receiver.taken[0].body["type"] == "notify.test"


@pytest.mark.parametrize(
    "url",
    [
        *("https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://2130706433/"),
        *("https://u:p@a.example/", "nonsense", "\x00"),
    ],
)
async def test_a_url_of_the_inside_is_not_registered(api: httpx.AsyncClient, url: str) -> None:
    answer = await api.post(HOOKS, json={"url": url})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/url"


async def test_a_name_that_leads_inside_is_found_out_when_it_is_called(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    """`localhost` is no public address, and this process may call 127.0.0.0/8 only on purpose."""
    made = (await api.post(HOOKS, json={"url": "https://localhost/"})).json()["data"]
    strict = Webhooks(Postbox(telling.db, telling.codec, Guard(Policy())))
    telling = replace(telling, channels=Channels([strict]))
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")


async def test_a_url_is_registered_once(api: httpx.AsyncClient, hook: Hook) -> None:
    await register(api, hook)
    again = await api.post(HOOKS, json={"url": hook.url})

    assert again.status_code == 409


async def test_a_repeated_registration_with_its_key_is_answered_from_the_first(
    api: httpx.AsyncClient, hook: Hook
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = [
        await api.post(HOOKS, json={"url": hook.url}, headers=headers) for _ in range(2)
    ]

    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"


async def test_an_owner_has_twenty_webhooks_at_most(api: httpx.AsyncClient) -> None:
    urls = [f"https://hooks.example/{number}" for number in range(25)]
    answers = await asyncio.gather(*(api.post(HOOKS, json={"url": url}) for url in urls))

    assert sorted(answer.status_code for answer in answers) == [201] * 20 + [409] * 5


async def test_a_secret_is_shown_once_and_sealed(
    telling: Runtime, api: httpx.AsyncClient, hook: Hook
) -> None:
    made = await register(api, hook)
    listed = await api.get(HOOKS)
    row = await telling.db.fetchrow("select * from platform.notification_receivers")

    assert made["secret"] not in listed.text
    assert hook.url in listed.text
    assert row is not None
    assert hook.url.encode() not in row["content"]


async def test_a_deleted_webhook_is_gone_and_what_waits_for_it_fails(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = await register(api, hook)
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    deleted = await api.delete(f"{HOOKS}/{made['id']}")
    async with working(telling):
        row = await reached(telling, notification)

    assert deleted.status_code == 200
    assert (await api.delete(f"{HOOKS}/{made['id']}")).status_code == 404
    assert row["reason"] == "REFUSED"


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", ""), ("POST", "/rotate"), ("POST", "/test")]
)
async def test_somebody_else_finds_no_webhook_of_yours(
    telling: Runtime, api: httpx.AsyncClient, hook: Hook, method: str, path: str
) -> None:
    made = await register(api, hook)
    await add_account(telling.db)
    answer = await api.request(
        method, f"{HOOKS}/{made['id']}{path}", headers={"X-API-Key": STRANGERS_KEY}
    )

    assert answer.status_code == 404
    assert len((await api.get(HOOKS)).json()["data"]["items"]) == 1
