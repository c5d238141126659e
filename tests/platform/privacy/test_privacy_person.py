"""One person among an owner's rows: found by every name, deleted alone."""

import io
import json
import zipfile
from uuid import UUID

import httpx
import msgspec
import pytest
from accounts import STRANGERS_KEY, add_account
from sealed_values import opened_values
from sqlalchemy import select
from support import working

from forthwith.apps.cards.models import Card, Chat, Identifier, LinePhoto
from forthwith.platform import clock, ids, inbox
from forthwith.platform.crypto import place
from forthwith.platform.db import Database
from forthwith.platform.identity.models import Account, LinkedIdentity
from forthwith.platform.runtime import Runtime

PRIVACY = "/api/v1/privacy"
ANN, BOB = "Uaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Ubbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def _operator(runtime: Runtime) -> UUID:
    async with runtime.db.read() as session:
        owner = await session.scalar(select(Account.id).where(Account.role == "operator"))
    assert owner is not None
    return owner


def _digest(runtime: Runtime, owner: UUID, name: str) -> str:
    return runtime.codec.blind_index(name, f"cards.person|{owner}").hex()


async def _has_written(runtime: Runtime, user: str, owner: UUID, chat: str = "") -> None:
    """What a photo by LINE leaves behind: inbox, photo, card, chat, run, identity."""
    codec, card, photo = runtime.codec, ids.new(), ids.new()
    person = _digest(runtime, owner, f"{chat}|{user}" if chat else user)
    event = {"source": {"userId": user, "groupId": chat}}
    sealed_event = codec.seal(event, place("cards.line_photos", "event", photo))
    state = codec.seal({"language": "en"}, place("cards.chats", "state", f"{owner}|{person}"))
    async with runtime.db.transaction() as session:
        await inbox.accept(
            session, codec, channel="line:1", event=f"e-{photo}", owner=owner, payload=event
        )
        run = await runtime.jobs.enqueue(session, "cards.read", {"card_id": card}, owner=owner)
        session.add(
            LinePhoto(
                id=photo,
                owner=owner,
                person=person,
                event=sealed_event,
                sent_at=clock.now(),
                run=run,
                card=card,
            )
        )
        session.add(
            Card(
                id=card,
                owner=owner,
                run=run,
                photo="0" * 64,
                media_type="image/jpeg",
                person=person,
            )
        )
        session.add(Identifier(owner=owner, digest=person.encode(), card=card))
        session.add(Chat(owner=owner, person=person, state=state))


async def _linked(runtime: Runtime, user: str, owner: UUID) -> UUID:
    identity = ids.new()
    at = place("platform.identities", "subject", identity)
    async with runtime.db.transaction() as session:
        session.add(
            LinkedIdentity(
                id=identity,
                owner=owner,
                provider="line",
                subject_digest=user.encode(),
                subject=runtime.codec.seal(user, at),
            )
        )
    return identity


async def _asked(runtime: Runtime, api: httpx.AsyncClient, method: str, person: str) -> str:
    """Ask about a person and wait until it is done; where the outcome stands."""
    path = PRIVACY if method == "DELETE" else f"{PRIVACY}/export"
    answer = await api.request(method, path, json={"person": person})
    told = answer.json()["data"]
    async with working(runtime):
        async for event in runtime.feed.follow(
            UUID(told["run_id"]), 0, until=frozenset({"succeeded", "failed"})
        ):
            assert event is None or event.kind != "failed", event
    return str(told["polling_url"])


async def _persons(db: Database, table: str) -> set[str]:
    return {row["person"] for row in await db.fetch(f"select person from {table}")}  # noqa: S608


