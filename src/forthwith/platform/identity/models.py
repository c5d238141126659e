"""Accounts, their API keys, the people who sign in, and what requests leave behind."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed, unsealed
from forthwith.platform.db import Base


class Account(Base, kw_only=True):
    """Whoever owns rows; its id is the `owner` of every table."""

    __tablename__ = "accounts"
    __table_args__ = {"schema": "platform"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    plan: Mapped[str] = mapped_column(server_default="basic", default="basic")
    plan_changed_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class ApiKey(Base, kw_only=True):
    """An API key: 256 random bits, of which only the SHA-256 is kept.

    `signing_secret`, with which its holder may sign requests, goes through the codec.
    `successor` is the key that a rotation made.
    """

    __tablename__ = "api_keys"
    __table_args__ = {"schema": "platform"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True, info=unsealed())
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    signing_secret: Mapped[bytes | None] = mapped_column(default=None, info=sealed("id"))
    requests_per_minute: Mapped[int | None] = mapped_column(default=None)
    successor: Mapped[UUID | None] = mapped_column(default=None)


class Person(Base, kw_only=True):
    """Somebody who signs in with an e-mail address; looked up by its blind index.

    `email`, `password` (an argon2 hash) and `name` go through the codec.
    """

    __tablename__ = "people"
    __table_args__ = {"schema": "platform"}

    owner: Mapped[UUID] = mapped_column(primary_key=True)
    email_digest: Mapped[bytes] = mapped_column(unique=True, info=unsealed())
    email: Mapped[bytes] = mapped_column(info=sealed("owner"))
    password: Mapped[bytes] = mapped_column(info=sealed("owner"))
    name: Mapped[bytes | None] = mapped_column(default=None, info=sealed("owner"))
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class LoginSession(Base, kw_only=True):
    """One sign-in; it lives while its newest refresh token is used within seven days.

    `device` and `address` go through the codec.
    """

    __tablename__ = "sessions"
    __table_args__ = {"schema": "platform"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID] = mapped_column(index=True)
    device: Mapped[bytes | None] = mapped_column(info=sealed("id"))
    address: Mapped[bytes | None] = mapped_column(info=sealed("id"))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


class RefreshToken(Base, kw_only=True):
    """A refresh token, of which only the SHA-256 is kept; a used one stays, to know it again."""

    __tablename__ = "refresh_tokens"
    __table_args__ = {"schema": "platform"}

    digest: Mapped[bytes] = mapped_column(primary_key=True, info=unsealed())
    owner: Mapped[UUID]
    session: Mapped[UUID] = mapped_column(index=True)
    replaced_at: Mapped[datetime | None] = mapped_column(default=None)


class MailToken(Base, kw_only=True):
    """What a mail allows its reader once: only the SHA-256 is kept; `data` goes through the codec.

    A registration waits here, not in `people`, until its address is confirmed.
    """

    __tablename__ = "mail_tokens"
    __table_args__ = {"schema": "platform"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(unique=True, info=unsealed())
    owner: Mapped[UUID] = mapped_column(index=True)
    purpose: Mapped[str]
    email_digest: Mapped[bytes] = mapped_column(index=True, info=unsealed())
    data: Mapped[bytes | None] = mapped_column(info=sealed("id"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Attempts(Base, kw_only=True):
    """How often something was tried lately; the key is a blind index of what is counted."""

    __tablename__ = "attempts"
    __table_args__ = {"schema": "platform"}

    key: Mapped[bytes] = mapped_column(primary_key=True, info=unsealed())
    count: Mapped[int]
    until: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)


class LinkedIdentity(Base, kw_only=True):
    """Somebody as another service knows them; `id` is the `person` in the tables of the apps.

    `owner` owns the channel through which they came, `account` is their own, once linked.
    `subject` (the service's id of them) goes through the codec.
    """

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("owner", "provider", "subject_digest"),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    provider: Mapped[str]
    subject_digest: Mapped[bytes] = mapped_column(info=unsealed())
    subject: Mapped[bytes] = mapped_column(info=sealed("id"))
    account: Mapped[UUID | None] = mapped_column(default=None, index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class RequestCount(Base, kw_only=True):
    """Requests of one subject in this period and the one before; unlogged.

    `subject` is a blind index.
    """

    __tablename__ = "request_counts"
    __table_args__ = {"schema": "platform"}

    subject: Mapped[bytes] = mapped_column(primary_key=True, info=unsealed())
    period: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int]
    before: Mapped[int]
    expires_at: Mapped[datetime]


class Nonce(Base, kw_only=True):
    """A nonce that an API key has signed; it signs no second request. Unlogged."""

    __tablename__ = "nonces"
    __table_args__ = {"schema": "platform"}

    key: Mapped[UUID] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class QuotaUse(Base, kw_only=True):
    """What an account has used of one quota in a period; a standing quota has one period."""

    __tablename__ = "quota_uses"
    __table_args__ = {"schema": "platform"}

    owner: Mapped[UUID] = mapped_column(primary_key=True)
    quota: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)
