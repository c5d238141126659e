"""Signing in over HTTP: what can be learnt from answers, and how often one may try."""

import statistics
import time
from typing import Any

import httpx
import pytest
from signing import (
    ANN,
    BEN,
    NEW_PASSWORD,
    PASSWORD,
    mailed,
    post,
    prime,
    signed_in,
)

from forthwith.platform.identity import passwords
from forthwith.platform.identity.throttle import PER_ACCOUNT, PER_ADDRESS
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import Mailbox


def _told(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    """What somebody learns from an answer; what differs between any two requests is left out."""
    varying = {"date", "x-request-id", "ratelimit", "x-response-time"}
    headers = {name: value for name, value in answer.headers.items() if name not in varying}
    body = answer.json()
    for member in ("request_id", "timestamp"):
        body.pop(member, None)
    return answer.status_code, body, headers


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
        await prime(people_runtime, PER_ACCOUNT, email, PER_ACCOUNT.free)
    known = await post(door, "login", email=ANN, password=PASSWORD)
    unknown = await post(door, "login", email=BEN, password=PASSWORD)

    assert known.status_code == unknown.status_code == 429
    assert 1 <= int(known.headers["retry-after"]) <= 30
    assert known.json()["detail"] == unknown.json()["detail"]


@pytest.mark.usefixtures("ann")
async def test_one_address_cannot_try_one_password_on_many_accounts(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    await prime(people_runtime, PER_ADDRESS, "127.0.0.1", PER_ADDRESS.free - 3)
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
    await prime(people_runtime, PER_ACCOUNT, ANN, PER_ACCOUNT.free - 1)
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
