"""Making, rotating and revoking keys over HTTP, as programs and people do."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account

from forthwith.platform import clock, ids
from forthwith.platform.db import Database

KEYS = "/api/v1/api-keys"
RUNS = "/api/v1/runs"


async def _create(api: httpx.AsyncClient, **wanted: Any) -> dict[str, Any]:
    answer = await api.post(KEYS, json={"name": "the till", "scopes": ["runs:read"], **wanted})
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def _status(api: httpx.AsyncClient, key: str, path: str = RUNS, method: str = "GET") -> int:
    async with httpx.AsyncClient(base_url=api.base_url) as client:
        return (await client.request(method, path, headers={"X-API-Key": key})).status_code


async def test_a_new_key_works_and_does_only_what_its_scopes_say(api: httpx.AsyncClient) -> None:
    made = await _create(api)

    assert made["key"].startswith("fw_")
    assert made["signing_secret"].startswith("fws_")
    assert await _status(api, made["key"]) == 200
    assert await _status(api, made["key"], "/api/v1/cards") == 403


async def test_secrets_are_shown_once_and_kept_nowhere(
    api: httpx.AsyncClient, db: Database
) -> None:
    made = await _create(api)

    listed = (await api.get(KEYS)).text
    rows = "".join(
        row["row"] for row in await db.fetch("select k::text as row from platform.api_keys k")
    )

    for secret in (made["key"], made["signing_secret"]):
        assert secret not in listed
        assert secret not in rows
        assert secret.encode().hex() not in rows
    assert made["id"] in listed


async def test_keys_are_listed_newest_first_with_their_state(api: httpx.AsyncClient) -> None:
    first, second = await _create(api, name="one"), await _create(api, name="two")
    await api.delete(f"{KEYS}/{first['id']}")

    items = (await api.get(f"{KEYS}?limit=2")).json()["data"]["items"]

    assert [(item["name"], item["state"]) for item in items] == [
        ("two", "active"),
        ("one", "revoked"),
    ]
    assert items[0]["id"] == second["id"]


async def test_a_revoked_key_is_refused_by_the_next_request(api: httpx.AsyncClient) -> None:
    made = await _create(api)
    assert await _status(api, made["key"]) == 200

    answer = await api.delete(f"{KEYS}/{made['id']}")

    assert answer.json()["data"]["state"] == "revoked"
    assert await _status(api, made["key"]) == 401


async def test_both_keys_work_while_a_rotation_overlaps(api: httpx.AsyncClient) -> None:
    old = await _create(api, expires_in_days=30, requests_per_minute=7)

    answer = await api.post(f"{KEYS}/{old['id']}/rotate", json={"overlap_seconds": 3600})
    new = answer.json()["data"]

    assert answer.status_code == 201
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert new["requests_per_minute"] == 7
    assert new["key"] != old["key"]
    assert [await _status(api, each["key"]) for each in (old, new)] == [200, 200]
    left = datetime.fromisoformat(new["expires_at"]) - clock.now()
    assert timedelta(days=29) < left <= timedelta(days=30)
    items = (await api.get(KEYS)).json()["data"]["items"]
    ends = next(item["expires_at"] for item in items if item["id"] == old["id"])
    assert datetime.fromisoformat(ends) - clock.now() <= timedelta(hours=1)


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(api: httpx.AsyncClient) -> None:
    old = await _create(api)
    assert await _status(api, old["key"]) == 200

    await api.post(f"{KEYS}/{old['id']}/rotate", json={"overlap_seconds": 0})

    assert await _status(api, old["key"]) == 401


async def test_a_key_is_rotated_once_and_then_its_successor(api: httpx.AsyncClient) -> None:
    """Rotated again within the overlap, it would hand on only what is left of its life."""
    old = await _create(api, expires_in_days=30)
    first = (await api.post(f"{KEYS}/{old['id']}/rotate")).json()["data"]

    again = await api.post(f"{KEYS}/{old['id']}/rotate")
    next_one = await api.post(f"{KEYS}/{first['id']}/rotate")

    assert again.status_code == 409
    assert first["id"] in again.json()["detail"]
    left = datetime.fromisoformat(next_one.json()["data"]["expires_at"]) - clock.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


async def test_rotations_at_the_same_moment_make_one_successor(api: httpx.AsyncClient) -> None:
    old = await _create(api)

    answers = await asyncio.gather(*(api.post(f"{KEYS}/{old['id']}/rotate") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_key_that_is_not_in_force_is_not_rotated(api: httpx.AsyncClient) -> None:
    made = await _create(api)
    await api.delete(f"{KEYS}/{made['id']}")

    assert (await api.post(f"{KEYS}/{made['id']}/rotate")).status_code == 409


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"scopes": ["cards:read", "cards:fly"]}, "#/scopes/1"),
        ({"scopes": []}, "#/scopes"),
        ({"name": ""}, "#/name"),
        ({"name": "a\x00b"}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"name": "  "}, "#/name"),
        ({"name": "\u202etill"}, "#/name"),
        ({"expires_in_days": 0}, "#/expires_in_days"),
        ({"requests_per_minute": 0}, "#/requests_per_minute"),
        ({"requests_per_minute": True}, "#/requests_per_minute"),
        ({"expires_in_day": 3}, "#/expires_in_day"),
    ],
)
async def test_a_wrong_wish_is_pointed_at(
    api: httpx.AsyncClient, wanted: dict[str, Any], pointer: str
) -> None:
    answer = await api.post(KEYS, json={"name": "a", "scopes": ["runs:read"], **wanted})

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_misspelt_overlap_rotates_nothing(api: httpx.AsyncClient) -> None:
    """Passed over, it would leave a key in force for a day that was to end at once."""
    made = (await api.post(KEYS, json={"name": "a", "scopes": ["runs:read"]})).json()["data"]
    answer = await api.post(f"{KEYS}/{made['id']}/rotate", json={"overlap": 0})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/overlap"
    assert [each["name"] for each in (await api.get(KEYS)).json()["data"]["items"]].count("a") == 1


async def test_a_key_cannot_make_one_that_may_do_more(api: httpx.AsyncClient, db: Database) -> None:
    await add_account(db, STRANGERS_KEY, "keys:write", "runs:read")
    headers = {"X-API-Key": STRANGERS_KEY}
    wishes = {"runs:read": 201, "cards:read": 403, "*": 403}
    found = {}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers) as client:
        for scope in wishes:
            body = {"name": "a", "scopes": [scope]}
            found[scope] = (await client.post(KEYS, json=body)).status_code

    assert found == wishes


async def test_the_keys_of_others_cannot_be_seen_nor_touched(
    api: httpx.AsyncClient, db: Database
) -> None:
    made = await _create(api)
    await add_account(db)
    headers = {"X-API-Key": STRANGERS_KEY}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers) as stranger:
        answers = [
            await stranger.delete(f"{KEYS}/{made['id']}"),
            await stranger.post(f"{KEYS}/{made['id']}/rotate"),
            await stranger.delete(f"{KEYS}/{ids.new()}"),
        ]
        seen = (await stranger.get(KEYS)).text

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert made["id"] not in seen
    assert await _status(api, made["key"]) == 200


async def test_the_same_idempotency_key_makes_one_key(api: httpx.AsyncClient) -> None:
    body, headers = {"name": "a", "scopes": ["runs:read"]}, {"Idempotency-Key": "one"}

    answers = await asyncio.gather(*(api.post(KEYS, json=body, headers=headers) for _ in range(5)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["data"]["key"] for answer in answers if answer.is_success}) == 1
    assert len((await api.get(KEYS)).json()["data"]["items"]) == 2  # and the operator's own


async def test_an_account_has_a_bounded_number_of_keys(
    api: httpx.AsyncClient, db: Database
) -> None:
    await db.execute(
        "insert into platform.api_keys (id, owner, name, digest, scopes)"
        " select gen_random_uuid(), a.id, 'many', gen_random_uuid()::text::bytea, '{}'"
        " from platform.accounts a, generate_series(1, 99)"
    )

    answer = await api.post(KEYS, json={"name": "a", "scopes": ["runs:read"]})

    assert answer.status_code == 409


async def test_what_is_done_with_keys_is_written_down(api: httpx.AsyncClient) -> None:
    made = await _create(api)
    await api.post(f"{KEYS}/{made['id']}/rotate")
    await api.delete(f"{KEYS}/{made['id']}")

    entries = (await api.get("/api/v1/audit")).json()["data"]["items"]

    assert [entry["action"] for entry in entries[:4]] == [
        "api_key.revoked",
        "api_key.created",
        "api_key.rotated",
        "api_key.created",
    ]
    assert entries[0]["subject"] == f"api-key:{made['id']}"
