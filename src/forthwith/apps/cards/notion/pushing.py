"""Bringing the pages of one card up to date: looked for before they are made, then changed.

While Notion is down, out of budget or not set up right the run snoozes, which uses no try; it
ends for good only where Notion refuses a page itself.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Never
from uuid import UUID

import msgspec
from sqlalchemy import select

from forthwith.apps.cards import queries
from forthwith.apps.cards.models import Card, NotionCard
from forthwith.apps.cards.notion import contact_pages, outbox
from forthwith.apps.cards.notion.contact_pages import COLUMNS, PHOTO, Told
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.notion.outbox import Page, Pages, Upload
from forthwith.integrations.notion import properties
from forthwith.integrations.notion.client import UPLOAD_LASTS_SECONDS, Notion
from forthwith.integrations.notion.errors import NotThere, SchemaMismatch
from forthwith.integrations.notion.properties import Json
from forthwith.platform import clock, logging
from forthwith.platform.db import Session
from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    LeaseLost,
    NotFound,
    Refused,
    TooMany,
    Transient,
    Unavailable,
)
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

_FIRST_SECONDS: Final = 2.0
_LONGEST_SECONDS: Final = 120.0
"""Between two looks at a Notion that is down."""
_UNMENDED_SECONDS: Final = 300.0
"""Between two looks at what a person has to mend: the secret, the sharing, the properties."""
_MOST_DOUBLED: Final = 10
_UPLOAD_GOOD_SECONDS: Final = UPLOAD_LASTS_SECONDS - 600.0
_PASSING: Final = (Transient, TooMany, Unavailable, Exhausted)
_TO_MEND: Final = {
    KeyRejected: "KEY_REJECTED",
    NotThere: "NOT_SHARED",
    SchemaMismatch: "SCHEMA_MISMATCH",
}


@dataclass(frozen=True, slots=True)
class _Task:
    """What a card's pages are and should be, as one look has found it."""

    card: UUID
    version: int
    failures: int
    pages: Pages
    contacts: tuple[Told, ...] = ()
    photo: str = ""
    media_type: str = ""


