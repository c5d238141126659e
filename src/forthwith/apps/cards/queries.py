"""Reading cards; every query names the owner."""

from uuid import UUID

from sqlalchemy import Row, Select, select

from forthwith.apps.cards.errors import CardNotFound
from forthwith.apps.cards.models import Card
from forthwith.apps.cards.schemas import CardView, Reading
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession
from forthwith.platform.jobs import ENDED, RunRow, failure, progress

CardAndRun = Row[Card, RunRow | None]


def reading_place(card: UUID) -> bytes:
    """Where the reading of a card is bound to."""
    return place("cards.cards", "reading", card)


def _cards_of(owner: UUID) -> Select[Card, RunRow | None]:
    """Cards with their runs; a run that was dropped with old history leaves None."""
    return select(Card, RunRow).outerjoin(RunRow, RunRow.id == Card.run).where(Card.owner == owner)


async def find(session: ReadSession, owner: UUID, card: UUID) -> CardAndRun:
    """One card of this owner. Raises `CardNotFound` also for somebody else's."""
    row = (await session.execute(_cards_of(owner).where(Card.id == card))).one_or_none()
    if row is None:
        raise CardNotFound("There is no card with this id.")
    return row


async def listed(
    session: ReadSession, owner: UUID, *, status: str | None, before: UUID | None, limit: int
) -> list[CardAndRun]:
    """Cards of this owner, newest first."""
    query = _cards_of(owner)
    if status is not None:
        query = query.where(RunRow.state == status)
    if before is not None:
        query = query.where(Card.id < before)
    return list(await session.execute(query.order_by(Card.id.desc()).limit(limit)))


async def photo_is_used(session: ReadSession, owner: UUID, photo: str) -> bool:
    """Whether any card of this owner still shows this photo."""
    query = select(Card.id).where(Card.owner == owner, Card.photo == photo).limit(1)
    return await session.scalar(query) is not None


def view(codec: Codec, row: CardAndRun) -> CardView:
    """A card for its owner; what the run knows is taken from the run, the single truth."""
    card, run = row
    reading = codec.open(card.reading, reading_place(card.id), Reading) if card.reading else None
    ended_as = "succeeded" if reading else "failed"
    status = run.state if run else ended_as
    base = f"/api/v1/cards/{card.id}"
    return CardView(
        id=card.id,
        run_id=card.run,
        status=status,
        processing=status not in ENDED,
        progress=progress(codec, run) if run else None,
        cards=reading.cards if reading else (),
        provider=reading.provider if reading else None,
        seconds=reading.seconds if reading else None,
        page=reading.page if reading else None,
        error=failure(codec, run) if run else None,
        photo_url=f"{base}/photo",
        events_url=f"{base}/events",
        created_at=card.created_at.isoformat(),
    )
