"""A photo that came by LINE: fetched, recognised or read, answered."""

import asyncio
import io
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, false, func, select, text

from forthwith.apps.cards import queries, quota, service
from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.line import batches, chats, delivery, tokens, turns
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.apps.cards.line.channel import sender as sender_of
from forthwith.apps.cards.models import Card, LinePhoto
from forthwith.apps.cards.notion.destination import destination
from forthwith.apps.cards.readers.opened import readers
from forthwith.apps.cards.schemas import Reading
from forthwith.integrations.line.events import Event, Image
from forthwith.platform import clock, ids, images, logging
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import ForthwithError, LeaseLost, Refused, UpstreamError
from forthwith.platform.jobs import ENDED, FailedRun, MovedRun, Run, RunRow
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

_EXPECT: Final = text("""
insert into cards.line_photos (id, owner, person, event, sent_at, token, batch)
values (:id, :owner, :person, :event, :sent_at, :token, :batch)
""")
_TAKEN_BACK_WITHIN: Final = timedelta(days=1)
_MOST_OPENED: Final = 200
_LOADING_SECONDS: Final = 20.0
_LOADING_PATIENCE_SECONDS: Final = 2.0
_READ_ELSEWHERE_SECONDS: Final = 0.3


class Kept(msgspec.Struct, frozen=True):
    """A photo's bytes: the blob's name and what kind of picture it is."""

    sha256: str
    media_type: str


class Claim(msgspec.Struct, frozen=True):
    """The card of a photo; `is_read`: an equal photo was read before."""

    card: UUID
    is_read: bool


async def expect(
    session: Session, runtime: Runtime, sender: Sender, event: Event, *, token: UUID | None
) -> None:
    """Take a photo in: into its batch, and into the line of its person."""
    image = event.message
    assert isinstance(image, Image)  # noqa: S101 - the caller tells photos apart
    batch = await batches.of_photo(session, runtime, sender, event, image)
    photo = ids.new()
    row = {
        "id": photo,
        "owner": sender.owner,
        "person": sender.person,
        "event": runtime.codec.seal(event, _place(photo)),
        "sent_at": event.at,
        "token": token,
        "batch": batch,
    }
    await session.execute(_EXPECT, row)
    if batch is not None:
        await batches.close_full_set(session, runtime, sender, batch)
        await tokens.set_free(session, sender.owner, token)
    await turns.give(session, runtime, sender.owner, sender.person, ending=None)


async def read(run: Run, runtime: Runtime, photo: UUID) -> str:
    """Bring a photo to its end: `read`, `known` of an earlier one, or `over` already."""
    async with run.transaction() as session:
        row = await turns.begin(session, run.owner, photo)
    if row is None:
        return "over"
    event = event_of(runtime.codec, row)
    loading = asyncio.create_task(_show_loading(run, runtime, row, event))
    try:
        kept = await run.step("fetch", fetch, runtime, run.owner, event)
    finally:
        await loading  # after the answer it would be shown as if more came
    claim = await _claim(run, row, kept)
    if claim.is_read:
        await run.write("known", _end_known, runtime, run, photo, claim.card)
        return "known"
    await run.progress(0.2, "reading")
    stored = partial(service.photo_of, runtime, run.owner, claim.card)
    reading = await readers(runtime).read(stored, run)
    await run.write("store", _end_read, runtime, run, photo, claim.card, reading)
    return "read"


async def fetch(runtime: Runtime, owner: UUID, event: Event) -> Kept:
    """Get a photo's bytes from LINE and keep them. Raises for what is no photo, or gone."""
    image = event.message
    assert isinstance(image, Image)  # noqa: S101 - only photos come here
    content = await channel(runtime).line.content(image, most_bytes=images.MAX_BYTES)
    header = images.check_header(content[: images.HEADER_BYTES], len(content))
    blob = await runtime.blobs.put(owner, io.BytesIO(content))
    return Kept(blob.sha256, f"image/{header.format.lower()}")


