"""Cards on their way to Notion: one row a card, and at most one run that works on it.

Whoever changes a card asks in the same transaction. The row's version counts what was asked;
its run ends only in a transaction that sees the version it has written, so nothing asked
meanwhile is lost, and edits collapse into one run.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.cards.models import NotionCard
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.schemas import NotionPages
from forthwith.integrations.notion.properties import Json
from forthwith.platform import ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.jobs import FailedRun, RunRow
from forthwith.platform.runtime import Runtime

PUSH: Final = "cards.notion.push"
BACKFILL: Final = "cards.notion.backfill"
_DIGEST_HEX: Final = 16


class Page(msgspec.Struct, frozen=True):
    """The page of one contact.

    `is_begun` without `id`: its making was begun and nobody knows whether it was made; from
    `settled_at` on a query would find it. `sent` are digests of the properties written last.
    """

    id: str | None = None
    url: str | None = None
    is_begun: bool = False
    settled_at: datetime | None = None
    sent: dict[str, str] = {}

    def changed(self, wanted: dict[str, Json]) -> dict[str, Json]:
        """What is not as it was written last; what people changed in Notion stays otherwise."""
        return {
            name: value for name, value in wanted.items() if self.sent.get(name) != digest(value)
        }


class Upload(msgspec.Struct, frozen=True):
    """A photo that Notion has, for an hour unless a page shows it."""

    id: str
    at: float


class Pages(msgspec.Struct, frozen=True):
    """The pages of a card's contacts, in their order, and its photo."""

    pages: tuple[Page, ...] = ()
    upload: Upload | None = None

    def page(self, number: int) -> Page:
        """The page of a contact; an empty one when there is none."""
        return self.pages[number] if number < len(self.pages) else Page()

    def with_page(self, number: int, page: Page) -> "Pages":
        """The same with another page for a contact."""
        filled = [self.page(each) for each in range(max(number + 1, len(self.pages)))]
        filled[number] = page
        return msgspec.structs.replace(self, pages=tuple(filled))


def digest(value: Json) -> str:
    """What stands for a value that was written."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:_DIGEST_HEX]


async def ask(
    session: Session, runtime: Runtime, owner: UUID, card: UUID, *, job: str = PUSH
) -> None:
    """Have the pages of a card brought up to date, once this transaction commits.

    Nothing happens where its owner's contacts do not go to Notion.
    """
    target = destination(runtime)
    if not await target.takes(session, owner):
        return
    row = {"card": card, "owner": owner, "place": target.place}
    again = {"version": NotionCard.version + 1, "state": "waiting", "failure": None}
    asked = insert(NotionCard).values(row)
    asked = asked.on_conflict_do_update(index_elements=["card"], set_=again)
    held = await session.scalar(asked.returning(NotionCard.run))
    if held is not None and await _is_coming(session, held, job):
        return
    run = ids.new()
    await runtime.jobs.enqueue(session, job, {"card": card}, owner=owner, run=run)
    which = (NotionCard.owner == owner, NotionCard.card == card)
    await session.execute(update(NotionCard).where(*which).values(run=run))


async def let_go(session: Session, runtime: Runtime, owner: UUID, cards: Sequence[UUID]) -> None:
    """Have the pages of cards put away that are gone or say nothing of their own any more.

    Until that is done their ids are kept, and nothing else of them.
    """
    which = (NotionCard.owner == owner, NotionCard.card.in_(cards))
    if destination(runtime).place is None:
        await session.execute(delete(NotionCard).where(*which))
        return
    rows = await session.scalars(select(NotionCard).where(*which).with_for_update())
    for row in list(rows):
        known = pages_in(runtime.codec, row).pages
        bare = Pages(tuple(msgspec.structs.replace(each, url=None, sent={}) for each in known))
        row.pages = sealed(runtime.codec, row.card, bare)
        await session.flush()
        await ask(session, runtime, owner, row.card)


async def pages_of(
    session: ReadSession, runtime: Runtime, owner: UUID, cards: Sequence[UUID]
) -> dict[UUID, NotionPages]:
    """Where the contacts of these cards are in the present database."""
    target = destination(runtime)
    if target.place is None:
        return {}
    query = select(NotionCard).where(
        NotionCard.owner == owner, NotionCard.card.in_(cards), NotionCard.place == target.place
    )
    provider = "sandbox" if target.is_played else "notion"
    return {
        row.card: NotionPages(
            state=row.state,
            provider=provider,
            pages=tuple(each.url for each in pages_in(runtime.codec, row).pages),
            failure=row.failure,
        )
        for row in await session.scalars(query)
    }


async def give_up(session: Session, failed: FailedRun) -> None:
    """Notion will not take it; what was asked since the last try gets one of its own."""
    runtime: Runtime = failed.runtime
    card = UUID(str(failed.args["card"]))
    query = select(NotionCard).where(NotionCard.owner == failed.owner, NotionCard.card == card)
    row = await session.scalar(query.with_for_update())
    if row is None or row.run != failed.id:
        return
    row.state, row.failure = "failed", failed.code
    await session.flush()
    if row.version != row.tried:
        await ask(session, runtime, failed.owner, card)


def pages_in(codec: Codec, row: NotionCard) -> Pages:
    """What a row tells of its pages."""
    return codec.open(row.pages, _place(row.card), Pages) if row.pages else Pages()


def sealed(codec: Codec, card: UUID, pages: Pages) -> bytes:
    """Pages as a row keeps them: their addresses bear names."""
    return codec.seal(pages, _place(card))


async def _is_coming(session: ReadSession, run: UUID, job: str) -> bool:
    """Whether a run will see what is asked now; who is in a hurry waits behind no backfill."""
    query = select(RunRow.state, RunRow.name).where(RunRow.id == run)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return False
    return found.state == "running" or (found.state == "queued" and job in {BACKFILL, found.name})


def _place(card: UUID) -> bytes:
    return place("cards.notion_cards", "pages", card)
