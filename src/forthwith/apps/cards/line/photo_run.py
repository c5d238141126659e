"""The run of a photo that came by LINE: fetched, recognised or read, answered."""

import asyncio
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from forthwith.apps.cards import queries, service
from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.line import batches, chats, claims, delivery, photos, turns
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.apps.cards.line.claims import Kept
from forthwith.apps.cards.line.photos import Ending
from forthwith.apps.cards.line.turns import SentPhoto
from forthwith.apps.cards.models import LinePhoto
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.readers.opened import readers
from forthwith.apps.cards.schemas import Reading
from forthwith.integrations.line.events import Event, Image
from forthwith.integrations.line.messages import Json
from forthwith.platform import clock, images, logging
from forthwith.platform.db import Session
from forthwith.platform.errors import ForthwithError, LeaseLost, UpstreamError
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

_LOADING_SECONDS: Final = 20.0
_LOADING_PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Turn:
    """A photo at work in this try, which began at `begun`."""

    run: Run
    runtime: Runtime
    row: SentPhoto
    event: Event
    sender: Sender
    begun: datetime


async def read(run: Run, runtime: Runtime, photo: UUID) -> str:
    """Bring a photo to its end: `read`, `known` of an earlier one, or `over` already."""
    begun = clock.now()
    row = await turns.waiting(runtime.db, run.owner, photo)
    if row is None:
        await delivery.bring(run, runtime, photo)  # whoever ended it may have died over its answer
        return "over"
    turn = _Turn(run, runtime, row, *photos.sent(runtime.codec, row), begun)
    card = None
    content = await _content(runtime, turn.event) if run.is_first else None
    if content is not None:
        card = await claims.read_before(runtime.db, row, hashlib.sha256(content).hexdigest())
    return await (_read_anew(turn, content) if card is None else _tell_known(turn, card))


async def _tell_known(turn: _Turn, card: UUID) -> str:
    """Nothing was kept of the photo, so the answer is the first thing that is written."""
    return await _answered(turn, await turn.run.write("known", _end_known, turn, card), "known")


async def _read_anew(turn: _Turn, content: bytes | None) -> str:
    """Keep the photo and read it, unless an equal one turns up; `content` where it is fetched."""
    run = turn.run
    loading = asyncio.create_task(_show_loading(turn))
    try:
        kept = await run.step("fetch", _fetch, turn.runtime, run.owner, turn.event, content)
        claim = await claims.claim(run, turn.row, kept, turn.begun)
        reading = None if claim.is_read else await _read(turn, kept, content)
    finally:
        await loading  # after the answer it would be shown as if more came
    if reading is None:
        return await _tell_known(turn, claim.card)
    ended = await run.write("store", _end_read, turn, claim.card, reading)
    return await _answered(turn, ended, "read")


async def _answered(turn: _Turn, answer: UUID | None, outcome: str) -> str:
    """Send the answer, where a photo has one of its own."""
    if answer is not None:
        await delivery.bring(turn.run, turn.runtime, answer)
    return outcome


async def _read(turn: _Turn, kept: Kept, content: bytes | None) -> Reading:
    """What is on it. Whoever sent it watches LINE's loading animation: no progress is told."""

    async def photo() -> bytes:
        return content or await turn.runtime.blobs.get(turn.run.owner, kept.sha256)

    return await readers(turn.runtime).read(photo, turn.run)


async def _fetch(runtime: Runtime, owner: UUID, event: Event, content: bytes | None) -> Kept:
    """Keep a photo's bytes, fetched here if not before. Raises for what is no photo, or gone."""
    if content is None:
        content = await _content(runtime, event)
    header = images.check_header(content[: images.HEADER_BYTES], len(content))
    blob = await runtime.blobs.put(owner, io.BytesIO(content))
    return Kept(blob.sha256, f"image/{header.format.lower()}")


async def _content(runtime: Runtime, event: Event) -> bytes:
    """A photo's bytes, from LINE."""
    image = event.message
    assert isinstance(image, Image)  # noqa: S101 - only photos come here
    return await channel(runtime).line.content(image, most_bytes=images.MAX_BYTES)


async def _show_loading(turn: _Turn) -> None:
    """Show that something happens; that it cannot be shown holds up nothing."""
    run, row, source = turn.run, turn.row, turn.event.source
    if run.attempt or run.takeovers or source is None or source.type != "user":
        return
    if row.batch is not None and await _is_later_of_batch(turn.runtime, row):
        return
    try:
        async with asyncio.timeout(_LOADING_PATIENCE_SECONDS):
            await channel(turn.runtime).line.show_loading(source.chat or "", _LOADING_SECONDS)
    except LeaseLost:
        raise
    except (UpstreamError, ForthwithError, TimeoutError) as error:
        log.info("line_loading_not_shown", reason=str(error)[:100])


async def _is_later_of_batch(runtime: Runtime, row: SentPhoto) -> bool:
    async with runtime.db.read() as session:
        earlier = select(LinePhoto.id).where(
            LinePhoto.owner == row.owner, LinePhoto.batch == row.batch, LinePhoto.id < row.id
        )
        return await session.scalar(earlier.limit(1)) is not None


async def _end_known(session: Session, turn: _Turn, card: UUID) -> UUID | None:
    """Answer with what an equal photo said."""
    reading = await queries.reading(session, turn.runtime.codec, turn.run.owner, card)
    said = await _said(session, turn, card, reading, was_cached=True)
    ending = Ending(card, was_cached=True, begun=turn.begun)
    return await _end(session, turn, ending, said)


async def _end_read(session: Session, turn: _Turn, card: UUID, reading: Reading) -> UUID | None:
    """Store what was read, and answer with it."""
    await service.store_reading(session, turn.runtime, turn.run.owner, card, reading)
    said = await _said(session, turn, card, reading, was_cached=False)
    return await _end(session, turn, Ending(card), said)


async def _said(
    session: Session, turn: _Turn, card: UUID, reading: Reading | None, *, was_cached: bool
) -> list[Json] | None:
    """The contacts as they are shown; None where a summary will show them."""
    runtime, row = turn.runtime, turn.row
    if reading is None or not await batches.is_summed_up(session, row.owner, row.batch):
        return None
    words = await chats.words(session, runtime, turn.sender)
    mine = queries.CardOf(row.owner, row.person, card)
    same = () if was_cached else await queries.same_as(session, runtime.codec, mine, reading)
    return answers.photo_read(
        *(card, reading, words),
        was_cached=was_cached,
        same=same,
        has_page=destination(runtime).is_set,
    )


async def _end(
    session: Session, turn: _Turn, ending: Ending, said: list[Json] | None
) -> UUID | None:
    """End the photo, and keep its answer, if it has one of its own, under the photo's id.

    The last thing that is done: until the commit the person's next photos wait to be taken in.
    """
    runtime, photo = turn.runtime, turn.row.id
    row = await photos.end(session, runtime, turn.run.owner, photo, ending)
    if row is None or said is None:
        return None
    await delivery.keep(session, runtime.codec, turn.sender, said, photo, token=row.token)
    return photo
