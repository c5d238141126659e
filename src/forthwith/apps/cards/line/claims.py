"""Which card a photo of LINE is of: that of an equal one of the same person, or a new one."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from forthwith.apps.cards import quota
from forthwith.apps.cards.models import Card, LinePhoto
from forthwith.platform import ids
from forthwith.platform.db import Database, Session
from forthwith.platform.jobs import ENDED, Run, RunRow

_READ_BEFORE: Final = """
select coalesce(merged_into, id) as card from cards.cards
where owner = $1 and person = $2 and photo = $3 and reading is not null order by id limit 1
"""
_READ_ELSEWHERE_SECONDS: Final = 0.3


class Kept(msgspec.Struct, frozen=True):
    """A photo's bytes: the blob's name and what kind of picture it is."""

    sha256: str
    media_type: str


class Claim(msgspec.Struct, frozen=True):
    """The card of a photo; `is_read`: an equal photo was read before."""

    card: UUID
    is_read: bool


async def read_before(db: Database, row: LinePhoto, sha256: str) -> UUID | None:
    """The card of an equal photo that was read before, without claiming anything."""
    found = await db.fetchrow(_READ_BEFORE, row.owner, row.person, sha256)
    return None if found is None else found["card"]


async def claim(run: Run, row: LinePhoto, kept: Kept, begun: datetime) -> Claim:
    """The card of this photo: one that shows the same, or a new one. Waits for its reading."""
    async with run.transaction() as session:
        begins = update(LinePhoto).where(LinePhoto.owner == row.owner, LinePhoto.id == row.id)
        await session.execute(begins.where(LinePhoto.started_at.is_(None)).values(started_at=begun))
        await session.execute(select(func.pg_advisory_xact_lock(_lock(row, kept))))
        found = await _same_photo(session, row, kept)
        if found is None:
            return await _new_card(session, run, row, kept)
        card, other = found
        if card.reading is not None or card.run == run.id:
            return Claim(card.merged_into or card.id, is_read=card.reading is not None)
        if other is None or other.state in ENDED:  # nobody reads it any more: this run does
            await quota.take(session, row.owner)
            card.run = run.id
            return Claim(card.id, is_read=False)
    return run.snooze(seconds=_READ_ELSEWHERE_SECONDS)


async def _same_photo(
    session: Session, row: LinePhoto, kept: Kept
) -> tuple[Card, RunRow | None] | None:
    query = (
        select(Card, RunRow)
        .outerjoin(RunRow, RunRow.id == Card.run)
        .where(Card.owner == row.owner, Card.person == row.person, Card.photo == kept.sha256)
        .order_by(Card.reading.is_(None), Card.id)
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1])


async def _new_card(session: Session, run: Run, row: LinePhoto, kept: Kept) -> Claim:
    await quota.take(session, row.owner)
    card = Card(
        id=ids.new(),
        owner=row.owner,
        person=row.person,
        run=run.id,
        photo=kept.sha256,
        media_type=kept.media_type,
    )
    session.add(card)
    await session.flush()
    return Claim(card.id, is_read=False)


def _lock(row: LinePhoto, kept: Kept) -> int:
    """One claim at a time for equal photos of one person."""
    return int(kept.sha256[:8], 16) ^ int(row.person[:8], 16)
