import asyncpg
import httpx
import pytest
from accounts import STRANGERS_KEY, add_account

from forthwith.platform import audit, ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database

AUDIT = "/api/v1/audit"


async def _record(db: Database, codec: Codec, action: str = "plan.changed", **data: str) -> None:
    async with db.transaction() as session:
        await audit.record(session, codec, action, owner=ids.new(), subject="account:1", data=data)


async def test_what_was_done_is_shown_to_the_operator_newest_first(
    api: httpx.AsyncClient, db: Database, codec: Codec
) -> None:
    for action in ("api_key.created", "api_key.revoked"):
        await _record(db, codec, action, name="laptop")

    first = (await api.get(AUDIT, params={"limit": 1})).json()["data"]
    second = (await api.get(AUDIT, params={"cursor": first["next"]})).json()["data"]

    assert [each["action"] for each in first["items"]] == ["api_key.revoked"]
    assert [each["action"] for each in second["items"]] == ["api_key.created"]
    assert first["items"][0]["data"] == {"name": "laptop"}


async def test_entries_are_found_by_what_was_done(
    api: httpx.AsyncClient, db: Database, codec: Codec
) -> None:
    for action in ("api_key.created", "plan.changed"):
        await _record(db, codec, action)

    found = (await api.get(AUDIT, params={"action": "plan.changed"})).json()["data"]["items"]

    assert [each["action"] for each in found] == ["plan.changed"]


async def test_an_action_that_cannot_be_is_refused(api: httpx.AsyncClient) -> None:
    for action in ("Ann", "", "api key"):
        assert (await api.get(AUDIT, params={"action": action})).status_code == 422


async def test_a_member_may_not_read_it_whatever_the_scopes(
    api: httpx.AsyncClient, db: Database
) -> None:
    await add_account(db, STRANGERS_KEY, "*")

    answer = await api.get(AUDIT, headers={"X-API-Key": STRANGERS_KEY})

    assert answer.status_code == 403


async def test_nothing_is_written_when_the_change_itself_is_not(db: Database, codec: Codec) -> None:
    with pytest.raises(RuntimeError, match="given up"):
        await _record_and_give_up(db, codec)

    assert await db.fetch("select from platform.audit") == []


async def _record_and_give_up(db: Database, codec: Codec) -> None:
    async with db.transaction() as session:
        await audit.record(session, codec, "plan.changed", owner=None, subject="account:1")
        raise RuntimeError("given up")


async def test_its_data_is_sealed(db: Database, codec: Codec) -> None:
    await _record(db, codec, address="ann@example.com")
    row = await db.fetchrow("select audit::text as row, data from platform.audit")

    assert row is not None
    assert b"ann@example.com" not in row["data"]


@pytest.mark.parametrize(
    "change",
    ["update platform.audit set action = 'nothing'", "delete from platform.audit"],
    ids=["changed", "deleted"],
)
async def test_no_entry_can_be(change: str, db: Database, codec: Codec) -> None:
    await _record(db, codec)

    with pytest.raises(asyncpg.RaiseError, match="only added to"):
        await db.execute(change)


async def test_the_data_of_an_entry_can_be_sealed_anew_or_taken_away(
    db: Database, codec: Codec
) -> None:
    await _record(db, codec, name="laptop")

    assert await db.execute("update platform.audit set data = null") == "UPDATE 1"