async def tell_failure(session: Session, failed: FailedRun) -> None:
    """End a photo that could not be read, and say why: at once, or in its batch's summary."""
    runtime: Runtime = failed.runtime
    await give_back(session, failed)
    row = await _find(session, failed.owner, UUID(str(failed.args["photo"])))
    if row is None or row.state != "waiting":
        return
    row.failure = failed.code
    await _end(session, runtime, row, "failed", failed.id)
    if await batches.is_summed_up(session, row.owner, row.batch):
        event, sender = _sent(runtime.codec, row)
        words = await chats.words(session, runtime, sender)
        said = answers.photo_failed(event, failed.code, words)
        await delivery.answer(session, runtime, sender, said, token=row.token)


async def give_back(session: Session, run: MovedRun) -> None:
    """The run of a photo has ended; unread, it counts no more."""
    await quota.give_back(session, run.owner, run.id, await _cards_of_sender(session, run))


async def take_again(session: Session, run: MovedRun) -> None:
    """The run is queued again."""
    await quota.take_again(session, run.owner, run.id, await _cards_of_sender(session, run))


async def _cards_of_sender(session: Session, run: MovedRun) -> ColumnElement[bool]:
    """Where the card of a run is looked for: there is an index by person."""
    row = await _find(session, run.owner, UUID(str(run.args["photo"])))
    return Card.person == row.person if row is not None else false()


async def take_back(
    session: Session, runtime: Runtime, sender: Sender, message: str
) -> tuple[str, ...]:
    """A person took a photo back: delete what was made of it; the names of photos to forget."""
    row = await _sent_as(session, runtime.codec, sender, message)
    if row is None:
        return ()
    made = select(Card.id).where(Card.owner == row.owner, Card.run == row.run)
    card = await session.scalar(made)
    await session.delete(row)
    await session.flush()
    if card is None:  # not claimed yet, or equal to one that the person sent before
        if row.run is not None:
            await runtime.jobs.erase(session, row.owner, row.run)
        return ()
    return await service.erase_card(session, runtime, row.owner, card)


async def _sent_as(
    session: ReadSession, codec: Codec, sender: Sender, message: str
) -> LinePhoto | None:
    """The photo of a message, of the last ones in a day."""
    query = select(LinePhoto).where(
        LinePhoto.owner == sender.owner,
        LinePhoto.person == sender.person,
        LinePhoto.received_at > clock.now() - _TAKEN_BACK_WITHIN,
    )
    for row in await session.scalars(query.order_by(LinePhoto.id.desc()).limit(_MOST_OPENED)):
        image = event_of(codec, row).message
        if isinstance(image, Image) and image.id == message:
            return row
    return None


def event_of(codec: Codec, row: LinePhoto) -> Event:
    """The event that brought a photo."""
    return codec.open(row.event, _place(row.id), Event)


async def _show_loading(run: Run, runtime: Runtime, row: LinePhoto, event: Event) -> None:
    """Show that something happens; that it cannot be shown holds up nothing."""
    if run.attempt or run.takeovers or event.source is None or event.source.type != "user":
        return
    if row.batch is not None and await _is_later_of_batch(runtime, row):
        return
    try:
        async with asyncio.timeout(_LOADING_PATIENCE_SECONDS):
            await channel(runtime).line.show_loading(event.source.chat or "", _LOADING_SECONDS)
    except LeaseLost:
        raise
    except (UpstreamError, ForthwithError, TimeoutError) as error:
        log.info("line_loading_not_shown", reason=str(error)[:100])


async def _is_later_of_batch(runtime: Runtime, row: LinePhoto) -> bool:
    async with runtime.db.read() as session:
        earlier = select(LinePhoto.id).where(
            LinePhoto.owner == row.owner, LinePhoto.batch == row.batch, LinePhoto.id < row.id
        )
        return await session.scalar(earlier.limit(1)) is not None


