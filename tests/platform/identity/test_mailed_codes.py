"""What a mail allows: to confirm an address or set a password, once and for a while."""

from datetime import timedelta

import httpx
import pytest
from signing import (
    ANN,
    BEN,
    NEW_PASSWORD,
    PASSWORD,
    add_person,
    becomes,
    mailed,
    post,
    prime,
    signed_in,
    token_in,
)

from forthwith.platform import clock
from forthwith.platform.identity.throttle import PER_ACCOUNT
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import Mailbox


@pytest.mark.usefixtures("ann")
async def test_a_forgotten_password_is_replaced_once_by_mail(
    people_runtime: Runtime, door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    signed = await signed_in(door)
    await prime(people_runtime, PER_ACCOUNT, ANN, PER_ACCOUNT.free)
    await post(door, "password/forgot", email="ANN@example.com")
    token = token_in((await mailed(mailbox))[0])
    weak = await post(door, "password/reset", token=token, new_password=ANN)
    reset = await post(door, "password/reset", token=token, new_password=NEW_PASSWORD)
    again = await post(door, "password/reset", token=token, new_password="five red spoons")

    assert weak.json()["errors"][0]["pointer"] == "#/new_password"
    assert reset.status_code == 200
    assert again.status_code == 422
    assert again.json()["errors"][0]["pointer"] == "#/token"
    assert await becomes(door, signed, 401)
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
