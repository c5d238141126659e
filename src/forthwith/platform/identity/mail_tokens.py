"""Tokens that go by mail: whoever has one has read the mail. Each works once, and not for long."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

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


LIVES: Final = {Purpose.CONFIRM: timedelta(hours=24), Purpose.RESET: timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Taken:
    """What was kept with a token: whose it is, for which address, and for what."""

    owner: UUID
    email_digest: bytes
    data: Any


async def give(
    session: Session,
    codec: Codec,
    purpose: Purpose,
    *,
    owner: UUID,
    email_digest: bytes,
    data: Any = None,
) -> str:
    """Make a token; this is the only time that it is known here."""
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
    return token


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


async def take(session: Session, codec: Codec, purpose: Purpose, token: str) -> Taken:
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
    return Taken(row.owner, row.email_digest, _data(codec, row))


async def newest(
    session: ReadSession, codec: Codec, purpose: Purpose, email_digest: bytes
) -> Taken | None:
    """What was kept with the newest valid token for an address."""
    query = (
        select(MailToken)
        .where(
            MailToken.email_digest == email_digest,
            MailToken.purpose == purpose,
            MailToken.expires_at > clock.now(),
        )
        .order_by(MailToken.id.desc())
        .limit(1)
    )
    row = (await session.scalars(query)).one_or_none()
    return None if row is None else Taken(row.owner, row.email_digest, _data(codec, row))


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
    return Unprocessable("This token does not work any more; ask for a new mail.", faults=[fault])


def _data(codec: Codec, row: MailToken) -> Any:
    return None if row.data is None else codec.open(row.data, _at(row.id))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _at(identifier: UUID) -> bytes:
    return place("platform.mail_tokens", "data", identifier)
