"""Signing in over HTTP: what can be learnt from answers, and how often one may try."""

import statistics
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from signing import (
    ANN,
    AUTH,
    PASSWORD,
    add_person,
    bearing,
    mailed,
    post,
    signed_in,
    token_in,
)
from support import API_KEY

from forthwith.platform import clock
from forthwith.platform.errors import Unauthorized
from forthwith.platform.identity import passwords, people, signing_in
from forthwith.platform.identity.sessions import GRACE
from forthwith.platform.identity.throttle import PER_ACCOUNT, PER_ADDRESS, Throttle
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import Mailbox

BEN = "ben@example.com"
OPERATOR = {"X-API-Key": API_KEY}
NEW_PASSWORD = "four green kettles"


@pytest.fixture
async def ann(people_runtime: Runtime) -> None:
    """Ann has an account."""
    await add_person(people_runtime.db, people_runtime.codec)


def _told(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    """What somebody learns from an answer; what differs between any two requests is left out."""
    varying = {"date", "x-request-id", "ratelimit", "x-response-time"}
    headers = {name: value for name, value in answer.headers.items() if name not in varying}
    body = answer.json()
    for member in ("request_id", "timestamp"):
        body.pop(member, None)
    return answer.status_code, body, headers


async def _prime(runtime: Runtime, rule: Any, subject: str, times: int) -> None:
    """Let attempts have been made already."""
    throttle = Throttle(runtime.db, runtime.codec)
    for _ in range(times):
        await throttle.charge((rule, subject))


@pytest.mark.usefixtures("ann")
async def test_a_wrong_password_and_an_unknown_address_are_told_the_same(
    door: httpx.AsyncClient,
) -> None:
    known = await post(door, "login", email=ANN, password="wrong password")
    unknown = await post(door, "login", email=BEN, password="wrong password")

    assert known.status_code == 401
    assert _told(known) == _told(unknown)


@pytest.mark.parametrize("route", ["register", "password/forgot", "email/resend"])
@pytest.mark.usefixtures("ann")
async def test_no_open_route_tells_who_has_an_account(door: httpx.AsyncClient, route: str) -> None:
    more = {"password": PASSWORD} if route == "register" else {}
    known = _told(await post(door, route, email=ANN, **more))
    unknown = _told(await post(door, route, email="bob@example.com", **more))

    assert known[0] == 202
    assert str(known).replace(ANN, "bob@example.com") == str(unknown)


@pytest.mark.usefixtures("ann")
async def test_a_wrong_password_and_an_unknown_address_take_the_same_time(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    """Medians of interleaved sign-ins; the hash is nearly all of it, and made for both."""
    taken: dict[str, list[float]] = {ANN: [], BEN: []}
    for _ in range(7):
        for email, times in taken.items():
            started = time.perf_counter()
            answer = await post(door, "login", email=email, password="wrong password")
            times.append(time.perf_counter() - started)
            assert answer.status_code == 401
        await people_runtime.db.execute("delete from platform.attempts")
    known, unknown = statistics.median(taken[ANN]), statistics.median(taken[BEN])

    assert 0.67 < known / unknown < 1.5


async def test_registering_a_known_address_mails_its_holder_instead(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox, ann: None
) -> None:
    await post(door, "register", email=ANN, password=NEW_PASSWORD, language="ja")
    mail = (await mailed(mailbox))[0]

    assert mail.recipients == [ANN]
    assert mail.headers["subject"] == "You already have an account"  # in the holder's language
    assert (await post(door, "login", email=ANN, password=NEW_PASSWORD)).status_code == 401


@pytest.mark.usefixtures("ann")
async def test_an_account_locks_whether_or_not_it_exists(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    """The right password helps nobody while it lasts."""
    for email in (ANN, BEN):
        await _prime(people_runtime, PER_ACCOUNT, email, PER_ACCOUNT.free)
    known = await post(door, "login", email=ANN, password=PASSWORD)
    unknown = await post(door, "login", email=BEN, password=PASSWORD)

    assert known.status_code == unknown.status_code == 429
    assert 1 <= int(known.headers["retry-after"]) <= 30
    assert known.json()["detail"] == unknown.json()["detail"]


@pytest.mark.usefixtures("ann")
async def test_one_address_cannot_try_one_password_on_many_accounts(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    await _prime(people_runtime, PER_ADDRESS, "127.0.0.1", PER_ADDRESS.free - 3)
    seen = [
        (await post(door, "login", email=f"victim{number}@example.com", password="Summer2026?"))
        for number in range(6)
    ]
    right = await post(door, "login", email=ANN, password=PASSWORD)
    rows = await people_runtime.db.fetch(
        "select owner from platform.audit where action = 'sign_in.locked'"
    )

    assert [answer.status_code for answer in seen] == [401, 401, 401, 429, 429, 429]
    assert right.status_code == 429
    assert len(rows) == 1


@pytest.mark.usefixtures("ann")
async def test_a_sign_in_that_succeeds_forgets_the_failures_of_its_account(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    await _prime(people_runtime, PER_ACCOUNT, ANN, PER_ACCOUNT.free - 1)
    await signed_in(door)
    left = await people_runtime.db.fetch("select count from platform.attempts")

    assert [row["count"] for row in left] == [0]  # of the address


@pytest.mark.usefixtures("ann")
async def test_a_sign_in_that_nobody_had_time_for_does_not_count(
    people_runtime: Runtime, door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rush on the door must not lock those who wait before it."""
    monkeypatch.setattr(passwords, "MOST_WAITING", -passwords.THREADS)
    seen = [await post(door, "login", email=ANN, password=PASSWORD) for _ in range(6)]
    monkeypatch.undo()
    left = await people_runtime.db.fetch("select count from platform.attempts")

    assert {answer.status_code for answer in seen} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in seen)
    assert {row["count"] for row in left} == {0}
    await signed_in(door)


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
    door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = await signed_in(door)
    stolen = signed["refresh_token"]
    refreshed = (await post(door, "refresh", refresh_token=stolen)).json()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + GRACE + timedelta(seconds=1))
    replayed = await post(door, "refresh", refresh_token=stolen)
    monkeypatch.undo()

    assert replayed.status_code == 401
    again = await post(door, "refresh", refresh_token=refreshed["refresh_token"])
    assert again.status_code == 401
    assert again.json()["detail"] == replayed.json()["detail"]
    for tokens in (signed, refreshed):
        assert await _becomes(door, tokens, 401)


async def _becomes(door: httpx.AsyncClient, tokens: dict[str, Any], status: int) -> bool:
    """Whether the access token is answered so within a second."""
    for _ in range(20):
        answer = await door.get(f"{AUTH}/profile", headers=bearing(tokens))
        if answer.status_code == status:
            return True
        time.sleep(0.05)  # noqa: ASYNC251 - the server runs in this loop
    return False


@pytest.mark.usefixtures("ann")
async def test_signing_out_ends_both_tokens_at_once(door: httpx.AsyncClient) -> None:
    signed = await signed_in(door)
    other = await signed_in(door)
    left = await door.post(f"{AUTH}/logout", headers=bearing(signed))

    assert left.status_code == 200
    assert await _becomes(door, signed, 401)
    assert (await post(door, "refresh", refresh_token=signed["refresh_token"])).status_code == 401
    assert await _becomes(door, other, 200)


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
    assert await _becomes(door, phone, 401)
    assert await _becomes(door, laptop, 200)


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
    assert await _becomes(door, there, 401)
    assert await _becomes(door, here, 200)
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


@pytest.mark.usefixtures("ann")
async def test_a_forgotten_password_is_replaced_once_by_mail(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    signed = await signed_in(door)
    await _prime(people_runtime, PER_ACCOUNT, ANN, PER_ACCOUNT.free)
    await post(door, "password/forgot", email="ANN@example.com")
    token = token_in((await mailed(mailbox))[0])
    weak = await post(door, "password/reset", token=token, new_password=ANN)
    reset = await post(door, "password/reset", token=token, new_password=NEW_PASSWORD)
    again = await post(door, "password/reset", token=token, new_password="five red spoons")

    assert weak.json()["errors"][0]["pointer"] == "#/new_password"
    assert reset.status_code == 200
    assert again.status_code == 422
    assert again.json()["errors"][0]["pointer"] == "#/token"
    assert await _becomes(door, signed, 401)
    await signed_in(door, password=NEW_PASSWORD)  # the lock went with the proof


@pytest.mark.usefixtures("ann")
async def test_a_new_password_voids_what_other_mails_allow(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    for _ in range(2):
        await post(door, "password/forgot", email=ANN)
    first, second = (token_in(mail) for mail in await mailed(mailbox, 2))
    await post(door, "password/reset", token=second, new_password=NEW_PASSWORD)
    answer = await post(door, "password/reset", token=first, new_password="five red spoons")

    assert answer.status_code == 422


@pytest.mark.parametrize(("route", "hours"), [("password/reset", 1), ("email/confirm", 24)])
@pytest.mark.usefixtures("ann")
async def test_what_a_mail_allows_ends_in_time(
    door: httpx.AsyncClient,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
    hours: int,
) -> None:
    if route == "password/reset":
        await post(door, "password/forgot", email=ANN)
    else:
        await post(door, "register", email=BEN, password=PASSWORD)
    token = token_in((await mailed(mailbox))[0])
    more = {"new_password": NEW_PASSWORD} if route == "password/reset" else {}
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=hours))
    late = await post(door, route, token=token, **more)
    monkeypatch.undo()

    assert late.status_code == 422
    assert (await post(door, route, token=token, **more)).status_code == 200


async def test_what_one_mail_allows_does_not_open_another_door(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    """A confirmation is no reset, and a waiting registration no account."""
    await post(door, "register", email=BEN, password=PASSWORD)
    token = token_in((await mailed(mailbox))[0])
    reset = await post(door, "password/reset", token=token, new_password=NEW_PASSWORD)

    assert reset.status_code == 422
    assert (await post(door, "login", email=BEN, password=PASSWORD)).status_code == 401


async def test_the_first_who_confirms_has_the_address(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    """Nobody can put a password of theirs under an account that somebody else confirmed."""
    await post(door, "register", email=BEN, password="of somebody else")
    await post(door, "register", email=BEN, password=PASSWORD)
    theirs, own = (token_in(mail) for mail in await mailed(mailbox, 2))
    await post(door, "email/confirm", token=own)
    late = await post(door, "email/confirm", token=theirs)

    assert late.status_code == 422
    await signed_in(door, BEN)


async def test_a_registration_that_comes_too_late_changes_no_account(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await post(door, "register", email=BEN, password="of somebody else")
    token = token_in((await mailed(mailbox))[0])
    await add_person(people_runtime.db, people_runtime.codec, BEN)
    late = await post(door, "email/confirm", token=token)

    assert late.status_code == 409
    await signed_in(door, BEN)


@pytest.mark.usefixtures("ann")
async def test_a_reset_after_the_person_was_erased_finds_nobody(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await post(door, "password/forgot", email=ANN)
    token = token_in((await mailed(mailbox))[0])
    await people_runtime.db.execute("delete from platform.people")
    answer = await post(door, "password/reset", token=token, new_password=NEW_PASSWORD)

    assert answer.status_code == 404


async def test_a_confirmation_is_sent_again_with_a_token_of_its_own(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    await post(door, "register", email=BEN, password=PASSWORD)
    first = (await mailed(mailbox))[0]
    await post(door, "email/resend", email=BEN)
    second = (await mailed(mailbox, 2))[1]
    await post(door, "email/confirm", token=token_in(second))

    assert token_in(first) != token_in(second)
    await signed_in(door, BEN)


async def test_nobody_is_flooded_with_mails(door: httpx.AsyncClient) -> None:
    seen = [(await post(door, "password/forgot", email=BEN)).status_code for _ in range(5)]

    assert seen == [202, 202, 202, 429, 429]


async def test_an_address_that_looks_alike_gets_nobody_elses_mail(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    """Mail goes to the address that is kept, not to the one that is asked for."""
    await add_person(people_runtime.db, people_runtime.codec, "kevin@example.com")
    await post(door, "password/forgot", email="k\u0435vin@example.com")  # a Cyrillic letter
    await post(door, "password/forgot", email="\u212aEVIN@example.com")  # the sign of the kelvin
    mails = await mailed(mailbox)

    assert [mail.recipients for mail in mails] == [["kevin@example.com"]]


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
