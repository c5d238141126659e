"""Cards on their way to the sandbox's Notion, for tests that look at what arrives."""

import asyncio
import io
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from notion_workspace import Held

from forthwith.apps.cards import service
from forthwith.apps.cards.models import Card, NotionCard
from forthwith.apps.cards.notion.contact_pages import COLUMNS
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.reading import CardReading, Contact, Text
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.platform import ids
from forthwith.platform.runtime import Runtime

PATIENCE_SECONDS = 40.0
PHOTO = b"\xff\xd8\xff photo"


def contact(name: str = "Lin Mei", **more: Any) -> CardReading:
    """A contact with a name and whatever else."""
    return CardReading(
        name=Text(name, 0.9), **{"emails": (Contact("lin@example.com", 0.8),), **more}
    )


@dataclass(frozen=True, slots=True)
class Outbox:
    """The workspace, and the process that writes into it."""

    workspace: Held
    runtime: Runtime
    owner: UUID

    async def prepare(self) -> None:
        """Give the database all columns."""
        notion = destination(self.runtime).notion
        await notion.add((await notion.schema()).missing(COLUMNS))

    async def add(self, *contacts: CardReading, person: str | None = None) -> UUID:
        """A card that was just read; its photo is kept."""
        card = ids.new()
        blob = await self.runtime.blobs.put(self.owner, io.BytesIO(PHOTO + card.bytes))
        async with self.runtime.db.transaction() as session:
            session.add(
                Card(
                    id=card,
                    owner=self.owner,
                    run=ids.new(),
                    photo=blob.sha256,
                    media_type="image/jpeg",
                    person=person,
                )
            )
            await session.flush()
            await self._store(session, card, contacts)
        return card

    async def change(self, card: UUID, *contacts: CardReading) -> None:
        """The card as it is now."""
        async with self.runtime.db.transaction() as session:
            await self._store(session, card, contacts)

    async def _store(self, session: Any, card: UUID, contacts: tuple[CardReading, ...]) -> None:
        reading = Reading(contacts, "local", 1.0, Upright(100, 100, 0))
        await service.store_reading(session, self.runtime, self.owner, card, reading)

    async def row(self, card: UUID) -> NotionCard | None:
        """What the outbox knows of a card."""
        async with self.runtime.db.read() as session:
            return await session.get(NotionCard, card)

    async def until(self, condition: str) -> None:
        """Wait until all cards in the outbox are so."""
        waiting = f"select 1 from cards.notion_cards where not ({condition})"  # noqa: S608
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.runtime.db.fetchrow(waiting) is not None:
                await asyncio.sleep(0.05)

    async def settled(self) -> None:
        """Wait until nothing waits."""
        await self.until("state <> 'waiting'")

    async def values(self) -> dict[str, dict[str, str]]:
        """What the pages say, by Card ID."""
        return {each["values"]["Card ID"]: each["values"] for each in await self.workspace.pages()}


Opening = Callable[[], AbstractAsyncContextManager[Outbox]]
"""Opens a process that writes into the workspace, as the environment is then."""
