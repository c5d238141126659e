"""A runtime whose notifications go to receivers of the sandbox, over sockets."""

from collections.abc import AsyncIterator

import pytest

from forthwith.platform.app import platform_jobs
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox.mail import MailServer, catching_mail


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that catches mails."""
    async with catching_mail() as server:
        yield server


@pytest.fixture
async def telling(
    db: Database,
    dsn: str,
    mail: MailServer,
    settings: PlatformSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Runtime]:
    """A process that mails to the sandbox and may call receivers on loopback."""
    monkeypatch.setenv("SMTP_URL", mail.smtp_url)
    monkeypatch.setenv("MAIL_FROM", "Forthwith <no-reply@forthwith.example>")
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("VAPID_PRIVATE_KEY", "17" * 32)
    async with open_runtime(PlatformSettings(), dsn, platform_jobs(), ()) as runtime:
        yield runtime
