"""`forthwith up` writes nothing of its people on the disk or into its logs, unsealed."""

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from disk_search import found_in, said_on

from benchmarks.front_door import Door, opened
from forthwith.sandbox.mail import MailServer, catching_mail

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

FORTHWITH = str(Path(sys.executable).with_name("forthwith"))
EMAIL, NAME = "annabel.lee@sea-kingdom.example", "Annabel Lee of 海邊王國"
PASSWORD, WRONG = "many and many a year ago", "it was many a year"
DEVICE = "Chambermaid/18.49"
PERSON = "U0123456789abcdef0123456789abcdef"
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}$", re.MULTILINE)
_URL = re.compile(r"http://127\.0\.0\.1:\d+")


@contextmanager
def _client(door: Door) -> Iterator[httpx.Client]:
    url = _URL.findall(door.output)[0]
    headers = {"User-Agent": DEVICE}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30) as client:
        yield client


def _live(home: Path, mail: MailServer) -> tuple[set[str], str]:
    """Register, sign in, send a photo, ask for exports.

    Gives what must be found nowhere, and what was printed.
    """
    settings = {
        "FORTHWITH_HOME": str(home),
        "LOG_DIR": str(home / "logs"),
        "LOG_LEVEL": "debug",
        "PORT": "8460",
        "SMTP_URL": mail.smtp_url,
        "MAIL_FROM": "no-reply@forthwith.example",
    }
    with opened([FORTHWITH, "up"], settings=settings) as door, _client(door) as client:
        told = {EMAIL, NAME, PASSWORD, WRONG, DEVICE, PERSON}
        told |= _registered(client, mail)
        signed = client.post("/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
        client.post("/auth/login", json={"email": EMAIL, "password": WRONG})
        told |= {signed["access_token"], signed["refresh_token"]}
        client.headers["Authorization"] = f"Bearer {signed['access_token']}"
        key = client.post("/api-keys", json={"name": "laptop", "scopes": ["cards:read"]})
        told |= {key.json()["data"][name] for name in ("key", "signing_secret")}
        client.post("/privacy/export", json={"person": PERSON})
        client.post("/privacy/export")
        door.send()
        told |= said_on(door.finished()[0]["cards"][0])
        assert client.get("/auth/profile").json()["user"]["name"] == NAME
        return told, door.output


def _registered(client: httpx.Client, mail: MailServer) -> set[str]:
    """Register and confirm; the token that was mailed."""
    wanted = {"email": EMAIL, "password": PASSWORD, "name": NAME, "language": "en"}
    assert client.post("/auth/register", json=wanted).status_code == 202
    deadline = time.monotonic() + 30
    while not mail.mailbox.caught and time.monotonic() < deadline:
        time.sleep(0.05)
    found = _TOKEN.search(mail.mailbox.caught[0].body)
    assert found is not None
    assert client.post("/auth/email/confirm", json={"token": found[0]}).is_success
    return {found[0]}


async def test_nothing_of_anybody_stands_unsealed_in_home_or_logs(tmp_path: Path) -> None:
    """Database files and its log, write-ahead log, blobs, our logs, and what is printed."""
    home = tmp_path / "home"
    async with catching_mail() as mail:
        told, printed = await asyncio.to_thread(_live, home, mail)
    (home / "printed").write_text(printed)
    assert (home / "logs" / "application.log").stat().st_size > 0

    assert len(told) > 15
    assert found_in([home], {"cards.read", "request_answered"}) == {
        "cards.read",
        "request_answered",
    }
    assert found_in([home], told) == set()
