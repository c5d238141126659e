"""The row of a card while a run works on it: what is to be done, what was done, how it ended."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import select

from forthwith.apps.cards import queries
from forthwith.apps.cards.models import Card, NotionCard
from forthwith.apps.cards.notion import outbox
from forthwith.apps.cards.notion.contact_pages import Told
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.notion.outbox import Pages
from forthwith.platform.db import Session
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

_MOST_COUNTED: Final = 10


@dataclass(frozen=True, slots=True)
class Task:
    """What a card's pages are and should be, as one look has found it."""

    card: UUID
    version: int
    failures: int
    pages: Pages
    contacts: tuple[Told, ...] = ()
    photo: str = ""
    media_type: str = ""


class HeldRow:
    """One run's hold on the row of its card; every write is behind the run's fence."""

    def __init__(self, run: Run, runtime: Runtime, card: UUID) -> None:
        self._run = run
        self._runtime = runtime
        self._card = card

    async def begin(self) -> Task | None:
        """What is to be done; None when the row is gone, or another run's by now."""
        target = destination(self._runtime)
        async with self._run.transaction() as session:
            row = await self._find(session)
            if row is None or target.place is None:
                return None
            if row.place != target.place:  # the pages of another database are not touched
                row.place, row.pages = target.place, None
            row.tried = row.version
            pages = outbox.pages_in(self._runtime.codec, row)
            task = Task(self._card, row.version, row.failures, pages)
            query = select(Card).where(Card.owner == self._run.owner, Card.id == self._card)
            found = await session.scalar(query)
            if found is None or found.merged_into is not None:
                return task
            contacts = self._told(found)
        return replace(task, contacts=contacts, photo=found.photo, media_type=found.media_type)

    async def record(self, pages: Pages) -> Pages:
        """Keep what is known of the pages, before and after each write."""
        async with self._run.transaction() as session:
            row = await self._find(session)
            if row is not None:
                row.pages = outbox.sealed(self._runtime.codec, self._card, pages)
        return pages

    async def note(self, failure: str) -> None:
        """Keep why it waits."""
        async with self._run.transaction() as session:
            row = await self._find(session)
            if row is not None:
                row.failure, row.failures = failure, min(row.failures + 1, _MOST_COUNTED)

    async def end(self, task: Task, pages: Pages) -> bool:
        """Whether nothing more was asked meanwhile; then the row is nobody's."""
        async with self._run.transaction() as session:
            row = await self._find(session)
            if row is None:
                return True
            row.pages = outbox.sealed(self._runtime.codec, self._card, pages)
            row.failures = 0
            if row.version != task.version:
                return False
            if not task.contacts:
                await session.delete(row)
            row.run, row.state, row.failure = None, "done", None
        return True

    def _told(self, card: Card) -> tuple[Told, ...]:
        reading = queries.reading_of(self._runtime.codec, card)
        if reading is None:
            return ()
        met_on, is_from_line = card.created_at.date(), card.person is not None
        return tuple(
            Told(contact, met_on, is_from_line, reading.history if number == 0 else ())
            for number, contact in enumerate(reading.cards)
        )

    async def _find(self, session: Session) -> NotionCard | None:
        query = select(NotionCard).where(
            NotionCard.owner == self._run.owner,
            NotionCard.card == self._card,
            NotionCard.run == self._run.id,
        )
        return await session.scalar(query.with_for_update())
