"""Mail by SMTP: plain text, the same Message-ID however often a message is tried."""

import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from forthwith.platform.config import NotifySettings
from forthwith.platform.errors import KeyRejected, Refused, Transient, UpstreamError
from forthwith.platform.notify.errors import NotConfigured
from forthwith.platform.notify.notice import Message

_SECONDS: Final = 20.0
_PERMANENT: Final = 500  # RFC 5321: replies from here on will be the same next time
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mail:
    """The channel `mail`; a target is an e-mail address."""

    settings: NotifySettings
    name: str = "mail"

    async def send(self, message: Message) -> None:
        """Hand the mail to the configured server."""
        url = self.settings.smtp_url
        if url is None:
            raise NotConfigured("Mail is not configured; set SMTP_URL.")
        mail = _mail(message, self.settings.mail_from)
        try:
            await aiosmtplib.send(mail, **_server(urlsplit(url.get_secret_value())))
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _told(error) from error


def _server(url: SplitResult) -> dict[str, Any]:
    """What aiosmtplib is told of SMTP_URL. TLS is as the scheme says, never as the server may."""
    return {
        "hostname": url.hostname,
        "port": url.port or _PORTS[url.scheme],
        "username": unquote(url.username) if url.username else None,
        "password": unquote(url.password) if url.password else None,
        "use_tls": url.scheme == "smtps",
        "start_tls": url.scheme == "smtp+starttls",
        "tls_context": None if url.scheme == "smtp" else ssl.create_default_context(),
        "timeout": _SECONDS,
    }


def _mail(message: Message, sender: str) -> EmailMessage:
    """The mail (RFC 5322). Raises `Refused` for a target that is no e-mail address."""
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTPUTF8)
    mail["From"] = Address(name, addr_spec=address)
    try:
        mail["To"] = Address(addr_spec=message.target)
    except (ValueError, IndexError, MessageError):  # all of them mean the same here
        raise Refused("The target is no e-mail address.") from None
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic replies
    mail.set_content(message.body)
    mail["Content-Language"] = message.language
    return mail


def _told(error: Exception) -> UpstreamError:
    """A server's or a network's failure in the error tree, without an address in its words."""
    codes = _codes(error)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return KeyRejected(f"The mail server refused our login ({codes[0]}).")
    if codes and min(codes) >= _PERMANENT:
        return Refused(f"The mail server refused the mail ({codes[0]}).")
    if codes:
        return Transient(f"The mail server put the mail off ({codes[0]}).")
    if isinstance(error, OSError | TimeoutError):
        return Transient(f"The mail server does not answer ({type(error).__name__}).")
    return Refused("The mail server lacks what the mail needs: STARTTLS, a login, or SMTPUTF8.")


def _codes(error: Exception) -> list[int]:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return [each.code for each in error.recipients]
    return [error.code] if isinstance(error, aiosmtplib.SMTPResponseException) else []
