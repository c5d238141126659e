"""The one answer to a batch."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from forthwith.apps.cards import queries
from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.conversation.answers import Failed, Summary
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.line import batches, chats, delivery, photos
from forthwith.apps.cards.line.channel import sender
from forthwith.apps.cards.line.contacts import contacts_on
from forthwith.apps.cards.models import Batch, Card, LinePhoto
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime


async def sum_up(run: Run, runtime: Runtime, batch: UUID) -> str:
    """Tell what a batch has come to, once it is closed and all its photos have ended."""
    found = await batches.look(run, runtime, batch)
    if found is None:
        return "over"
    return await run.write("summary", _tell, runtime, found)


async def _tell(session: Session, runtime: Runtime, batch: Batch) -> str:
    if not await batches.claim_summary(session, batch.owner, batch.id):
        return "over"
    who = sender(runtime.codec, batch.owner, batches.event_of(runtime.codec, batch))
    if who is None:
        return "over"
    words = await chats.words(session, runtime, who)
    summary = await _summary(session, runtime, batch)
    said = answers.summed_up(summary, words)
    await delivery.answer(session, runtime, who, said, token=None)
    return "told"


async def _summary(session: ReadSession, runtime: Runtime, batch: Batch) -> Summary:
    ended = await batches.photos(session, batch.owner, batch.id)
    done = [each for each in ended if each.state == "done"]
    cards = list(dict.fromkeys(each.card for each in done if each.card is not None))
    contacts = await _contacts(session, runtime, batch.owner, cards)
    offers = await _offers(session, runtime, batch.owner, contacts, _read_anew(done))
    return Summary(
        contacts=contacts,
        done=len(done),
        failed=[
            Failed(photos.event_of(runtime.codec, each), each.failure or "INTERNAL")
            for each in ended
            if each.state == "failed"
        ],
        duplicates=len(done) - len(cards) + len(offers),
        from_cache=sum(each.was_cached for each in done),
        seconds=batches.seconds(ended) if ended else 0.0,
        was_forgotten=batch.is_forgotten and batch.image_set is None,
        offer=offers[0] if offers else None,
    )


def _read_anew(done: Sequence[LinePhoto]) -> set[UUID]:
    return {each.card for each in done if each.card is not None and not each.was_cached}


async def _contacts(
    session: ReadSession, runtime: Runtime, owner: UUID, cards: Sequence[UUID]
) -> list[Shown]:
    query = select(Card).where(Card.owner == owner, Card.id.in_(cards))
    found = {card.id: card for card in await session.scalars(query)}
    readings = (
        (card, queries.reading_of(runtime.codec, found[card])) for card in cards if card in found
    )
    return [
        each
        for card, reading in readings
        if reading
        for each in contacts_on(runtime, card, reading)
    ]


async def _offers(
    session: ReadSession,
    runtime: Runtime,
    owner: UUID,
    contacts: Sequence[Shown],
    anew: set[UUID],
) -> list[tuple[Shown, UUID]]:
    """Contacts of this batch that an older card seems to show too."""
    found = []
    for each in contacts:
        if each.card not in anew or each.number:
            continue
        row = await queries.find(session, owner, each.card)
        same = await queries.same_person(session, runtime.codec, row)
        older = [other.card_id for other in same if other.card_id < each.card]
        found += [(each, other) for other in older[:1]]
    return found
