"""Tokens that go by mail: whoever has one has read the mail. Each works once, and not for long."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update

from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Fault, Unprocessable
from forthwith.platform.identity.models import MailToken

_TOKEN_BYTES: Final = 32


class Purpose(StrEnum):
    """What a token allows."""

    CONFIRM = "confirm"
    RESET = "reset"
    SIGN_IN = "sign_in"


LIVES: Final = {
    Purpose.CONFIRM: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.SIGN_IN: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Given:
    """A token, which is known at this moment only, and what it is kept by."""

    id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept with a token: whose it is, for which address, and for what."""

    owner: UUID
    email_digest: bytes
    data: Any


@dataclass(frozen=True, slots=True)
class Renewed:
    """A token in the place of another, and what is kept with it."""

    token: str
    kept: Kept


async def give(
    session: Session,
    codec: Codec,
    purpose: Purpose,
    *,
    owner: UUID,
    email_digest: bytes,
    data: Any = None,
) -> Given:
    """Make a token, with data to find again when it comes back."""
    token, identifier = secrets.token_urlsafe(_TOKEN_BYTES), ids.new()
    session.add(
        MailToken(
            id=identifier,
            digest=_digest(token),
            owner=owner,
            purpose=purpose,
            email_digest=email_digest,
            data=None if data is None else codec.seal(data, _at(identifier)),
            expires_at=clock.now() + LIVES[purpose],
        )
    )
    return Given(identifier, token)


async def renew(session: Session, codec: Codec, identifier: UUID) -> Renewed | None:
    """Another token in the place of one that nobody can say again; None when it is over."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = await session.scalar(
        update(MailToken)
        .where(MailToken.id == identifier, MailToken.expires_at > clock.now())
        .values(digest=_digest(token))
        .returning(MailToken)
    )
    return None if row is None else Renewed(token, _kept(codec, row))


async def owner_of(session: ReadSession, purpose: Purpose, token: str) -> UUID:
    """Whose a valid token is; it is not used up. Raises `Unprocessable` for any other."""
    query = select(MailToken.owner).where(
        MailToken.digest == _digest(token),
        MailToken.purpose == purpose,
        MailToken.expires_at > clock.now(),
    )
    owner = await session.scalar(query)
    if owner is None:
        raise _unknown()
    return owner


async def take(session: Session, codec: Codec, purpose: Purpose, token: str) -> Kept:
    """Use a token up, in the caller's transaction. Raises `Unprocessable` when it is not valid."""
    row = await session.scalar(
        delete(MailToken)
        .where(
            MailToken.digest == _digest(token),
            MailToken.purpose == purpose,
            MailToken.expires_at > clock.now(),
        )
        .returning(MailToken)
    )
    if row is None:
        raise _unknown()
    return _kept(codec, row)


async def newest(session: ReadSession, purpose: Purpose, email_digest: bytes) -> UUID | None:
    """By what the newest valid token for an address is kept."""
    query = (
        select(MailToken.id)
        .where(
            MailToken.email_digest == email_digest,
            MailToken.purpose == purpose,
            MailToken.expires_at > clock.now(),
        )
        .order_by(MailToken.id.desc())
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def void(session: Session, purpose: Purpose, email_digest: bytes) -> None:
    """Make all tokens of a purpose for an address invalid."""
    await session.execute(
        delete(MailToken).where(
            MailToken.email_digest == email_digest, MailToken.purpose == purpose
        )
    )


async def forget_old(session: Session) -> None:
    """Delete what has expired."""
    await session.execute(delete(MailToken).where(MailToken.expires_at < clock.now()))


def _unknown() -> Unprocessable:
    fault = Fault("#/token", "used already, expired, or never given")
    return Unprocessable("This token does not work any more; ask for a new one.", faults=[fault])


def _kept(codec: Codec, row: MailToken) -> Kept:
    data = None if row.data is None else codec.open(row.data, _at(row.id))
    return Kept(row.owner, row.email_digest, data)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _at(identifier: UUID) -> bytes:
    return place("platform.mail_tokens", "data", identifier)