class _Push:
    """One run's work on a card."""

    def __init__(self, run: Run, runtime: Runtime, notion: Notion) -> None:
        self._run = run
        self._runtime = runtime
        self._notion = notion
        self._settings = destination(runtime).settings

    async def work(self, card: UUID) -> str:
        """Until the pages are as the card is; `over` when it is another run's by now."""
        while (task := await self._begin(card)) is not None:
            try:
                pages = await self._brought_up_to_date(task)
            except LeaseLost:
                raise
            except _PASSING as error:
                await self._wait(task, error)
            except tuple(_TO_MEND) as error:
                await self._wait_for_a_person(task, _TO_MEND[type(error)])
            if await self._end(replace(task, pages=pages)):
                return "done"
        return "over"

    async def _begin(self, card: UUID) -> _Task | None:
        target = destination(self._runtime)
        async with self._run.transaction() as session:
            row = await self._row(session, card)
            if row is None or target.place is None:
                return None
            if row.place != target.place:  # the pages of another database are not touched
                row.place, row.pages = target.place, None
            row.tried = row.version
            pages = outbox.pages_in(self._runtime.codec, row)
            found = await session.scalar(
                select(Card).where(Card.owner == self._run.owner, Card.id == card)
            )
            task = _Task(card, row.version, row.failures, pages)
            if found is None or found.merged_into is not None:
                return task
            contacts = self._told(found)
        return replace(task, contacts=contacts, photo=found.photo, media_type=found.media_type)

    def _told(self, card: Card) -> tuple[Told, ...]:
        reading = queries.reading_of(self._runtime.codec, card)
        if reading is None:
            return ()
        met_on, is_from_line = card.created_at.date(), card.person is not None
        return tuple(
            Told(contact, met_on, is_from_line, reading.history if number == 0 else ())
            for number, contact in enumerate(reading.cards)
        )

    async def _brought_up_to_date(self, task: _Task) -> Pages:
        await destination(self._runtime).prepared(self._notion)
        pages = task.pages
        for number, told in enumerate(task.contacts):
            key = contact_pages.card_id(task.card, number)
            wanted = contact_pages.page_of(told, key)
            try:
                pages = await self._write(task, pages, number, wanted)
            except Refused:
                await self._notion.check(COLUMNS, is_fresh=True)  # or else a person can mend it
                raise
        for number in range(len(task.contacts), len(pages.pages)):
            await self._put_away(task, pages.page(number), number)
        return msgspec.structs.replace(pages, pages=pages.pages[: len(task.contacts)])

    async def _write(
        self, task: _Task, pages: Pages, number: int, wanted: dict[str, Json]
    ) -> Pages:
        """The page of one contact, changed or else made."""
        page = pages.page(number)
        if page.id is not None and not page.changed(wanted):
            return pages
        try:
            written = await self._change(page, wanted)
        except NotThere:
            written = None  # thrown away in Notion; who changes the card wants it again
        if written is None:
            pages, written = await self._make(task, pages, number, wanted)
        return await self._record(task, pages.with_page(number, written))

    async def _change(self, page: Page, wanted: dict[str, Json]) -> Page | None:
        if page.id is None:
            return None
        changed = await self._notion.update(page.id, page.changed(wanted))
        return _written(changed.id, changed.url, wanted)

    async def _make(
        self, task: _Task, pages: Pages, number: int, wanted: dict[str, Json]
    ) -> tuple[Pages, Page]:
        """A page that an earlier try has made after all, else a new one."""
        self._let_settle(pages.page(number))
        key = contact_pages.card_id(task.card, number)
        found = await self._notion.find(contact_pages.CARD_ID, key)
        if found is not None:
            changed = await self._notion.update(found.id, wanted)
            return pages, _written(changed.id, changed.url, wanted)
        pages = await self._with_photo(task, pages)
        begun = Page(begun_at=clock.now().timestamp())
        pages = await self._record(task, pages.with_page(number, begun))
        said = {name: value for name, value in wanted.items() if not properties.is_empty(value)}
        if pages.upload is not None:
            said[PHOTO] = properties.uploaded_file(pages.upload.id, _file_name(task))
        made = await self._notion.create(said)
        return pages, _written(made.id, made.url, wanted)

    def _let_settle(self, page: Page) -> None:
        """A page that may have been made a moment ago is not yet found by a query."""
        if page.begun_at is None:
            return
        settled = page.begun_at + self._settings.settle_seconds
        if settled > clock.now().timestamp():
            self._run.snooze(until=datetime.fromtimestamp(settled, clock.now().tzinfo))

    async def _with_photo(self, task: _Task, pages: Pages) -> Pages:
        """The photo, uploaded once for all contacts on it; a page does without one at need."""
        good_from = clock.now().timestamp() - _UPLOAD_GOOD_SECONDS
        if not self._settings.photos:
            return pages
        if pages.upload is not None and pages.upload.at > good_from:
            return pages
        try:
            content = await self._runtime.blobs.get(self._run.owner, task.photo)
            upload = await self._notion.upload(_file_name(task), task.media_type, content)
        except (NotFound, Refused) as error:
            log.info("notion_photo_not_uploaded", reason=type(error).__name__)
            return msgspec.structs.replace(pages, upload=None)
        kept = msgspec.structs.replace(pages, upload=Upload(upload, clock.now().timestamp()))
        return await self._record(task, kept)

    async def _put_away(self, task: _Task, page: Page, number: int) -> None:
        """The page of a contact that is gone."""
        if self._settings.keeps_deleted:
            return
        found = page.id
        if found is None and page.begun_at is not None:
            self._let_settle(page)
            made = await self._notion.find(
                contact_pages.CARD_ID, contact_pages.card_id(task.card, number)
            )
            found = made.id if made else None
        if found is not None:
            await self._notion.put_away(found)

    async def _record(self, task: _Task, pages: Pages) -> Pages:
        """Keep what is known of the pages, before and after each write."""
        async with self._run.transaction() as session:
            row = await self._row(session, task.card)
            if row is not None:
                row.pages = outbox.sealed(self._runtime.codec, task.card, pages)
        return pages

    async def _end(self, task: _Task) -> bool:
        """Whether nothing more was asked meanwhile."""
        async with self._run.transaction() as session:
            row = await self._row(session, task.card)
            if row is None:
                return True
            row.pages = outbox.sealed(self._runtime.codec, task.card, task.pages)
            row.failures = 0
            if row.version != task.version:
                return False
            if not task.contacts:
                await session.delete(row)
            row.run, row.state, row.failure = None, "done", None
        return True

    async def _wait(self, task: _Task, error: Exception) -> Never:
        """Come back later, no sooner than Notion has said."""
        await self._tell(task, "UNAVAILABLE")
        if isinstance(error, Exhausted):
            self._run.snooze(until=error.resets_at)
        told = getattr(error, "retry_after", None) or 0.0
        grown = min(_FIRST_SECONDS * 2**task.failures, _LONGEST_SECONDS)
        jitter = 1 + random.random() / 4  # noqa: S311 - jitter, not a secret
        self._run.snooze(seconds=max(told, grown) * jitter)

    async def _wait_for_a_person(self, task: _Task, code: str) -> Never:
        """Come back until somebody has mended it; the code says what."""
        await self._tell(task, code)
        self._run.snooze(seconds=_UNMENDED_SECONDS)

    async def _tell(self, task: _Task, code: str) -> None:
        async with self._run.transaction() as session:
            row = await self._row(session, task.card)
            if row is not None:
                row.failure, row.failures = code, min(row.failures + 1, _MOST_DOUBLED)

    async def _row(self, session: Session, card: UUID) -> NotionCard | None:
        """The card's row, while it is this run's."""
        query = select(NotionCard).where(
            NotionCard.owner == self._run.owner,
            NotionCard.card == card,
            NotionCard.run == self._run.id,
        )
        return await session.scalar(query.with_for_update())


async def push(run: Run, runtime: Runtime, card: UUID, *, is_behind: bool) -> str:
    """Bring the pages of a card up to date; `is_behind` lets all other calls go before."""
    target = destination(runtime)
    notion = target.notion_behind if is_behind else target.notion
    return await _Push(run, runtime, notion).work(card)


def _written(page: str, url: str, wanted: dict[str, Json]) -> Page:
    sent = {name: outbox.digest(value) for name, value in wanted.items()}
    return Page(id=page, url=url, sent=sent)


def _file_name(task: _Task) -> str:
    return f"card.{task.media_type.rpartition('/')[2]}"
