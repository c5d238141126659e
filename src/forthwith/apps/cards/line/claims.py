"""Which card a photo of LINE is of: that of an equal one of the same person, or a new one.

The database lets no person have two cards of equal photos.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from forthwith.apps.cards import quota
from forthwith.apps.cards.line.turns import SentPhoto
from forthwith.apps.cards.models import Card
from forthwith.platform import ids
from forthwith.platform.db import Database, Session
from forthwith.platform.identity import plans
from forthwith.platform.jobs import ENDED, Run, RunRow

_READ_BEFORE: Final = """
select coalesce(merged_into, id) as card from cards.cards
where owner = $1 and person = $2 and photo = $3 and reading is not null
"""
_INSERT: Final = """
insert into cards.cards (run, owner, person, photo, media_type, id)
select $1, {values} {where}
on conflict (owner, person, photo) where person is not null do nothing returning id
"""
_BEGIN: Final = """
begun as (
  update cards.line_photos set started_at = $9 from held
  where owner = $3 and id = $8 and started_at is null
), claimed as ({insert}) select (select id from claimed) as card from held
"""
_UNCOUNTED: Final = f"from held where {plans.IS_NOT_LIMITED.format(owner='$3')}"
_CLAIM: Final = _BEGIN.format(insert=_INSERT.format(values="$3, $4, $5, $6, $7", where=_UNCOUNTED))
_CLAIM_COUNTED: Final = _INSERT.format(values="$2, $3, $4, $5, $6", where="")
_READ_ELSEWHERE_SECONDS: Final = 0.3


class Kept(msgspec.Struct, frozen=True):
    """A photo's bytes: the blob's name and what kind of picture it is."""

    sha256: str
    media_type: str


class Claim(msgspec.Struct, frozen=True):
    """The card of a photo; `is_read`: an equal photo was read before."""

    card: UUID
    is_read: bool


async def read_before(db: Database, row: SentPhoto, sha256: str) -> UUID | None:
    """The card of an equal photo that was read before, without claiming anything."""
    found = await db.fetchrow(_READ_BEFORE, row.owner, row.person, sha256)
    return None if found is None else found["card"]


async def claim(run: Run, row: SentPhoto, kept: Kept, begun: datetime) -> Claim:
    """The card of this photo: one that shows the same, or a new one. Waits for its reading."""
    new = (row.owner, row.person, kept.sha256, kept.media_type, ids.new())
    claimed: UUID | None = (await run.ask(_CLAIM, *new, row.id, begun))["card"]
    if claimed is not None:
        return Claim(claimed, is_read=False)
    found = await _claim_counted(run, new)
    return found or run.snooze(seconds=_READ_ELSEWHERE_SECONDS)


async def _claim_counted(run: Run, new: tuple[UUID, str, str, str, UUID]) -> Claim | None:
    """Likewise, where an equal photo has a card or the owner's photos are counted.

    None while another run reads it; nothing was taken then.
    """
    owner, person, photo, *_ = new
    async with run.transaction() as session:
        found = await _same_photo(session, owner, person, photo)
        if found is None:
            made = await session.fetchrow(_CLAIM_COUNTED, run.id, *new)
            if made is None:  # claimed in this moment
                return None
            await quota.take(session, owner)
            return Claim(made["id"], is_read=False)
        card, other = found
        if card.reading is not None or card.run == run.id:
            return Claim(card.merged_into or card.id, is_read=card.reading is not None)
        if other is not None and other.state not in ENDED:
            return None
        await quota.take(session, owner)
        card.run = run.id  # nobody reads it any more: this run does
        return Claim(card.id, is_read=False)


async def _same_photo(
    session: Session, owner: UUID, person: str, photo: str
) -> tuple[Card, RunRow | None] | None:
    query = (
        select(Card, RunRow)
        .outerjoin(RunRow, RunRow.id == Card.run)
        .where(Card.owner == owner, Card.person == person, Card.photo == photo)
        .with_for_update(of=Card)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1])
