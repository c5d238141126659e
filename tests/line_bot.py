"""What people see of the bot in LINE, for tests that talk with it."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import msgspec

from forthwith.apps.cards import service
from forthwith.apps.cards.line.channel import channel, person_of
from forthwith.apps.cards.models import Card
from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.platform import ids
from forthwith.platform.runtime import Runtime
from forthwith.sandbox import Knobs
from forthwith.sandbox.line import LinePhone, LineSandbox
from forthwith.sandbox.line.names import user_id

Json = dict[str, Any]
PATIENCE_SECONDS = 50.0


@dataclass(frozen=True, slots=True)
class Bot:
    """The sandbox, the phones, and the process that answers."""

    line: LineSandbox
    phone: LinePhone
    runtime: Runtime
    url: str

    async def says(self, user: str, count: int = 1, after: int = 0) -> list[Json]:
        """The bot's messages to a person, once there are so many of them."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(said := await self.said(user, after)) < count:
                await asyncio.sleep(0.03)
        return said

    async def said(self, user: str, after: int = 0) -> list[Json]:
        """The bot's messages to a person until now."""
        chat = await self.phone.messages_of(user, after)
        return [each.message for each in chat.entries if each.author == "bot"]

    async def ask(self, user: str, text: str, count: int = 1) -> list[Json]:
        """Write a text; what the bot answers."""
        before = await self.newest(user)
        await self.phone.send_text(user, text)
        return await self.says(user, count, before)

    async def tap(self, user: str, action: Json, count: int = 1) -> list[Json]:
        """Tap a button; what the bot answers."""
        before = await self.newest(user)
        await self.phone.tap(user, action)
        return await self.says(user, count, before)

    async def newest(self, user: str) -> int:
        """The number of the newest message of the chat."""
        entries = (await self.phone.messages_of(user)).entries
        return entries[-1].number if entries else 0

    async def settled(self) -> None:
        """Wait until no run is under way or due."""
        await self.until(
            "select 1 where not exists (select from platform.runs"
            " where state = 'running' or state = 'queued' and run_at <= now())"
        )

    async def until(self, query: str) -> None:
        """Wait until a query finds a row."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.runtime.db.fetchrow(query) is None:
                await asyncio.sleep(0.05)

    async def behave(self, knobs: Knobs) -> None:
        """Let LINE's API go wrong, or be well again."""
        async with httpx.AsyncClient(base_url=self.line.url) as control:
            answer = await control.put("/_sandbox/knobs", content=msgspec.json.encode(knobs))
            answer.raise_for_status()

    async def knows(self, user: str, *contacts: CardReading) -> UUID:
        """Give a person a card with these contacts, as if it had been read."""
        owner = await channel(self.runtime).owner()
        card = ids.new()
        reading = Reading(contacts, "local", 1.0, Upright(100, 100, 0))
        async with self.runtime.db.transaction() as session:
            row = Card(
                id=card,
                owner=owner,
                run=ids.new(),
                photo=hashlib.sha256(card.bytes).hexdigest(),
                media_type="image/jpeg",
                person=person_of(self.runtime.codec, owner, user_id(user)),
            )
            session.add(row)
            await session.flush()
            await service.store_reading(session, self.runtime, owner, card, reading)
        return card


def text_of(message: Json) -> str:
    """Everything that a message says."""
    return msgspec.json.encode(message).decode()


def buttons(message: Json) -> dict[str, Json]:
    """The actions of a message by their labels, and of what can be said next."""
    found: dict[str, Json] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            action = part.get("action")
            if isinstance(action, dict) and "label" in action:
                found.setdefault(action["label"], action)
            for each in part.values():
                walk(each)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(message)
    return found
