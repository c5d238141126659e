"""Accounts over HTTP: whose they are, what hostile values do, who may see and change them."""

from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from signing import (
    ANN,
    AUTH,
    BEN,
    OPERATOR,
    PASSWORD,
    bearing,
    post,
    signed_in,
)

from forthwith.platform.identity import people
from forthwith.platform.runtime import Runtime


@pytest.fixture
def no_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed network without mail."""
    monkeypatch.setenv("ACCOUNTS_CONFIRM_EMAIL", "off")


@pytest.mark.usefixtures("no_confirmation")
async def test_without_confirmation_an_account_begins_at_once(door: httpx.AsyncClient) -> None:
    answer = await post(door, "register", email=BEN, password=PASSWORD)

    assert answer.status_code == 202
    await signed_in(door, BEN)


async def test_a_sign_in_renews_a_hash_of_older_parameters(
    people_runtime: Runtime, door: httpx.AsyncClient, ann: None
) -> None:
    codec = people_runtime.codec
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with people_runtime.db.transaction() as session:
        person = await people.by_email(session, codec, ANN)
        assert person is not None
        people.set_password_hash(codec, person, old)
    await signed_in(door)
    async with people_runtime.db.read() as session:
        person = await people.by_email(session, codec, ANN)

    assert person is not None
    assert people.password_hash_of(codec, person) != old
    await signed_in(door)


@pytest.mark.usefixtures("ann")
async def test_no_personal_value_is_kept_or_logged_in_the_open(
    people_runtime: Runtime, door: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    signed = await signed_in(door)
    rows: list[str] = []
    for table in ("people", "sessions", "refresh_tokens", "attempts", "mail_tokens", "runs"):
        found = await people_runtime.db.fetch(f"select t::text as row from platform.{table} t")  # noqa: S608
        rows += [row["row"] for row in found]
    kept = " ".join(rows) + "".join(capfd.readouterr())

    for value in (ANN, PASSWORD, signed["refresh_token"], signed["access_token"], "argon2id"):
        assert value not in kept
        assert value.encode().hex() not in kept


HOSTILE: list[Any] = [
    *("", "\x00", "a\x00@example.com", "x" * 10_000, "\ud800@example.com", "\u202eann@example.com"),
    *("ann@example.com\r\nBcc: b@x.de", "' or 1=1 --", None, 5, True, [], {}),
    *(["ann@example.com"], {"$ne": ""}),
]


def _hostile(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Requests that have a value in each place where one goes."""
    bodies = [
        ("register", {"email": value, "password": PASSWORD}),
        ("login", {"email": value, "password": PASSWORD}),
        ("password/forgot", {"email": value}),
        ("email/resend", {"email": value}),
        ("refresh", {"refresh_token": value}),
        ("email/confirm", {"token": value}),
        ("password/reset", {"token": value, "new_password": PASSWORD}),
        ("register", {"email": BEN, "password": PASSWORD, "language": value}),
    ]
    if value is not None:  # which leaves the name out
        bodies.append(("register", {"email": BEN, "password": PASSWORD, "name": [value]}))
    return bodies


@pytest.mark.slow
async def test_hostile_values_are_refused_and_break_nothing(door: httpx.AsyncClient) -> None:
    seen = {
        (repr(value)[:30], route): (await post(door, route, **body)).status_code
        for value in HOSTILE
        for route, body in _hostile(value)
    }

    assert {place: status for place, status in seen.items() if status not in {401, 422}} == {}


async def test_any_text_is_a_password_or_refused_as_one(door: httpx.AsyncClient) -> None:
    texts = ["\x00" * 20, "\ud800" * 9, "🫖 blue teapots", "\u202e" * 12 + "abc", "x" * 513]
    registered = [
        (await post(door, "register", email=f"ben{at}@example.com", password=text)).status_code
        for at, text in enumerate(texts)
    ]
    tried = [
        (await post(door, "login", email=f"ben{at}@example.com", password=text)).status_code
        for at, text in enumerate(texts)
    ]

    assert registered == [422, 422, 202, 202, 422]
    assert tried == [401, 422, 401, 401, 422]


async def test_nobody_registers_with_more_than_they_may_say(door: httpx.AsyncClient) -> None:
    for member in ("nobody", "is_admin", "role", "plan_type"):
        answer = await post(door, "register", email=BEN, password=PASSWORD, **{member: "operator"})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"#/{member}"


@pytest.mark.usefixtures("ann")
async def test_only_operators_see_accounts_and_change_plans(door: httpx.AsyncClient) -> None:
    signed = await signed_in(door)
    accounts = "/api/v1/accounts"
    plan = f"{accounts}/{signed['user']['id']}/plan"
    refused = [
        await door.get(accounts, headers=bearing(signed)),
        await door.post(plan, json={"plan_type": "enterprise"}, headers=bearing(signed)),
    ]
    found = await door.get(accounts, params={"email": ANN}, headers=OPERATOR)
    changed = await door.post(plan, json={"plan_type": "premium"}, headers=OPERATOR)
    profile = await door.get(f"{AUTH}/profile", headers=bearing(signed))

    newest = (await door.get(f"{accounts}?limit=1", headers=OPERATOR)).json()["data"]
    older = await door.get(f"{accounts}?cursor={newest['next']}", headers=OPERATOR)

    assert [answer.status_code for answer in refused] == [403, 403]
    assert [each["role"] for each in newest["items"]] == ["member"]
    assert [each["role"] for each in older.json()["data"]["items"]] == ["operator"]
    assert [each["id"] for each in found.json()["data"]["items"]] == [signed["user"]["id"]]
    assert ANN not in found.text
    assert changed.status_code == 200
    assert profile.json()["user"]["plan_type"] == "premium"


async def test_plans_and_accounts_that_are_not_there_are_refused(door: httpx.AsyncClient) -> None:
    nobody = "/api/v1/accounts/01890000-0000-7000-8000-000000000000/plan"
    unknown = await door.post(nobody, json={"plan_type": "premium"}, headers=OPERATOR)
    wrong = await door.post(nobody, json={"plan_type": "gold"}, headers=OPERATOR)
    listed = await door.get("/api/v1/accounts", headers=OPERATOR)

    assert unknown.status_code == 404
    assert wrong.status_code == 422
    assert [each["role"] for each in listed.json()["data"]["items"]] == ["operator"]


@pytest.mark.usefixtures("ann")
async def test_a_profile_is_changed_by_its_holder(door: httpx.AsyncClient) -> None:
    headers = bearing(await signed_in(door))
    url = f"{AUTH}/profile"
    unchanged = await door.patch(url, json={}, headers=headers)
    changed = await door.patch(url, json={"name": "  王小明 ", "language": "ja"}, headers=headers)
    bare = await door.patch(url, json={"name": ""}, headers=headers)
    wrong = await door.patch(url, json={"name": "a\nb"}, headers=headers)
    machine = await door.patch(url, json={"name": "x"}, headers=OPERATOR)

    assert (unchanged.json()["user"]["name"], unchanged.json()["user"]["language"]) == ("Ann", "en")
    assert (changed.json()["user"]["name"], changed.json()["user"]["language"]) == ("王小明", "ja")
    assert bare.json()["user"]["name"] is None
    assert wrong.status_code == 422
    assert machine.status_code == 404


async def test_the_operators_profile_has_no_address(door: httpx.AsyncClient) -> None:
    user = (await door.get(f"{AUTH}/profile", headers=OPERATOR)).json()["user"]

    assert (user["role"], user["email"]) == ("operator", None)
