"""A person's own contacts: the latest, any of them, found by words, changed, merged."""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Select, func, select

from forthwith.apps.cards import editing, queries, searching, service
from forthwith.apps.cards.conversation.answers import shown
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.errors import CardNotFound
from forthwith.apps.cards.line.channel import Sender
from forthwith.apps.cards.models import Card, Gram
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.schemas import Reading
from forthwith.integrations.line.flex import MOST_BUBBLES
from forthwith.platform import clock
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.runtime import Runtime

_MOST: Final = MOST_BUBBLES + 1
"""One more than is shown tells that there are more."""
_MOST_OPENED: Final = 200
"""Cards that one search opens."""


def _mine(sender: Sender) -> Select[Card]:
    """The person's cards that were read, the newest first."""
    return (
        select(Card)
        .where(
            Card.owner == sender.owner,
            Card.person == sender.person,
            Card.reading.is_not(None),
            Card.merged_into.is_(None),
        )
        .order_by(Card.id.desc())
    )


def contacts_on(runtime: Runtime, card: UUID, reading: Reading) -> list[Shown]:
    """The contacts of a card as they are shown here."""
    return shown(card, reading, has_page=destination(runtime).is_set)


async def count(session: ReadSession, sender: Sender) -> int:
    """How many cards the person has."""
    query = _mine(sender).order_by(None).with_only_columns(func.count())
    return int(await session.scalar(query) or 0)


async def latest(
    session: ReadSession, runtime: Runtime, sender: Sender, before: UUID | None = None
) -> list[Shown]:
    """The newest contacts, or those before a card."""
    query = _mine(sender) if before is None else _mine(sender).where(Card.id < before)
    cards = await session.scalars(query.limit(_MOST))
    return _shown(runtime, list(cards))[:_MOST]


async def search(session: ReadSession, runtime: Runtime, sender: Sender, term: str) -> list[Shown]:
    """Contacts that say all words of the term, the newest first."""
    digests = searching.term_digests(runtime.codec, sender.owner, sender.person, term)
    query = _mine(sender)
    if digests:
        having = (
            select(Gram.card)
            .where(
                Gram.owner == sender.owner,
                Gram.person == sender.person,
                Gram.digest.in_(digests),
            )
            .group_by(Gram.card)
            .having(func.count() == len(digests))
        )
        query = query.where(Card.id.in_(having))
    cards = await session.scalars(query.limit(_MOST_OPENED))
    found = [each for each in _shown(runtime, list(cards)) if searching.says(each.contact, term)]
    return found[:_MOST]


async def find(
    session: ReadSession, runtime: Runtime, sender: Sender, card: UUID, number: int = 0
) -> Shown:
    """One contact of the person. Raises `CardNotFound` also for somebody else's."""
    _, reading = await _own(session, runtime, sender, card)
    contacts = contacts_on(runtime, card, reading)
    if not 0 <= number < len(contacts):
        raise CardNotFound("There is no such contact on this card.")
    return contacts[number]


async def change(
    session: Session,
    runtime: Runtime,
    sender: Sender,
    contact: Shown,
    edit: Callable[[CardReading], CardReading],
) -> Shown:
    """The contact as `edit` makes it, stored and found by its new words."""
    _, reading = await _own(session, runtime, sender, contact.card, for_update=True)
    cards = list(reading.cards)
    cards[contact.number] = edit(cards[contact.number])
    changed = replace(reading, cards=tuple(cards))
    await service.store_reading(session, runtime, sender.owner, contact.card, changed)
    return contacts_on(runtime, contact.card, changed)[contact.number]


async def merge(
    session: Session, runtime: Runtime, sender: Sender, one: UUID, other: UUID
) -> Shown:
    """The older card with what the newer one says; its earlier position is kept."""
    older, newer = sorted((one, other))
    _, before = await _own(session, runtime, sender, older, for_update=True)
    _, after = await _own(session, runtime, sender, newer, for_update=True)
    if older == newer or not before.cards or not after.cards:
        raise CardNotFound("There is nothing to merge.")
    whole = editing.merged(before, after, clock.now())
    await service.store_reading(session, runtime, sender.owner, older, whole)
    await service.hide_merged(session, runtime, sender.owner, newer, older)
    return contacts_on(runtime, older, whole)[0]


async def erase(session: Session, runtime: Runtime, sender: Sender, card: UUID) -> tuple[str, ...]:
    """Delete a card's rows; the names of photos to forget. Raises `CardNotFound`."""
    await _own(session, runtime, sender, card)
    return await service.erase_card(session, runtime, sender.owner, card)


async def _own(
    session: ReadSession, runtime: Runtime, sender: Sender, card: UUID, *, for_update: bool = False
) -> tuple[Card, Reading]:
    query = _mine(sender).where(Card.id == card)
    found = await session.scalar(query.with_for_update() if for_update else query)
    reading = queries.reading_of(runtime.codec, found) if found is not None else None
    if found is None or reading is None:
        raise CardNotFound("There is no card with this id.")
    return found, reading


def _shown(runtime: Runtime, cards: Sequence[Card]) -> list[Shown]:
    readings = ((card.id, queries.reading_of(runtime.codec, card)) for card in cards)
    return [
        each
        for card, reading in readings
        if reading
        for each in contacts_on(runtime, card, reading)
    ]
