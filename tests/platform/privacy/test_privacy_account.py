"""A whole account: handed over as one archive, deleted without a trace."""

import io
import json
import os
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from ordering import open_shop, place
from sealed_values import opened_values
from support import API_KEY, EXAMPLES, events, send_photo, working

from forthwith.platform import clock, ids
from forthwith.platform.db import Base, Database
from forthwith.platform.identity import people
from forthwith.platform.identity.passwords import Passwords
from forthwith.platform.identity.people import Registration
from forthwith.platform.privacy import service
from forthwith.platform.runtime import Runtime

PRIVACY = "/api/v1/privacy"
ANN = "fw_test-key-of-ann"
KEPT = {"platform.audit", "platform.sessions", "platform.runs", "platform.streams"}
"""Where rows of a deleted account may stand: entries, and the run that deleted."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def ann(api: httpx.AsyncClient, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A member with a card that is read."""
    await add_account(db, ANN)
    headers = {"X-API-Key": ANN}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers, timeout=30) as client:
        yield client


async def _sent(runtime: Runtime, client: httpx.AsyncClient) -> bytes:
    photo = (EXAMPLES / "usa-icons.jpg").read_bytes()
    submitted = (await send_photo(client, photo, **{"Idempotency-Key": "one"})).json()["data"]
    async with working(runtime):
        await events(client, submitted["events_url"])
    return photo


async def _exported(runtime: Runtime, client: httpx.AsyncClient, **whose: str) -> str:
    """Ask for an export and wait for it; where it can be looked at."""
    asked = await client.post(f"{PRIVACY}/export", json=whose)
    assert asked.status_code == 202
    told = asked.json()["data"]
    async with working(runtime):
        await events(client, f"/api/v1/runs/{told['run_id']}/events")
    return str(told["polling_url"])


async def _erased(runtime: Runtime, client: httpx.AsyncClient, **whose: str) -> UUID:
    asked = await client.request("DELETE", PRIVACY, json=whose)
    assert asked.status_code == 202
    run = UUID(asked.json()["data"]["run_id"])
    async with working(runtime):
        await _over(runtime, run)
    return run


async def _over(runtime: Runtime, run: UUID) -> None:
    async for event in runtime.feed.follow(run, 0, until=frozenset({"succeeded", "failed"})):
        if event is not None and event.kind == "failed":
            pytest.fail(str(event.data))


async def test_an_export_holds_rows_and_photos_as_their_owner_may_see_them(
    runtime: Runtime, ann: httpx.AsyncClient
) -> None:
    photo = await _sent(runtime, ann)
    card = (await ann.get("/api/v1/cards")).json()["data"]["items"][0]

    view = (await ann.get(await _exported(runtime, ann))).json()["data"]
    archive = zipfile.ZipFile(io.BytesIO((await ann.get(view["file_url"])).content))
    cards = json.loads(archive.read("cards/cards.json"))

    assert archive.testzip() is None
    assert cards[0]["reading"]["cards"] == card["cards"]
    assert archive.read(f"cards/photos/{card['id']}.jpeg") == photo
    assert "platform/runs.json" in archive.namelist()
    assert json.loads(archive.read("platform/quota_uses.json"))[0]["used"] == 1


async def test_an_export_holds_nothing_that_lets_somebody_in(
    runtime: Runtime, ann: httpx.AsyncClient
) -> None:
    made = (
        await ann.post("/api/v1/api-keys", json={"name": "laptop", "scopes": ["cards:read"]})
    ).json()["data"]

    view = (await ann.get(await _exported(runtime, ann))).json()["data"]
    archive = zipfile.ZipFile(io.BytesIO((await ann.get(view["file_url"])).content))
    everything = b"".join(archive.read(name) for name in archive.namelist())

    assert b"laptop" in everything
    assert made["key"].encode() not in everything
    assert made["signing_secret"].encode() not in everything


async def test_only_who_asked_can_fetch_an_export(
    runtime: Runtime, ann: httpx.AsyncClient, api: httpx.AsyncClient, db: Database
) -> None:
    await add_account(db, STRANGERS_KEY)
    url = await _exported(runtime, ann)

    for key in (STRANGERS_KEY, API_KEY):
        for path in (url, f"{url}/file"):
            assert (await api.get(path, headers={"X-API-Key": key})).status_code == 404


