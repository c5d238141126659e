"""Reading cards; every query names the owner."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, select

from forthwith.apps.cards import matching
from forthwith.apps.cards.errors import CardNotFound, NothingToExport
from forthwith.apps.cards.exports import Contact
from forthwith.apps.cards.models import Card
from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.schemas import CardView, NotionPages, Reading, SamePerson
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database, ReadSession
from forthwith.platform.jobs import ENDED, RunRow, failure, progress

_CARDS_A_PAGE: Final = 200
_MAX_COMPARED: Final = 20
_NO_SUCH_CARD: Final = "There is no card with this id."
_READING: Final = "select reading from cards.cards where owner = $1 and id = $2"
_ALIKE: Final = """
select id, reading from cards.cards
where owner = $1 and person is not distinct from $2 and merged_into is null and id in (
  select other.card from cards.identifiers mine
  join cards.identifiers other on other.owner = $1 and other.digest = mine.digest
  where mine.card = $3 and other.card <> $3)
order by id limit $4
"""
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
        raise CardNotFound(_NO_SUCH_CARD)
    return row


async def listed(
    session: ReadSession, owner: UUID, *, status: str | None, before: UUID | None, limit: int
) -> list[CardAndRun]:
    """Cards of this owner, newest first."""
    query = _cards_of(owner).where(Card.merged_into.is_(None))
    if status is not None:
        query = query.where(RunRow.state == status)
    if before is not None:
        query = query.where(Card.id < before)
    return list(await session.execute(query.order_by(Card.id.desc()).limit(limit)))


async def photo_is_used(session: ReadSession, owner: UUID, photo: str) -> bool:
    """Whether any card of this owner still shows this photo."""
    query = select(Card.id).where(Card.owner == owner, Card.photo == photo).limit(1)
    return await session.scalar(query) is not None


class CardOf(NamedTuple):
    """A card and whose it is; `person` sent it, if anybody did."""

    owner: UUID
    person: str | None
    id: UUID


async def same_person(
    session: ReadSession, codec: Codec, row: CardAndRun
) -> tuple[SamePerson, ...]:
    """Other cards of the same sender that show the same person."""
    card, _ = row
    mine = CardOf(card.owner, card.person, card.id)
    return await same_as(session, codec, mine, reading_of(codec, card))


async def same_as(
    session: ReadSession, codec: Codec, card: CardOf, reading: Reading | None
) -> tuple[SamePerson, ...]:
    """Likewise, where it is known what was read from the card: by index, then compared."""
    if reading is None or not reading.cards:
        return ()
    found = []
    for other in await session.fetch(_ALIKE, card.owner, card.person, card.id, _MAX_COMPARED):
        seen = _opened(codec, other["id"], other["reading"])
        reason = matching.same_person(reading.cards[0], seen.cards[0]) if seen else None
        if reason is not None:
            found.append(SamePerson(other["id"], reason))
    return tuple(found)


async def contacts(
    db: Database, codec: Codec, owner: UUID, *, page: int = _CARDS_A_PAGE
) -> AsyncIterator[Contact]:
    """Every contact of this owner, newest first, for an export of any length.

    Read a page of cards at a time: no connection waits for somebody who takes the file slowly.
    """
    mine = select(Card).where(Card.owner == owner, Card.merged_into.is_(None))
    newest = mine.order_by(Card.id.desc()).limit(page)
    cards = await _read_all(db, newest)
    while cards:
        for card in cards:
            reading = reading_of(codec, card)
            for each in reading.cards if reading else ():
                yield Contact(each, card.created_at.isoformat(timespec="seconds"))
        cards = await _read_all(db, newest.where(Card.id < cards[-1].id))


async def _read_all(db: Database, query: Select[Card]) -> Sequence[Card]:
    async with db.read() as session:
        return (await session.scalars(query)).all()


def contact(codec: Codec, row: CardAndRun, number: int = 0) -> CardReading:
    """A contact on a card, the first one. Raises `NothingToExport` while there is none."""
    reading = reading_of(codec, row[0])
    if reading is None or number >= len(reading.cards):
        raise NothingToExport("There is no contact on this card yet.")
    return reading.cards[number]


def reading_of(codec: Codec, card: Card) -> Reading | None:
    """What was read from a card; None while nothing was."""
    return _opened(codec, card.id, card.reading)


async def reading(session: ReadSession, codec: Codec, owner: UUID, card: UUID) -> Reading | None:
    """Likewise, by its id. Raises `CardNotFound`."""
    row = await session.fetchrow(_READING, owner, card)
    if row is None:
        raise CardNotFound(_NO_SUCH_CARD)
    return _opened(codec, card, row["reading"])


def _opened(codec: Codec, card: UUID, sealed: bytes | None) -> Reading | None:
    return codec.open(sealed, reading_place(card), Reading) if sealed else None


def view(
    codec: Codec,
    row: CardAndRun,
    same: tuple[SamePerson, ...] = (),
    notion: NotionPages | None = None,
) -> CardView:
    """A card for its owner; what the run knows is taken from the run, the single truth."""
    card, run = row
    reading = reading_of(codec, card)
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
        model=reading.model if reading else None,
        cost_micros=reading.cost_micros if reading else None,
        currency=reading.currency if reading else None,
        seconds=reading.seconds if reading else None,
        page=reading.page if reading else None,
        advice=reading.advice if reading else (),
        history=reading.history if reading else (),
        error=failure(codec, run) if run else None,
        same_person=same,
        notion=notion,
        photo_url=f"{base}/photo",
        events_url=f"{base}/events",
        created_at=card.created_at.isoformat(),
    )
