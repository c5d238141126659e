"""Bringing the pages of one card up to date: looked for before they are made, then changed.

While Notion is down, out of budget or not set up right the run snoozes, which uses no try; it
ends for good only where Notion refuses a page itself.
"""

import random
from datetime import timedelta
from typing import Final, Never
from uuid import UUID

import msgspec

from forthwith.apps.cards.notion import contact_pages, outbox
from forthwith.apps.cards.notion.contact_pages import COLUMNS, PHOTO
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.notion.held_row import HeldRow, Task
from forthwith.apps.cards.notion.outbox import Page, Pages, Upload
from forthwith.integrations.notion import properties
from forthwith.integrations.notion.client import UPLOAD_LASTS_SECONDS, Notion
from forthwith.integrations.notion.errors import NotThere, SchemaMismatch
from forthwith.integrations.notion.properties import Json
from forthwith.platform import clock, logging
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
_UPLOAD_GOOD_SECONDS: Final = UPLOAD_LASTS_SECONDS - 600.0
_PASSING: Final = (Transient, TooMany, Unavailable, Exhausted)


class _Push:
    """One run's work on a card."""

    def __init__(self, run: Run, runtime: Runtime, notion: Notion, card: UUID) -> None:
        self._run = run
        self._runtime = runtime
        self._notion = notion
        self._settings = destination(runtime).settings
        self._row = HeldRow(run, runtime, card)

    async def work(self) -> str:
        """Until the pages are as the card is; `over` when it is another run's by now."""
        while (task := await self._row.begin()) is not None:
            try:
                pages = await self._brought_up_to_date(task)
            except LeaseLost:
                raise
            except _PASSING as error:
                await self._wait(task, error)
            except KeyRejected:
                await self._wait_for_a_person("KEY_REJECTED")
            except NotThere:
                await self._wait_for_a_person("NOT_SHARED")
            except SchemaMismatch:
                await self._wait_for_a_person("SCHEMA_MISMATCH")
            if await self._row.end(task, pages):
                return "done"
        return "over"

    async def _brought_up_to_date(self, task: Task) -> Pages:
        await destination(self._runtime).prepared(self._notion)
        pages = task.pages
        for number, told in enumerate(task.contacts):
            wanted = contact_pages.page_of(told, contact_pages.card_id(task.card, number))
            try:
                pages = await self._write(task, pages, number, wanted)
            except Refused:
                await self._notion.check(COLUMNS, is_fresh=True)  # or else a person can mend it
                raise
        for number in range(len(task.contacts), len(pages.pages)):
            await self._put_away(task, pages, number)
        return msgspec.structs.replace(pages, pages=pages.pages[: len(task.contacts)])

    async def _write(self, task: Task, pages: Pages, number: int, wanted: dict[str, Json]) -> Pages:
        """The page of one contact, changed or else made."""
        page = pages.page(number)
        if page.id is not None and not page.changed(wanted):
            return pages
        written = await self._change(page, wanted)
        if written is None:
            pages, written = await self._make(task, pages, number, wanted)
        return await self._row.record(pages.with_page(number, written))

    async def _change(self, page: Page, wanted: dict[str, Json]) -> Page | None:
        """The page with what is new; None when there is none.

        One that was thrown away in Notion is made again: whoever changes the card wants it.
        """
        if page.id is None:
            return None
        try:
            changed = await self._notion.update(page.id, page.changed(wanted))
        except NotThere:
            return None
        return _written(changed.id, changed.url, wanted)

    async def _make(
        self, task: Task, pages: Pages, number: int, wanted: dict[str, Json]
    ) -> tuple[Pages, Page]:
        """A page that an earlier try has made after all, else a new one."""
        await self._let_settle(pages, number)
        key = contact_pages.card_id(task.card, number)
        found = await self._notion.find(contact_pages.CARD_ID, key)
        if found is not None:
            changed = await self._notion.update(found.id, wanted)
            return pages, _written(changed.id, changed.url, wanted)
        pages = await self._with_photo(task, pages)
        pages = await self._row.record(pages.with_page(number, Page(is_begun=True)))
        said = {name: value for name, value in wanted.items() if not properties.is_empty(value)}
        if pages.upload is not None:
            said[PHOTO] = properties.uploaded_file(pages.upload.id, _file_name(task))
        made = await self._notion.create(said)
        return pages, _written(made.id, made.url, wanted)

    async def _let_settle(self, pages: Pages, number: int) -> None:
        """Wait until a query finds what an earlier try may have made a moment ago."""
        page, now = pages.page(number), clock.now()
        if not page.is_begun:
            return
        if page.settled_at is None:
            settled = now + timedelta(seconds=self._settings.settle_seconds)
            page = msgspec.structs.replace(page, settled_at=settled)
            await self._row.record(pages.with_page(number, page))
        if page.settled_at is not None and page.settled_at > now:
            self._run.snooze(until=page.settled_at)

    async def _with_photo(self, task: Task, pages: Pages) -> Pages:
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
        return await self._row.record(kept)

    async def _put_away(self, task: Task, pages: Pages, number: int) -> None:
        """The page of a contact that is gone."""
        if self._settings.keeps_deleted:
            return
        found = pages.page(number).id
        if found is None and pages.page(number).is_begun:
            await self._let_settle(pages, number)
            key = contact_pages.card_id(task.card, number)
            made = await self._notion.find(contact_pages.CARD_ID, key)
            found = made.id if made else None
        if found is not None:
            await self._notion.put_away(found)

    async def _wait(self, task: Task, error: Exception) -> Never:
        """Come back later, no sooner than Notion has said."""
        await self._row.note("UNAVAILABLE")
        if isinstance(error, Exhausted):
            self._run.snooze(until=error.resets_at)
        told = getattr(error, "retry_after", None) or 0.0
        grown = min(_FIRST_SECONDS * 2**task.failures, _LONGEST_SECONDS)
        jitter = 1 + random.random() / 4  # noqa: S311 - jitter, not a secret
        self._run.snooze(seconds=max(told, grown) * jitter)

    async def _wait_for_a_person(self, code: str) -> Never:
        """Come back until somebody has mended it; the code says what."""
        await self._row.note(code)
        self._run.snooze(seconds=_UNMENDED_SECONDS)


async def push(run: Run, runtime: Runtime, card: UUID, *, is_behind: bool) -> str:
    """Bring the pages of a card up to date; `is_behind` lets all other calls go before."""
    target = destination(runtime)
    notion = target.notion_behind if is_behind else target.notion
    return await _Push(run, runtime, notion, card).work()


def _written(page: str, url: str, wanted: dict[str, Json]) -> Page:
    sent = {name: outbox.digest(value) for name, value in wanted.items()}
    return Page(id=page, url=url, sent=sent)


def _file_name(task: Task) -> str:
    return f"card.{task.media_type.rpartition('/')[2]}"
