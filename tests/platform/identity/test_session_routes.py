"""Sessions over HTTP: begun, refreshed, ended, and kept from others."""

from typing import Any

import httpx
import pytest
from signing import (
    ANN,
    AUTH,
    BEN,
    NEW_PASSWORD,
    OPERATOR,
    PASSWORD,
    add_person,
    bearing,
    becomes,
    mailed,
    post,
    signed_in,
)

from forthwith.platform.errors import Unauthorized
from forthwith.platform.identity import people, signing_in
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import Mailbox


@pytest.mark.parametrize("prefix", ["/auth", "/api/auth", "/api/v1/auth"])
@pytest.mark.usefixtures("ann")
async def test_the_routes_that_the_seed_names_answer_tokens_and_user(
    door: httpx.AsyncClient, prefix: str
) -> None:
    """POST /auth/register, /login, /refresh and GET /auth/profile, at the top level."""
    wanted = {"email": BEN, "password": PASSWORD}
    registered = await door.post(f"{prefix}/register", json=wanted)
    login = await door.post(f"{prefix}/login", json={"email": ANN, "password": PASSWORD})
    tokens = login.json()["tokens"]
    refreshed = await door.post(
        f"{prefix}/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    profile = await door.get(f"{prefix}/profile", headers=bearing(tokens))

    assert registered.json()["user"]["email"] == BEN
    assert login.headers["cache-control"] == "no-store"
    assert login.json().keys() >= {"success", "data", "message", "timestamp", "tokens", "user"}
    assert tokens.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert refreshed.json()["tokens"]["refresh_token"] != tokens["refresh_token"]
    assert profile.json()["user"] == login.json()["user"]
    assert profile.json()["user"].keys() >= {"id", "email", "plan_type", "created_at"}


@pytest.mark.usefixtures("ann")
async def test_a_refresh_token_that_is_replayed_ends_the_session_for_all(
    door: httpx.AsyncClient,
) -> None:
    signed = await signed_in(door)
    stolen = signed["refresh_token"]
    refreshed = (await post(door, "refresh", refresh_token=stolen)).json()
    replayed = await post(door, "refresh", refresh_token=stolen)

    assert replayed.status_code == 401
    again = await post(door, "refresh", refresh_token=refreshed["refresh_token"])
    assert again.status_code == 401
    assert again.json()["detail"] == replayed.json()["detail"]
    for tokens in (signed, refreshed):
        assert await becomes(door, tokens, 401)


@pytest.mark.usefixtures("ann")
async def test_signing_out_ends_both_tokens_at_once(door: httpx.AsyncClient) -> None:
    signed = await signed_in(door)
    other = await signed_in(door)
    left = await door.post(f"{AUTH}/logout", headers=bearing(signed))

    assert left.status_code == 200
    assert await becomes(door, signed, 401)
    assert (await post(door, "refresh", refresh_token=signed["refresh_token"])).status_code == 401
    assert await becomes(door, other, 200)


@pytest.mark.usefixtures("ann")
async def test_while_nobody_knows_which_sessions_ended_tokens_are_put_off_not_refused(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    """A 401 would make every program sign out because the database is away for a moment."""
    signed = await signed_in(door)
    people_runtime.listener.connected.clear()
    people_runtime.tokens._revocations._heard_at = float("-inf")
    answer = await door.get(f"{AUTH}/profile", headers=bearing(signed))

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_an_api_key_cannot_sign_out(door: httpx.AsyncClient) -> None:
    assert (await door.post(f"{AUTH}/logout", headers=OPERATOR)).status_code == 400


@pytest.mark.usefixtures("ann")
async def test_a_session_is_ended_from_another_one_and_never_by_somebody_else(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    await add_person(people_runtime.db, people_runtime.codec, BEN)
    phone, laptop, ben = await signed_in(door), await signed_in(door), await signed_in(door, BEN)
    listed = (await door.get(f"{AUTH}/sessions", headers=bearing(laptop))).json()["data"]["items"]
    url = f"{AUTH}/sessions/{listed[1]['id']}"

    first = (await door.get(f"{AUTH}/sessions?limit=1", headers=bearing(laptop))).json()["data"]
    paged = await door.get(f"{AUTH}/sessions?cursor={first['next']}", headers=bearing(laptop))

    assert [each["is_current"] for each in listed] == [True, False]
    assert [first["items"], paged.json()["data"]["items"]] == [listed[:1], listed[1:]]
    assert (await door.delete(url, headers=bearing(ben))).status_code == 404
    assert (await door.delete(url, headers=OPERATOR)).status_code == 404
    assert (await door.delete(url, headers=bearing(laptop))).status_code == 200
    assert await becomes(door, phone, 401)
    assert await becomes(door, laptop, 200)


@pytest.mark.usefixtures("ann")
async def test_a_password_is_changed_and_other_sessions_end(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    here, there = await signed_in(door), await signed_in(door)
    wrong = await _change(door, here, "wrong password", NEW_PASSWORD)
    weak = await _change(door, here, PASSWORD, "password1")
    changed = await _change(door, here, PASSWORD, NEW_PASSWORD)
    mail = (await mailed(mailbox))[0]

    assert wrong.json()["errors"][0]["pointer"] == "#/current_password"
    assert weak.json()["errors"][0]["pointer"] == "#/new_password"
    assert changed.status_code == 200
    assert mail.headers["subject"] == "Your password was changed"
    assert await becomes(door, there, 401)
    assert await becomes(door, here, 200)
    assert (await post(door, "login", email=ANN, password=PASSWORD)).status_code == 401
    await signed_in(door, password=NEW_PASSWORD)


async def test_a_machines_account_has_no_password_to_change(door: httpx.AsyncClient) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = await door.post(f"{AUTH}/password/change", json=body, headers=OPERATOR)

    assert answer.status_code == 404


async def test_no_session_begins_with_a_password_that_was_replaced_meanwhile(
    people_runtime: Runtime, ann: None
) -> None:
    """Comparing takes its time; a reset that comes between must have the last word."""
    codec = people_runtime.codec
    async with people_runtime.db.transaction() as session:
        person = await people.by_email(session, codec, ANN)
        assert person is not None
        kept = people.password_hash_of(codec, person)
        people.set_password_hash(codec, person, "another")
        with pytest.raises(Unauthorized, match="is wrong"):
            await signing_in._ensure_unchanged(session, codec, person.owner, kept, None)


async def _change(
    door: httpx.AsyncClient, tokens: dict[str, Any], current: str, new: str
) -> httpx.Response:
    body = {"current_password": current, "new_password": new}
    return await door.post(f"{AUTH}/password/change", json=body, headers=bearing(tokens))
