"""A runtime whose notifications go to receivers of the sandbox, over sockets."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from support import API_KEY, serving
from telling import Hook, PushSandbox

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox import serving as receiving
from forthwith.sandbox.mail import MailServer, catching_mail
from forthwith.sandbox.push import PushService
from forthwith.sandbox.webhook import WebhookReceiver


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
    async with open_runtime(PlatformSettings(), dsn, registry.jobs(()), ()) as runtime:
        yield runtime


@pytest.fixture
async def api(telling: Runtime, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real server over that process, as the operator."""
    await ensure_operator(db, API_KEY)
    async with (
        serving(telling) as url,
        httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"X-API-Key": API_KEY}, timeout=30
        ) as client,
    ):
        yield client


@pytest.fixture
async def owner(api: httpx.AsyncClient, db: Database) -> UUID:
    """The operator's account."""
    row = await db.fetchrow("select id from platform.accounts where role = 'operator'")
    assert row is not None
    return UUID(str(row["id"]))


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A receiver of webhooks that trusts nobody yet."""
    receiver = WebhookReceiver()
    async with (
        receiving(receiver.vendor().app()) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as control,
    ):
        yield Hook(receiver, f"{url}/hook", control)


@pytest.fixture
async def push_service() -> AsyncIterator[PushSandbox]:
    """A push service without browsers."""
    service = PushService()
    async with (
        receiving(service.vendor().app()) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as control,
    ):
        yield PushSandbox(service, control)