async def _claim(run: Run, row: LinePhoto, kept: Kept) -> Claim:
    """The card of this photo: one that shows the same, or a new one. Waits for its reading."""
    async with run.transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_lock(row, kept))))
        found = await _same_photo(session, row, kept)
        if found is None:
            return await _new_card(session, run, row, kept)
        card, other = found
        if card.reading is not None or card.run == run.id:
            return Claim(card.merged_into or card.id, is_read=card.reading is not None)
        if other is None or other.state in ENDED:  # nobody reads it any more: this run does
            await quota.take(session, row.owner)
            card.run = run.id
            return Claim(card.id, is_read=False)
    return run.snooze(seconds=_READ_ELSEWHERE_SECONDS)


async def _same_photo(
    session: Session, row: LinePhoto, kept: Kept
) -> tuple[Card, RunRow | None] | None:
    query = (
        select(Card, RunRow)
        .outerjoin(RunRow, RunRow.id == Card.run)
        .where(Card.owner == row.owner, Card.person == row.person, Card.photo == kept.sha256)
        .order_by(Card.reading.is_(None), Card.id)
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1])


async def _new_card(session: Session, run: Run, row: LinePhoto, kept: Kept) -> Claim:
    await quota.take(session, row.owner)
    card = Card(
        id=ids.new(),
        owner=row.owner,
        person=row.person,
        run=run.id,
        photo=kept.sha256,
        media_type=kept.media_type,
    )
    session.add(card)
    await session.flush()
    return Claim(card.id, is_read=False)


async def _end_known(session: Session, runtime: Runtime, run: Run, photo: UUID, card: UUID) -> None:
    """Answer with what an equal photo said."""
    row = await _find(session, run.owner, photo)
    if row is None:
        return
    row.card, row.was_cached = card, True
    await _end(session, runtime, row, "done", run.id)
    await _answer(session, runtime, row, card)


async def _end_read(
    session: Session, runtime: Runtime, run: Run, photo: UUID, card: UUID, reading: Reading
) -> None:
    """Store what was read, and answer with it."""
    await service.store_reading(session, runtime, run.owner, card, reading)
    row = await _find(session, run.owner, photo)
    if row is None:
        return
    row.card = card
    await _end(session, runtime, row, "done", run.id)
    await _answer(session, runtime, row, card)


async def _answer(session: Session, runtime: Runtime, row: LinePhoto, card: UUID) -> None:
    """Show the contacts, unless a summary will."""
    if not await batches.is_summed_up(session, row.owner, row.batch):
        return
    _, sender = _sent(runtime.codec, row)
    words = await chats.words(session, runtime, sender)
    found = await queries.find(session, row.owner, card)
    reading = queries.reading_of(runtime.codec, found[0])
    if reading is None:
        return
    same = () if row.was_cached else await queries.same_person(session, runtime.codec, found)
    said = answers.photo_read(
        *(card, reading, words),
        was_cached=row.was_cached,
        same=same,
        has_page=destination(runtime).is_set,
    )
    await delivery.answer(session, runtime, sender, said, token=row.token)


async def _end(
    session: Session, runtime: Runtime, row: LinePhoto, state: str, ending: UUID
) -> None:
    row.state = state
    row.ended_at = clock.now()
    await session.flush()
    await turns.queue_up(session, [row.person])
    await turns.give(session, runtime, row.owner, row.person, ending=ending)


async def _find(session: ReadSession, owner: UUID, photo: UUID) -> LinePhoto | None:
    query = select(LinePhoto).where(LinePhoto.owner == owner, LinePhoto.id == photo)
    return await session.scalar(query)


def _sent(codec: Codec, row: LinePhoto) -> tuple[Event, Sender]:
    """The event of a photo, and who sent it."""
    event = event_of(codec, row)
    found = sender_of(codec, row.owner, event)
    if found is None:
        raise Refused("the photo came from nobody")
    return event, found


def _lock(row: LinePhoto, kept: Kept) -> int:
    """One claim at a time for equal photos of one person."""
    return int(kept.sha256[:8], 16) ^ int(row.person[:8], 16)


def _place(photo: UUID) -> bytes:
    return place("cards.line_photos", "event", photo)
