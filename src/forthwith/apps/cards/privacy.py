"""What the cards application keeps of somebody: their cards, photos, chats."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from sqlalchemy import Row

from forthwith.apps.cards import service
from forthwith.apps.cards.errors import CardNotFound
from forthwith.apps.cards.line.channel import person_of
from forthwith.platform.errors import NotFound
from forthwith.platform.privacy import ExportedFile, Privacy, Subject, rows
from forthwith.platform.privacy.runs import erase_runs
from forthwith.platform.runtime import Runtime

_SCHEMA: Final = "cards"


async def export(runtime: Runtime, subject: Subject) -> AsyncIterator[ExportedFile]:
    """Every table as JSON, and the photos as they were sent."""
    theirs = await _by_all_names(runtime, subject)
    tables = rows.tables_of(_SCHEMA, "identifiers", "grams")
    async for file in rows.exported(runtime.db, runtime.codec, tables, theirs):
        yield file
    async for card in _rows(runtime, theirs, "cards"):
        with contextlib.suppress(NotFound):
            content = await runtime.blobs.open(theirs.owner, card.photo)
            ending = card.media_type.rpartition("/")[2]
            yield ExportedFile(f"cards/photos/{card.id}.{ending}", content)


async def erase(runtime: Runtime, subject: Subject) -> int:
    """Delete cards with their photos and runs, then what else is kept of a chat."""
    theirs = await _by_all_names(runtime, subject)
    deleted = 0
    async for card in _rows(runtime, theirs, "cards"):
        with contextlib.suppress(CardNotFound):  # merged into one that went before
            await service.delete_card(runtime, theirs.owner, card.id)
            deleted += 1
    async for photo in _rows(runtime, theirs, "line_photos"):
        if photo.run is not None:
            async with runtime.db.transaction() as session:
                await erase_runs(session, runtime, theirs.owner, [photo.run])
    async with runtime.db.transaction() as session:
        return deleted + await rows.delete_rows(session, rows.tables_of(_SCHEMA), theirs)


privacy: Final = Privacy(export=export, erase=erase)


async def _by_all_names(runtime: Runtime, subject: Subject) -> Subject:
    """With the digests that stand for the person here: alone, and in each group."""
    if subject.names is None:
        return subject
    codec, owner = runtime.codec, subject.owner
    names = subject.names | {person_of(codec, owner, each) for each in subject.names}
    for each in rows.tables_of(_SCHEMA):
        if "person" not in each.table.c:
            continue
        async for page in rows.pages(runtime.db, each, each.table.c.owner == owner):
            names |= {row.person for row in page if rows.says(codec, subject, each, row)}
    return Subject(owner, frozenset(name for name in names if name))


async def _rows(runtime: Runtime, theirs: Subject, table: str) -> AsyncIterator[Row[Any]]:
    (each,) = (each for each in rows.tables_of(_SCHEMA) if each.table.name == table)
    condition = rows.belongs_to(each.table, theirs)
    assert condition is not None  # noqa: S101 - the table has a person
    async for page in rows.pages(runtime.db, each, condition):
        for row in page:
            yield row
