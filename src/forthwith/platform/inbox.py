"""Each vendor event once: a redelivery finds the first one and does nothing."""

from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import PrimaryKeyConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform import activity
from forthwith.platform.crypto import Codec, place, sealed
from forthwith.platform.db import Base, ReadSession, Session

T = TypeVar("T")

_ACCEPT: Final = """
insert into platform.inbox (channel, event, owner, payload) values ($1, $2, $3, $4)
on conflict do nothing returning event
"""
_ACCEPT_ALONG: Final = """
with first as materialized ({first}), accepted as (
  insert into platform.inbox (channel, event, owner, payload)
  select $1, $2, $3::uuid, $4::bytea from first
  on conflict do nothing returning event
){then}
"""


class InboxRow(Base, kw_only=True):
    """An event as a vendor delivered it; `payload` goes through the codec."""

    __tablename__ = "inbox"
    __table_args__ = (PrimaryKeyConstraint("channel", "event"), {"schema": "platform"})

    channel: Mapped[str]
    event: Mapped[str]
    owner: Mapped[UUID]
    payload: Mapped[bytes] = mapped_column(info=sealed("channel", "event"))
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False, index=True)


def inbox_place(channel: str, event: str) -> bytes:
    """Where the payload of an event is bound to."""
    return place("platform.inbox", "payload", f"{channel}|{event}")


async def accept(
    session: Session, codec: Codec, *, channel: str, event: str, owner: UUID, payload: Any
) -> bool:
    """Take an event in; False when it was taken before. Commits with the caller's transaction.

    `channel` tells senders apart (`line:CHANNEL_ID`), `event` is the vendor's own event id.
    """
    activity.present.note(owner)
    sealed_payload = codec.seal(payload, inbox_place(channel, event))
    row = await session.fetchrow(_ACCEPT, channel, event, owner, sealed_payload)
    return row is not None


def along(first: str, then: str) -> str:
    """A statement for `accept_along`: a query of one row, the event's row, all else.

    `then` goes on behind a common table expression and takes each row of its own `from
    accepted`, which is empty where the event was taken before; $3 is the owner, $5 and on are
    the caller's.
    """
    return _ACCEPT_ALONG.format(first=first, then=then)


async def accept_along(
    session: Session,
    codec: Codec,
    statement: str,
    *values: Any,
    channel: str,
    event: str,
    owner: UUID,
    payload: Any,
) -> "asyncpg.Record | None":
    """Take an event in as `accept` does, and all that it asks for in the same round trip.

    The first row that the statement gives; None when the event was taken before.
    """
    activity.present.note(owner)
    sealed_payload = codec.seal(payload, inbox_place(channel, event))
    return await session.fetchrow(statement, channel, event, owner, sealed_payload, *values)


async def find(
    session: ReadSession, codec: Codec, *, channel: str, event: str, owner: UUID, into: type[T]
) -> T | None:
    """The payload of an event that was taken in, as the type `into`; None when it was erased."""
    query = select(InboxRow.payload).where(
        InboxRow.channel == channel, InboxRow.event == event, InboxRow.owner == owner
    )
    payload = await session.scalar(query)
    if payload is None:
        return None
    return codec.open(payload, inbox_place(channel, event), into)
