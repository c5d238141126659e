"""A server whose mails are caught, with a worker that sends them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from signing import add_person
from support import API_KEY, serving, working

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox.mail import Mailbox, catching_mail


@pytest.fixture
async def mailbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mailbox]:
    """What was mailed."""
    async with catching_mail() as server:
        monkeypatch.setenv("SMTP_URL", server.smtp_url)
        monkeypatch.setenv("MAIL_FROM", "Forthwith <no-reply@forthwith.example>")
        yield server.mailbox


@pytest.fixture
async def people_runtime(
    db: Database, dsn: str, settings: PlatformSettings, mailbox: Mailbox
) -> AsyncIterator[Runtime]:
    """A process that mails to the sandbox, with an operator."""
    await ensure_operator(db, API_KEY)
    async with open_runtime(PlatformSettings(), dsn, registry.jobs(registry.APPS), ()) as runtime:
        await runtime.listener.connected.wait()
        yield runtime


@pytest.fixture
async def door(people_runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real server without credentials; a worker works behind it."""
    async with (
        working(people_runtime),
        serving(people_runtime) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield client


@pytest.fixture
async def ann(people_runtime: Runtime) -> None:
    """Ann has an account."""
    await add_person(people_runtime.db, people_runtime.codec)