async def test_an_export_that_is_not_made_yet_says_so(ann: httpx.AsyncClient) -> None:
    asked = await ann.post(f"{PRIVACY}/export")
    url = asked.json()["data"]["polling_url"]

    view = (await ann.get(url)).json()["data"]

    assert asked.headers["location"] == url
    assert (view["status"], view["file_url"]) == ("queued", None)
    assert (await ann.get(f"{url}/file")).status_code == 409


async def test_the_same_idempotency_key_asks_for_one_export(
    ann: httpx.AsyncClient, db: Database
) -> None:
    headers = {"Idempotency-Key": "once"}
    one = await ann.post(f"{PRIVACY}/export", headers=headers)
    two = await ann.post(f"{PRIVACY}/export", headers=headers)

    assert one.json() == two.json()
    assert len(await db.fetch("select from platform.exports")) == 1


async def test_an_archive_is_gone_when_its_time_is_over(
    runtime: Runtime, ann: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await _exported(runtime, ann)
    later = clock.now() + service.KEPT + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    expired = await service.expire(runtime)

    assert expired == 1
    assert (await ann.get(f"{url}/file")).status_code == 404
    assert list(runtime.blobs.survey()) == []


async def test_exports_are_listed_newest_first_each_to_its_owner(
    ann: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    asked = [(await ann.post(f"{PRIVACY}/export")).json()["data"]["export_id"] for _ in range(2)]

    first = (await ann.get(PRIVACY, params={"limit": 1})).json()["data"]
    rest = (await ann.get(PRIVACY, params={"cursor": first["next"]})).json()["data"]

    assert [each["id"] for each in (*first["items"], *rest["items"])] == asked[::-1]
    assert (await api.get(PRIVACY)).json()["data"]["items"] == []


async def test_audit_entries_age_after_two_years_and_drafts_after_a_day(
    runtime: Runtime, db: Database
) -> None:
    for days in (1, 800):
        await db.execute(
            "insert into platform.audit (id, action, subject, created_at)"
            " values ($1, 'plan.changed', 'a', now() - make_interval(days => $2))",
            *(ids.new(), days),
        )
    left = runtime.settings.home.home / "blobs" / ids.new().hex / ".draft"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"")
    os.utime(left, (0, 0))

    await service.expire(runtime)

    assert len(await db.fetch("select from platform.audit")) == 1
    assert not left.exists()


async def _ordered(client: httpx.AsyncClient) -> None:
    """A shop of the account's own, with an order."""
    await open_shop(client)
    await place(client)


async def _tell_me(client: httpx.AsyncClient) -> None:
    """A webhook, and a wish about messages."""
    notifications = "/api/v1/notifications"
    await client.post(f"{notifications}/webhooks", json={"url": "https://hooks.example/"})
    await client.put(f"{notifications}/preferences", json={"muted": ["push"]})


async def _tables_of(db: Database, owner: UUID) -> set[str]:
    """Tables in which rows of an account stand."""
    return {
        table.fullname
        for table in Base.metadata.tables.values()
        if "owner" in table.c
        and await db.fetch(f"select from {table.fullname} where owner = $1", owner)
    }


@pytest.mark.slow
async def test_nothing_of_a_deleted_account_stays_in_any_table_or_file(
    runtime: Runtime, ann: httpx.AsyncClient, db: Database
) -> None:
    await _sent(runtime, ann)
    await _ordered(ann)
    await _tell_me(ann)
    await _exported(runtime, ann)
    owner = (await db.fetch("select owner from cards.cards"))[0]["owner"]
    had = await _tables_of(db, owner)
    run = await _erased(runtime, ann)
    left = await _tables_of(db, owner)

    assert had >= {"cards.cards", "orders.shops", "orders.orders", "platform.api_keys"}
    assert had >= {"platform.notification_receivers", "platform.notification_preferences"}
    assert left <= KEPT
    runs = await db.fetch("select id from platform.runs where owner = $1", owner)
    assert {row["id"] for row in runs} == {run}
    assert list(runtime.blobs.survey()) == []
    assert (await ann.get("/api/v1/cards")).status_code == 401
    assert await db.fetch("select from platform.steps where run <> $1", run) == []


@pytest.mark.parametrize(
    ("whose", "pointer"),
    [
        ({"persn": "U4af4980629"}, "#/persn"),
        ({"person": None}, "#/person"),
        ({"person": "U4af498"}, "#/person"),
        ({"person": ["U4af4980629"]}, "#/person"),
        ([], "#"),
    ],
)
async def test_who_misnames_a_person_does_not_lose_the_account(
    ann: httpx.AsyncClient, db: Database, whose: Any, pointer: str
) -> None:
    answer = await ann.request("DELETE", PRIVACY, json=whose)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert await db.fetch("select from platform.runs where name = 'privacy.erase'") == []


async def test_a_deleted_person_is_signed_out_and_unknown(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    email, password = "ann@example.com", "three blue teapots"
    hashing = Passwords()
    new = Registration(email, await hashing.hash(password), "Ann", "en")
    hashing.close()
    async with runtime.db.transaction() as session:
        await people.add(session, runtime.codec, ids.new(), new)
    credentials = {"email": email, "password": password}
    signed = (await api.post("/api/v1/auth/login", json=credentials)).json()
    headers = {"Authorization": f"Bearer {signed['access_token']}"}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers, timeout=30) as person:
        assert (await person.get("/api/v1/auth/profile")).status_code == 200
        await _erased(runtime, person)

        assert (await person.get("/api/v1/auth/profile")).status_code == 401
        assert (await person.post("/api/v1/auth/login", json=credentials)).status_code == 401
    assert email.encode() not in await opened_values(runtime)


async def test_what_an_account_cost_stays_without_saying_whose_it_was(
    runtime: Runtime, ann: httpx.AsyncClient, db: Database
) -> None:
    owner = (await db.fetch("select owner from platform.api_keys order by id desc"))[0]["owner"]
    await db.execute(
        "insert into platform.costs values ($1, $2, 'cards', 'v', 'o', 'vendor', 'answered',"
        " 1, 0, 0, 250, 'USD', 1, null, null, $1, null, now())",
        *(ids.new(), owner),
    )
    await _erased(runtime, ann)
    row = await db.fetchrow("select owner, run, micros from platform.costs")

    assert row is not None
    assert (row["owner"], row["run"], row["micros"]) == (UUID(int=0), None, 250)


@pytest.mark.slow
async def test_the_accounts_of_others_stay_as_they_are(
    runtime: Runtime, ann: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    photo = await _sent(runtime, api)
    card = (await api.get("/api/v1/cards")).json()["data"]["items"][0]
    await _erased(runtime, ann)

    assert (await api.get("/api/v1/cards")).json()["data"]["items"] == [card]
    assert (await api.get(card["photo_url"])).content == photo


async def test_an_operators_account_is_not_deleted(api: httpx.AsyncClient) -> None:
    answer = await api.request("DELETE", PRIVACY)

    assert answer.status_code == 409
    assert "person" in answer.json()["detail"]


async def test_who_asks_twice_is_told_of_the_same_run(ann: httpx.AsyncClient) -> None:
    one = await ann.request("DELETE", PRIVACY)
    two = await ann.request("DELETE", PRIVACY)

    assert one.json()["data"]["run_id"] == two.json()["data"]["run_id"]


async def test_the_audit_log_tells_that_it_was_asked_and_done(
    runtime: Runtime, ann: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await _erased(runtime, ann)
    entries = (await api.get("/api/v1/audit")).json()["data"]["items"]

    assert [each["action"] for each in entries][:2] == ["privacy.erased", "privacy.erasure_asked"]
    assert entries[0]["credential"].startswith("run:")


async def test_every_sealed_value_can_still_be_opened_after_a_deletion(
    runtime: Runtime, ann: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    await _sent(runtime, api)
    await _erased(runtime, ann)

    assert await opened_values(runtime)
