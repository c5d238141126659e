"""Registering and signing in as a person's program would."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from support import API_KEY

from forthwith.platform import ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.identity import people
from forthwith.platform.identity.passwords import Passwords
from forthwith.platform.identity.people import Registration
from forthwith.platform.identity.throttle import Rule, Throttle
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import CaughtMail, Mailbox

AUTH = "/api/v1/auth"
ANN = "ann@example.com"
BEN = "ben@example.com"
OPERATOR = {"X-API-Key": API_KEY}
PASSWORD = "three blue teapots"
NEW_PASSWORD = "four green kettles"
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}$", re.MULTILINE)
_PATIENCE_SECONDS = 20.0


async def post(door: httpx.AsyncClient, route: str, **body: Any) -> httpx.Response:
    """POST a JSON body to a route of `/auth`; half a surrogate pair goes as an escape."""
    headers = {"Content-Type": "application/json"}
    return await door.post(f"{AUTH}/{route}", content=json.dumps(body), headers=headers)


async def mailed(mailbox: Mailbox, count: int = 1) -> list[CaughtMail]:
    """The mails so far, once there are so many."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(mailbox.caught) < count:
        assert time.monotonic() < deadline, f"{len(mailbox.caught)} of {count} mails came"
        await asyncio.sleep(0.02)
    return list(mailbox.caught)


def token_in(mail: CaughtMail) -> str:
    """The code that a mail asks to enter."""
    found = _TOKEN.search(mail.body)
    assert found is not None
    return found[0]


async def add_person(
    db: Database, codec: Codec, email: str = ANN, password: str = PASSWORD
) -> None:
    """An account whose address is confirmed, without the way there."""
    hashing = Passwords()
    new = Registration(email, await hashing.hash(password), "Ann", "en")
    hashing.close()
    async with db.transaction() as session:
        assert await people.add(session, codec, ids.new(), new)


async def signed_in(
    door: httpx.AsyncClient, email: str = ANN, password: str = PASSWORD
) -> dict[str, Any]:
    """The answer to a sign-in that succeeds."""
    answer = await post(door, "login", email=email, password=password)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def bearing(signed: dict[str, Any]) -> dict[str, str]:
    """The header of requests of a session."""
    return {"Authorization": f"Bearer {signed['access_token']}"}


@asynccontextmanager
async def listening(db: Database) -> AsyncIterator[Listener]:
    """A listener that hears what the database tells."""
    listener = Listener(db)
    task = asyncio.create_task(listener.run())
    await listener.connected.wait()
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(condition: Callable[[], bool], *, within: float = 5.0) -> None:
    """Wait until it holds; fail when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {within} s"
        await asyncio.sleep(0.01)


async def until_empty(db: Database, *tables: str) -> None:
    """Wait until these tables have no rows."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for table in tables:
        while await db.fetch(f"select from platform.{table}"):
            assert time.monotonic() < deadline, f"{table} still has rows"
            await asyncio.sleep(0.02)


async def prime(runtime: Runtime, rule: Rule, subject: str, times: int) -> None:
    """Let attempts have been made already."""
    throttle = Throttle(runtime.db, runtime.codec)
    for _ in range(times):
        await throttle.charge((rule, subject))


async def becomes(door: httpx.AsyncClient, tokens: dict[str, Any], status: int) -> bool:
    """Whether the access token is answered so within a second."""
    for _ in range(20):
        answer = await door.get(f"{AUTH}/profile", headers=bearing(tokens))
        if answer.status_code == status:
            return True
        await asyncio.sleep(0.05)
    return False
