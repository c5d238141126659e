"""What an operator asks of the outbox: is the database right, how far is it, send the rest."""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, exists, func, or_, select

from forthwith.apps.cards.models import Card, NotionCard
from forthwith.apps.cards.notion import outbox
from forthwith.apps.cards.notion.contact_pages import COLUMNS
from forthwith.apps.cards.notion.destination import Destination, destination
from forthwith.integrations.notion.schema import Column, Schema
from forthwith.platform.db import ReadSession
from forthwith.platform.errors import Unavailable
from forthwith.platform.runtime import Runtime

_AT_ONCE: Final = 200
NOT_ASKED: Final = "not asked"
GOING: Final = "going"
"""Of a card that is deleted or merged, whose pages are still to be put away."""


class Tally(msgspec.Struct, frozen=True):
    """How many cards are in a state, and why they are, where something is wrong."""

    state: str
    failure: str | None
    cards: int


async def check(runtime: Runtime, *, create: bool) -> tuple[Schema, Sequence[Column]]:
    """The database, if pages can be written; with `create`, and the properties made for that.

    Raises `SchemaMismatch` that names each fault, and as `Notion.schema` does.
    """
    notion = _target(runtime).notion
    missing = (await notion.schema(is_fresh=True)).missing(COLUMNS) if create else []
    if missing:
        await notion.add(missing)
    return await notion.check(COLUMNS, is_fresh=True), missing


async def tallies(runtime: Runtime) -> list[Tally]:
    """The cards of the account whose contacts go to Notion, by state."""
    target = _target(runtime)
    async with runtime.db.read() as session:
        owner = await _owner(session, target)
        state = func.coalesce(NotionCard.state, NOT_ASKED)
        known = _read_cards(owner, target.place).with_only_columns(
            state, NotionCard.failure, func.count()
        )
        rows = (await session.execute(known.group_by(state, NotionCard.failure))).all()
        going = await session.scalar(_going(owner).with_only_columns(func.count())) or 0
    found = [Tally(row[0], row[1], row[2]) for row in rows]
    return sorted([*found, *([Tally(GOING, None, going)] if going else [])], key=lambda t: t.state)


async def backfill(runtime: Runtime, told: Callable[[int, int], None]) -> int:
    """Ask for the pages of all cards that have none, or failed; how many.

    Asking for one that is under way changes nothing, so that this may be stopped and begun
    again. `told` hears how many of how many were asked for.
    """
    target = _target(runtime)
    async with runtime.db.read() as session:
        owner = await _owner(session, target)
        cards = list(await session.scalars(_unfinished(owner, target.place)))
        cards += list(await session.scalars(_going(owner).with_only_columns(NotionCard.card)))
    for begin in range(0, len(cards), _AT_ONCE):
        part = cards[begin : begin + _AT_ONCE]
        async with runtime.db.transaction() as session:
            for card in part:
                await outbox.ask(session, runtime, owner, card, job=outbox.BACKFILL)
        told(begin + len(part), len(cards))
    return len(cards)


def _target(runtime: Runtime) -> Destination:
    target = destination(runtime)
    if target.place is None:
        raise Unavailable("Notion is not set up; set NOTION_API_KEY and NOTION_DATABASE_ID.")
    return target


async def _owner(session: ReadSession, target: Destination) -> UUID:
    owner = await target.owner(session)
    if owner is None:
        raise Unavailable("There is no operator yet; run: forthwith up")
    return owner


def _read_cards(owner: UUID, place: str | None) -> Select[Card]:
    """Cards with contacts, beside what the outbox knows of them in this database."""
    same = and_(NotionCard.card == Card.id, NotionCard.place == place)
    is_shown = (Card.owner == owner, Card.reading.is_not(None), Card.merged_into.is_(None))
    return select(Card).outerjoin(NotionCard, same).where(*is_shown)


def _unfinished(owner: UUID, place: str | None) -> Select[UUID]:
    not_done = or_(NotionCard.card.is_(None), NotionCard.state != "done")
    query = _read_cards(owner, place).where(not_done)
    return query.with_only_columns(Card.id).order_by(Card.id)


def _going(owner: UUID) -> Select[NotionCard]:
    shown = exists().where(Card.id == NotionCard.card, Card.merged_into.is_(None))
    return select(NotionCard).where(NotionCard.owner == owner, ~shown)
