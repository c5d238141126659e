"""What the cards application keeps of somebody: their cards, photos, chats."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from forthwith.apps.cards import service
from forthwith.apps.cards.errors import CardNotFound
from forthwith.apps.cards.line.channel import person_of
from forthwith.platform.errors import NotFound
from forthwith.platform.privacy import ExportedFile, Privacy, Subject, rows, schema
from forthwith.platform.runtime import Runtime

_SCHEMA: Final = "cards"


async def names(runtime: Runtime, owner: UUID, known: frozenset[str]) -> frozenset[str]:
    """The digests that stand for a person here: alone, and in each group where they wrote."""
    found = {person_of(runtime.codec, owner, name) for name in known}
    subject = Subject(owner, known)
    for each in rows.tables_of(_SCHEMA):
        if "person" not in each.table.c or not each.columns:
            continue
        async for page in rows.pages(runtime.db, each, each.table.c.owner == owner):
            saying = (row for row in page if rows.says(runtime.codec, subject, each, row))
            found |= {row.person for row in saying if row.person}
    return frozenset(found)


async def export(runtime: Runtime, subject: Subject) -> AsyncIterator[ExportedFile]:
    """Every table as JSON, and the photos as they were sent."""
    tables = rows.tables_of(_SCHEMA, "identifiers", "grams")
    async for file in rows.exported(runtime.db, runtime.codec, tables, subject):
        yield file
    async for card in _cards(runtime, subject):
        with contextlib.suppress(NotFound):
            content = await runtime.blobs.open(subject.owner, card.photo)
            ending = card.media_type.rpartition("/")[2]
            yield ExportedFile(f"cards/photos/{card.id}.{ending}", content)


async def erase(runtime: Runtime, subject: Subject) -> int:
    """Delete cards with their photos and runs, then what else is kept of a chat."""
    deleted = 0
    async for card in _cards(runtime, subject):
        with contextlib.suppress(CardNotFound):  # merged into one that went before
            await service.delete_card(runtime, subject.owner, card.id)
            deleted += 1
    return deleted + await schema.erase(runtime, _SCHEMA, subject)


privacy: Final = Privacy(export=export, erase=erase, names=names)


async def _cards(runtime: Runtime, subject: Subject) -> AsyncIterator[Row[Any]]:
    (each,) = (each for each in rows.tables_of(_SCHEMA) if each.table.name == "cards")
    condition = rows.belongs_to(each.table, subject)
    assert condition is not None  # noqa: S101 - the table has a person
    async for page in rows.pages(runtime.db, each, condition):
        for row in page:
            yield row