async def test_nobody_with_the_key_finds_a_deleted_person_any_more(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    """Inbox, rows, runs, identities, and the very run that deleted."""
    owner = await _operator(runtime)
    await _has_written(runtime, ANN, owner)
    await _linked(runtime, ANN, owner)
    before = await opened_values(runtime)

    await _asked(runtime, api, "DELETE", ANN)

    assert ANN.encode() in before
    assert ANN.encode() not in await opened_values(runtime)


async def test_a_run_that_knows_only_the_digest_of_a_person_is_deleted_too(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    owner = await _operator(runtime)
    await _has_written(runtime, ANN, owner)
    digest = _digest(runtime, owner, ANN)
    async with runtime.db.transaction() as session:
        await runtime.jobs.enqueue(
            session,
            "privacy.export",
            {"export": ids.new(), "person": digest},
            owner=owner,
        )

    await _asked(runtime, api, "DELETE", ANN)

    assert digest.encode() not in await opened_values(runtime)


async def test_others_who_wrote_to_the_same_owner_stay(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    owner = await _operator(runtime)
    for user in (ANN, BOB):
        await _has_written(runtime, user, owner)

    await _asked(runtime, api, "DELETE", ANN)

    bob = _digest(runtime, owner, BOB)
    for table in ("cards.cards", "cards.chats", "cards.line_photos"):
        assert await _persons(db, table) == {bob}
    assert len(await db.fetch("select from cards.identifiers")) == 1
    assert BOB.encode() in await opened_values(runtime)


async def test_what_a_person_wrote_in_a_group_is_found_by_their_own_id(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    owner = await _operator(runtime)
    await _has_written(runtime, ANN, owner, chat="Cgroup00000000000000000000000000")

    await _asked(runtime, api, "DELETE", ANN)

    assert await _persons(db, "cards.cards") == set()


async def test_the_same_person_at_another_owner_stays(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    other = await add_account(db, STRANGERS_KEY)
    await _has_written(runtime, ANN, other)

    await _asked(runtime, api, "DELETE", ANN)

    assert await _persons(db, "cards.cards") == {_digest(runtime, other, ANN)}
    assert ANN.encode() in await opened_values(runtime)


async def test_a_redelivery_is_still_recognised_after_its_content_was_deleted(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    owner = await _operator(runtime)
    await _has_written(runtime, ANN, owner)
    row = await db.fetchrow("select event from platform.inbox")
    assert row is not None

    await _asked(runtime, api, "DELETE", ANN)

    async with runtime.db.transaction() as session:
        again = {"channel": "line:1", "event": row["event"], "owner": owner, "payload": {}}
        assert not await inbox.accept(session, runtime.codec, **again)


async def test_a_person_is_found_by_the_id_of_our_own_as_well(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    owner = await _operator(runtime)
    await _has_written(runtime, ANN, owner)
    identity = await _linked(runtime, ANN, owner)

    await _asked(runtime, api, "DELETE", str(identity))

    assert ANN.encode() not in await opened_values(runtime)


async def test_an_export_of_a_person_holds_their_rows_only(
    runtime: Runtime, api: httpx.AsyncClient
) -> None:
    owner = await _operator(runtime)
    for user in (ANN, BOB):
        await _has_written(runtime, user, owner)

    view = (await api.get(await _asked(runtime, api, "POST", ANN))).json()["data"]
    archive = zipfile.ZipFile(io.BytesIO((await api.get(view["file_url"])).content))
    sent = json.loads(archive.read("cards/line_photos.json"))

    assert [each["event"]["source"]["userId"] for each in sent] == [ANN]
    assert all(BOB.encode() not in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(
    "person", ["Ann", "x" * 201, "line\nfeed-line-feed", "", "\0" * 20, "half a pair \ud800"]
)
async def test_a_name_that_could_be_anybodys_is_refused(
    api: httpx.AsyncClient, person: str
) -> None:
    body = json.dumps({"person": person})
    headers = {"Content-Type": "application/json"}
    answer = await api.request("DELETE", PRIVACY, content=body, headers=headers)

    assert answer.status_code == 422


async def test_no_key_of_a_run_and_no_audit_entry_names_the_person(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    await api.request("DELETE", PRIVACY, json={"person": ANN})
    keys = [row["key"] for row in await db.fetch("select key from platform.unique_jobs")]
    entries = (await api.get("/api/v1/audit")).content

    assert keys
    assert not any(ANN in key for key in keys)
    assert ANN.encode() not in entries
    assert msgspec.json.decode(entries)["success"]
