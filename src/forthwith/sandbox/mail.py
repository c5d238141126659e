"""A mail server that delivers nothing: it keeps what it is given, and can be told to go wrong.

SMTP by aiosmtpd; what came is listed at `GET /_sandbox/messages`, faults are set at `PUT
/_sandbox/faults`.
"""

import asyncio
import itertools
import socket
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Annotated, Final, Literal

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.receiving import refuse
from forthwith.sandbox.vendor import Vendor, serving

_KEPT: Final = 10_000
_MAX_BYTES: Final = 1024 * 1024


class MailFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of one mail.

    `reply` answers with `status` and keeps nothing; `disconnect` cuts the connection before the
    mail is kept, `lose` after it: the sender cannot know, which is the case that doubles mails.
    `hang` keeps it, and waits `seconds` before it answers.
    """

    kind: Literal["reply", "disconnect", "lose", "hang"]
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 451
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0


class CaughtMail(msgspec.Struct, frozen=True):
    """A mail as it came; `headers` by their names in small letters."""

    number: int
    sender: str
    recipients: list[str]
    headers: dict[str, str]
    body: str


@dataclass(slots=True)
class Mailbox:
    """What came, and what goes wrong next; each fault is used up by one mail."""

    caught: deque[CaughtMail] = field(default_factory=lambda: deque(maxlen=_KEPT))
    faults: list[MailFault] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail, or do as the next fault says; the reply of SMTP."""
        fault = self.faults.pop(0) if self.faults else None
        match fault:
            case MailFault(kind="reply", status=status):
                return f"{status} sandbox fault"
            case MailFault(kind="disconnect"):
                _cut(server)
            case MailFault(kind="lose"):
                self._keep(envelope)
                _cut(server)
            case MailFault(kind="hang", seconds=seconds):
                self._keep(envelope)
                await asyncio.sleep(seconds)
            case None:
                self._keep(envelope)
        return "250 OK"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        mail = message_from_bytes(content, EmailMessage, policy=SMTPUTF8)
        self.caught.append(
            CaughtMail(
                number=next(self._numbers),
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                headers={name.lower(): str(value) for name, value in mail.items()},
                body=str(mail.get_content()).replace("\r\n", "\n"),
            )
        )

    def vendor(self) -> Vendor:
        """What is caught, and the faults, over HTTP beside SMTP."""
        control = [
            Route("/messages", self._messages, methods=["GET"]),
            Route("/faults", self._set_faults, methods=["PUT"]),
        ]
        return Vendor(name="mail", routes=(), refuse=refuse, control=control)

    async def _messages(self, _: Request) -> Response:
        content = msgspec.json.encode(list(self.caught))
        return Response(content, media_type="application/json")

    async def _set_faults(self, request: Request) -> Response:
        try:
            self.faults = msgspec.json.decode(await request.body(), type=list[MailFault])
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return Response(status_code=204)


def _cut(server: SMTP) -> None:
    """Drop the connection without another byte."""
    assert isinstance(server.transport, asyncio.WriteTransport)  # noqa: S101 - a client is there
    server.transport.abort()


@dataclass(frozen=True, slots=True)
class MailServer:
    """A running one: where SMTP is, where the caught mails are listed, and they themselves."""

    smtp_url: str
    url: str
    mailbox: Mailbox


@asynccontextmanager
async def catching_mail(host: str = "127.0.0.1") -> AsyncGenerator[MailServer]:
    """Catch mails on loopback while the block lasts."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    listening = socket.create_server((host, 0))
    async with AsyncExitStack() as stack:
        server = await loop.create_server(
            lambda: SMTP(
                mailbox, data_size_limit=_MAX_BYTES, enable_SMTPUTF8=True, hostname="sandbox"
            ),
            sock=listening,
        )
        stack.callback(server.close)
        url = await stack.enter_async_context(serving(mailbox.vendor().app(), host))
        port = listening.getsockname()[1]
        yield MailServer(f"smtp://{host}:{port}", url, mailbox)
