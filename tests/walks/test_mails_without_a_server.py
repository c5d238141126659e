"""Without a mail server `forthwith up` shows the mails that it would have sent."""

import re
import sys
import time
from pathlib import Path

import httpx
import pytest

from benchmarks.front_door import opened

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

FORTHWITH = str(Path(sys.executable).with_name("forthwith"))
_MAILS = re.compile(r"Mails are not sent but shown: (\S+)")
_URL = re.compile(r"Forthwith is up: (http://\S+)/docs")
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{43}$", re.MULTILINE)


def test_somebody_registers_with_the_code_from_the_mail_that_is_shown(tmp_path: Path) -> None:
    settings = {"FORTHWITH_HOME": str(tmp_path), "PORT": "8480", "SMTP_URL": ""}
    wanted = {"email": "ann@example.org", "password": "many and many a year", "language": "en"}
    with opened([FORTHWITH, "up"], settings=settings) as door, httpx.Client(timeout=30) as client:
        url, mails = (pattern.findall(door.output)[0] for pattern in (_URL, _MAILS))
        registered = client.post(f"{url}/api/v1/auth/register", json=wanted)
        token = _token(client, mails)
        confirmed = client.post(f"{url}/api/v1/auth/email/confirm", json={"token": token})
        said = door.output

    assert wanted["email"] not in said
    assert registered.status_code == 202
    assert confirmed.is_success


def _token(client: httpx.Client, mails: str) -> str:
    """The code in the first mail, once it has come."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for mail in client.get(mails).json():
            return _TOKEN.findall(mail["body"])[0]
        time.sleep(0.1)
    raise TimeoutError
