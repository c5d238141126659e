"""Reply tokens: kept when an event comes, taken by whoever answers first."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update

from forthwith.apps.cards.line.channel import Sender
from forthwith.apps.cards.models import ReplyToken
from forthwith.integrations.line.events import Event
from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Session

_KEEP: Final = """
insert into cards.reply_tokens (id, owner, person, token, is_free, expires_at)
values ($1, $2, $3, $4, $5, $6)
"""


async def keep(
    session: Session,
    codec: Codec,
    sender: Sender,
    event: Event,
    *,
    is_free: bool,
    seconds: float,
) -> UUID | None:
    """Keep the event's token for so many seconds; `is_free`: nothing else answers the event."""
    token, sealed, expires_at = sealed_of(codec, event, seconds)
    if token is not None:
        row = (token, sender.owner, sender.person, sealed, is_free, expires_at)
        await session.fetch(_KEEP, *row)
    return token


def sealed_of(
    codec: Codec, event: Event, seconds: float
) -> tuple[UUID | None, bytes | None, datetime]:
    """The row of an event's token: its id, itself, when it ends; without one the first are None."""
    expires_at = clock.now() + timedelta(seconds=seconds)
    if event.reply_token is None:
        return None, None, expires_at
    token = ids.new()
    return token, codec.seal(event.reply_token, _place(token)), expires_at


async def take(session: Session, owner: UUID, person: str, own: UUID | None) -> ReplyToken | None:
    """A token that is still good, the event's own first; it is used from now on."""
    query = (
        select(ReplyToken)
        .where(
            ReplyToken.owner == owner,
            ReplyToken.person == person,
            ~ReplyToken.is_used,
            ReplyToken.expires_at > clock.now(),
            or_(ReplyToken.is_free, ReplyToken.id == own),
        )
        .order_by((ReplyToken.id == own).desc(), ReplyToken.expires_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = await session.scalar(query)
    if found is not None:
        found.is_used = True
    return found


async def find(session: Session, owner: UUID, token: UUID) -> ReplyToken | None:
    """A token by its id."""
    query = select(ReplyToken).where(ReplyToken.owner == owner, ReplyToken.id == token)
    return await session.scalar(query)


async def set_free(session: Session, owner: UUID, token: UUID | None) -> None:
    """Nothing will answer its event any more."""
    which = (ReplyToken.owner == owner, ReplyToken.id == token)
    await session.execute(update(ReplyToken).where(*which).values(is_free=True))


def opened(codec: Codec, token: ReplyToken) -> str:
    """The token as LINE gave it."""
    return unsealed(codec, token.id, token.token)


def unsealed(codec: Codec, token: UUID, sealed: bytes) -> str:
    """Likewise, by its id and as its row keeps it."""
    return codec.open(sealed, _place(token), str)


def _place(token: UUID) -> bytes:
    return place("cards.reply_tokens", "token", token)
