"""How SMTP_URL says that mails travel: by TLS at once, by STARTTLS, or in clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from certificates import certificate
from pydantic import SecretStr

from forthwith.platform.config import NotifySettings
from forthwith.platform.errors import KeyRejected, Refused, Transient
from forthwith.platform.notify.channels import Mail
from forthwith.platform.notify.notice import Message
from forthwith.sandbox.mail import Mailbox

HOST = "localhost"
MESSAGE = Message(
    id=UUID(int=1),
    owner=UUID(int=7),
    target="ann@example.org",
    template="test.greeting",
    language="en",
    subject="Hello",
    body="Hello, Ann.",
    data={},
    urgent=False,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's certificate, which clients of this test trust."""
    context = certificate(HOST, tmp_path / "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return context


@asynccontextmanager
async def mail_server(
    mailbox: Mailbox, *, at_once: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """A mail server; its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="sandbox", **options), "127.0.0.1", 0, ssl=at_once
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def send(url: str, message: Message = MESSAGE) -> None:
    """Send a mail with this SMTP_URL."""
    settings = NotifySettings(SMTP_URL=SecretStr(url), MAIL_FROM="no-reply@forthwith.example")
    await Mail(settings).send(message)


async def test_a_mail_travels_by_tls_at_once(tls: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    async with mail_server(mailbox, at_once=tls) as port:
        await send(f"smtps://{HOST}:{port}")

    assert len(mailbox.caught) == 1


async def test_a_mail_travels_by_starttls_with_a_login(tls: ssl.SSLContext) -> None:
    seen: list[bytes] = []

    def check(*said: Any) -> AuthResult:
        login = said[-1]
        assert isinstance(login, LoginPassword)
        seen.extend([login.login, login.password])
        return AuthResult(success=True)

    mailbox = Mailbox()
    options = {"tls_context": tls, "require_starttls": True, "auth_required": True}
    async with mail_server(mailbox, authenticator=check, **options) as port:
        await send(f"smtp+starttls://mailer:p%40ss@{HOST}:{port}")

    assert len(mailbox.caught) == 1
    assert seen == [b"mailer", b"p@ss"]


async def test_a_wrong_login_is_told_apart(tls: ssl.SSLContext) -> None:
    def check(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    async with mail_server(Mailbox(), tls_context=tls, authenticator=check) as port:
        with pytest.raises(KeyRejected):
            await send(f"smtp+starttls://mailer:wrong@{HOST}:{port}")


async def test_a_server_that_offers_no_starttls_gets_no_mail() -> None:
    """As one does behind somebody who takes the offer away."""
    mailbox = Mailbox()
    async with mail_server(mailbox) as port:
        with pytest.raises(Refused):
            await send(f"smtp+starttls://{HOST}:{port}")

    assert len(mailbox.caught) == 0


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_with_a_certificate_that_nobody_signed_gets_no_mail(
    scheme: str, tmp_path: Path
) -> None:
    context = certificate(HOST, tmp_path / "cert.pem")
    options = {"at_once": context} if scheme == "smtps" else {"tls_context": context}
    mailbox = Mailbox()
    async with mail_server(mailbox, **options) as port:  # type: ignore[arg-type]
        with pytest.raises(Transient):
            await send(f"{scheme}://{HOST}:{port}")

    assert len(mailbox.caught) == 0


async def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    with pytest.raises(Transient):
        await send(f"smtp://{HOST}:1")
