"""Notifications: the mail server, who sends, where webhooks may go, the key of web push."""

import re
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from forthwith.platform.config.base import Settings
from forthwith.platform.config.lists import Networks

_SCHEMES: Final = {"smtp", "smtp+starttls", "smtps"}
_HEX_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")


def _smtp_url(url: SecretStr | None) -> SecretStr | None:
    if url is None:
        return None
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("must look like smtps://user:password@host, smtp+starttls:// or smtp://")
    if parts.scheme == "smtp" and parts.password is not None:
        raise ValueError("would send the password in clear: use smtps:// or smtp+starttls://")
    parts.port  # noqa: B018 - raises ValueError for a port that is none
    return url


def _mailbox(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line")
    name, address = parseaddr(text)
    Address(name, addr_spec=address)
    return text


def _scalar(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not _HEX_KEY.fullmatch(key.get_secret_value()):
        raise ValueError("must be 64 hex digits (openssl rand -hex 32)")
    return key


class NotifySettings(Settings):
    """Notifications: the mail server, webhooks, web push."""

    smtp_url: Annotated[
        SecretStr | None,
        AfterValidator(_smtp_url),
        Field(
            default=None,
            validation_alias="SMTP_URL",
            description="smtps://user:password@host, smtp+starttls:// or, in clear, smtp://host.",
        ),
    ]
    mail_from: Annotated[
        str,
        AfterValidator(_mailbox),
        Field(
            default="Forthwith <forthwith@localhost>",
            validation_alias="MAIL_FROM",
            description="Sender of mails; its domain stands in their Message-ID.",
        ),
    ]
    webhook_networks: Annotated[
        Networks,
        Field(
            default=(),
            validation_alias="WEBHOOK_ALLOWED_NETWORKS",
            description="Networks of yours that webhooks may reach by any port, 127.0.0.0/8 say.",
        ),
    ]
    webhook_http: Annotated[
        bool,
        Field(
            default=False,
            validation_alias="WEBHOOK_ALLOW_HTTP",
            description="Also take webhooks without TLS.",
        ),
    ]
    vapid_private_key: Annotated[
        SecretStr | None,
        AfterValidator(_scalar),
        Field(
            default=None,
            validation_alias="VAPID_PRIVATE_KEY",
            description="Key of web push, 64 hex digits. Unset with the embedded database: made.",
        ),
    ]
    vapid_subject: Annotated[
        str,
        Field(
            default="mailto:forthwith@localhost",
            pattern="^(mailto:.+@.+|https://.+)$",
            validation_alias="VAPID_SUBJECT",
            description="Whom push services may ask: mailto:you@example.org, or an https URL.",
        ),
    ]
    kept_days: Annotated[
        int,
        Field(
            default=400,
            ge=1,
            validation_alias="NOTIFICATIONS_KEPT_DAYS",
            description="Days after which history forgets a message, and its event may be told.",
        ),
    ]
