"""Photos a day, as an account's plan allows: the run of a photo takes one.

A run that ends before anything was read gives its photo back, and takes one again when it is
tried again.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, text

from forthwith.apps.cards.errors import PhotosSpent
from forthwith.apps.cards.models import Card
from forthwith.platform.context import Principal
from forthwith.platform.db import Session
from forthwith.platform.identity import plans
from forthwith.platform.jobs import Condition

_QUOTA: Final = "photos"
_READ_NOTHING: Final = text("""
select created_at from platform.runs r where id = :run and owner = :owner
  and not exists (select from platform.steps s where s.run = r.id and s.name in ('read', 'ask'))
""")


def condition(principal: Principal) -> Condition | None:
    """That the caller's plan has room for one more photo today."""
    return plans.condition(principal, _QUOTA)


async def take(session: Session, owner: UUID) -> None:
    """Take one of today's photos.

    Raises `PhotosSpent`, after which a run is not tried again: it would be a day later.
    """
    try:
        await plans.use(session, owner, _QUOTA)
    except plans.QuotaSpent as spent:
        raise PhotosSpent(spent.message) from spent


async def give_back(session: Session, owner: UUID, run: UUID, card: ColumnElement[bool]) -> None:
    """Give back the photo of a run that has ended without reading its card."""
    taken_at = await _unread_since(session, owner, run, card)
    if taken_at is not None:
        await plans.release(session, owner, _QUOTA, used_at=taken_at)


async def take_again(session: Session, owner: UUID, run: UUID, card: ColumnElement[bool]) -> None:
    """Take what a run that is queued again had given back. Raises `plans.QuotaSpent`."""
    if await _unread_since(session, owner, run, card) is not None:
        await plans.use(session, owner, _QUOTA)


async def _unread_since(
    session: Session, owner: UUID, run: UUID, card: ColumnElement[bool]
) -> datetime | None:
    """Since when the run has been going to read its card; None when it has, or has no card."""
    mine = select(Card.id).where(Card.owner == owner, Card.run == run, Card.reading.is_(None), card)
    if await session.scalar(mine.limit(1)) is None:
        return None
    asked: datetime | None = await session.scalar(_READ_NOTHING, {"run": run, "owner": owner})
    return asked
