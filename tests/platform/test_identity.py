import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account, end_key
from support import API_KEY

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator, find_principal
from forthwith.platform.identity.keys import PREFIX, make_secret

CARDS = "/api/v1/cards"


async def _ask(api: httpx.AsyncClient, headers: dict[str, str | bytes]) -> httpx.Response:
    """GET the list of cards with these credentials instead of the operator's."""
    given = {"X-Request-Id": "same", **headers}
    async with httpx.AsyncClient(base_url=api.base_url) as client:
        return await client.get(CARDS, headers=list(given.items()))


@pytest.mark.parametrize(
    "headers",
    [{"X-API-Key": API_KEY}, {"Authorization": f"Bearer {API_KEY}"}],
    ids=["x-api-key", "bearer"],
)
async def test_a_key_is_taken_from_either_header(
    api: httpx.AsyncClient, headers: dict[str, str | bytes]
) -> None:
    answer = await _ask(api, headers)

    assert answer.status_code == 200


async def test_an_empty_key_does_not_stand_before_a_right_one(api: httpx.AsyncClient) -> None:
    """As templates send it whose variable is not set."""
    answer = await _ask(api, {"X-API-Key": "", "Authorization": f"Bearer {API_KEY}"})

    assert answer.status_code == 200


async def test_whatever_is_wrong_with_a_key_the_answer_is_the_same_to_the_byte(
    api: httpx.AsyncClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can learn from a 401 whether a key exists, has expired or was revoked."""
    now = clock.now()
    for secret in ("fw_expired", "fw_revoked"):
        await add_account(db, secret)
    await end_key(db, "fw_expired", expires_at=now - timedelta(seconds=1))
    await end_key(db, "fw_revoked", revoked_at=now)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    credentials: list[dict[str, str | bytes]] = [
        {},
        *({"X-API-Key": secret} for secret in ("", "fw_unknown", "fw_expired", "fw_revoked")),
        {"X-API-Key": "fw_" + "x" * 10_000},
        {"X-API-Key": f"{API_KEY} "[:-2]},
        {"X-API-Key": "fw_clé".encode()},
        {"X-API-Key": b"fw_\xff\xfe"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer fw_unknown"},
        {"Authorization": f"Basic {API_KEY}"},
    ]

    answers = [await _ask(api, each) for each in credentials]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {
        'Bearer realm="forthwith"'
    }


async def test_a_key_works_until_it_expires(db: Database) -> None:
    owner = await add_account(db)
    await end_key(db, STRANGERS_KEY, expires_at=clock.now() + timedelta(hours=1))

    found = await find_principal(db, STRANGERS_KEY)

    assert found is not None
    assert found.owner == owner


async def test_a_key_without_the_scope_is_told_which_one_it_lacks(
    api: httpx.AsyncClient, db: Database
) -> None:
    await add_account(db, STRANGERS_KEY, "runs:read")

    answer = await _ask(api, {"X-API-Key": STRANGERS_KEY})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "FORBIDDEN"
    assert "cards:read" in answer.json()["detail"]


async def test_eight_processes_at_once_make_one_operator_and_show_one_key(db: Database) -> None:
    shown = await asyncio.gather(*(ensure_operator(db, None) for _ in range(8)))
    made = [key for key in shown if key is not None]

    assert len(made) == 1
    assert await find_principal(db, made[0]) is not None
    assert len(await db.fetch("select from platform.accounts")) == 1


async def test_a_configured_key_becomes_the_operators_and_is_not_shown(db: Database) -> None:
    assert await ensure_operator(db, "fw_configured") is None
    assert await ensure_operator(db, "fw_configured") is None

    found = await find_principal(db, "fw_configured")

    assert found is not None
    assert found.may("anything:at-all")


async def test_a_key_configured_later_belongs_to_the_same_operator(db: Database) -> None:
    first = await ensure_operator(db, None)
    await ensure_operator(db, "fw_configured")

    assert first is not None
    one, two = await find_principal(db, first), await find_principal(db, "fw_configured")
    assert one is not None
    assert two is not None
    assert one.owner == two.owner


async def test_only_the_digest_of_a_key_is_kept(db: Database) -> None:
    await ensure_operator(db, "fw_configured")
    rows = await db.fetch("select api_keys::text as row from platform.api_keys")

    assert "fw_configured" not in rows[0]["row"]


def test_keys_are_long_and_never_the_same() -> None:
    keys = {make_secret() for _ in range(100)}

    assert len(keys) == 100
    assert all(key.startswith(PREFIX) and len(key) == 46 for key in keys)


async def test_no_key_is_ever_logged(
    api: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    for headers in ({"X-API-Key": API_KEY}, {"Authorization": "Bearer fw_wrong-but-secret"}):
        await _ask(api, dict(headers))
    said = "".join(capfd.readouterr())

    assert said.count("request_answered") == 2
    assert API_KEY not in said
    assert "wrong-but-secret" not in said
