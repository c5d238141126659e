"""From a registration to a sign-in, by mail; and what an account can be made to say."""

from uuid import UUID

import httpx
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
    until_empty,
)

from forthwith.platform import ids
from forthwith.platform.identity import accounts, mail_tokens, people
from forthwith.platform.identity.linked import person_of
from forthwith.platform.identity.mail_tokens import Purpose
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import Mailbox


async def test_a_person_registers_confirms_and_signs_in(
    door: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    asked = await post(
        door, "register", email="Ann@Example.com", password=PASSWORD, name="Ann", language="en"
    )
    mail = (await mailed(mailbox))[0]
    confirmed = await post(door, "email/confirm", token=token_in(mail))
    signed = await signed_in(door)
    profile = await door.get(f"{AUTH}/profile", headers=bearing(signed))

    assert asked.status_code == 202
    assert asked.json()["user"] == {"email": ANN, "name": "Ann", "language": "en"}
    assert mail.recipients == [ANN]
    assert mail.headers["subject"] == "Please confirm your e-mail address"
    assert confirmed.json()["user"]["email"] == ANN
    assert signed["user"] == confirmed.json()["user"]
    assert profile.json()["user"]["plan_type"] == "basic"
    assert profile.json()["data"]["role"] == "member"


async def test_what_is_over_is_tidied_up(people_runtime: Runtime, door: httpx.AsyncClient) -> None:
    """Every hour: what expired goes, what lives stays."""
    db = people_runtime.db
    await add_person(db, people_runtime.codec)
    await signed_in(door)
    living = await signed_in(door)
    await post(door, "register", email="ben@example.com", password=PASSWORD)
    await db.execute(
        "update platform.sessions set expires_at = now() - interval '2 days' where id ="
        " (select id from platform.sessions order by id limit 1)"
    )
    for table, column in (("mail_tokens", "expires_at"), ("attempts", "changed_at")):
        await db.execute(f"update platform.{table} set {column} = now() - interval '3 days'")  # noqa: S608
    async with db.transaction() as session:
        await people_runtime.jobs.enqueue(session, "identity.tidy", {}, owner=ids.new())

    await until_empty(db, "mail_tokens", "attempts")
    assert len(await db.fetch("select from platform.sessions")) == 1
    assert len(await db.fetch("select from platform.refresh_tokens")) == 1
    profile = await door.get(f"{AUTH}/profile", headers=bearing(living))
    assert profile.status_code == 200


async def test_a_person_who_is_erased_leaves_an_account_that_says_nothing(
    people_runtime: Runtime, door: httpx.AsyncClient
) -> None:
    db, codec = people_runtime.db, people_runtime.codec
    await add_person(db, codec)
    signed = await signed_in(door)
    owner = UUID(signed["user"]["id"])
    async with db.transaction() as session:
        await person_of(session, codec, owner=owner, provider="line:1", subject="U1")
        await mail_tokens.give(
            session,
            codec,
            Purpose.RESET,
            owner=owner,
            email_digest=people.email_digest(codec, ANN),
        )
    async with db.transaction() as session:
        await accounts.erase(session, owner)

    await until_empty(db, "people", "mail_tokens", "identities")
    assert (await post(door, "login", email=ANN, password=PASSWORD)).status_code == 401
    assert (await post(door, "refresh", refresh_token=signed["refresh_token"])).status_code == 401
    rows = await db.fetch("select role, plan from platform.accounts where id = $1", owner)
    assert [tuple(row) for row in rows] == [("member", "basic")]
