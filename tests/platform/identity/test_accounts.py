"""From a registration to a sign-in, by mail; and what an account can be made to say."""

import httpx
from signing import ANN, AUTH, PASSWORD, bearing, mailed, post, signed_in, token_in

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
