"""The verbs of the cards application."""

from collections.abc import Mapping
from typing import BinaryIO, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, or_, select, update

from forthwith.apps.cards import indexing, queries, quota
from forthwith.apps.cards.errors import CardNotFound, NoTextFound
from forthwith.apps.cards.models import Card, Gram, Identifier, LinePhoto
from forthwith.apps.cards.notion import outbox
from forthwith.apps.cards.reading import local
from forthwith.apps.cards.reading.advice import advise
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.reader import read
from forthwith.platform import clock, metrics
from forthwith.platform.db import Session
from forthwith.platform.jobs import ENDED, Condition, MovedRun, RunRow
from forthwith.platform.pool import ProcessPool
from forthwith.platform.runtime import Runtime

LOCAL = "local"
"""The provider that needs no key: rapidocr and our own extractor."""


_STORE: Final = """
update cards.cards set reading = $3 where owner = $1 and id = $2 returning person
"""


class SeenPage(msgspec.Struct, frozen=True):
    """What the local reader saw, and how long it looked."""

    page: Page
    seconds: float


async def submit_photo(
    runtime: Runtime,
    *,
    card: UUID,
    run: UUID,
    owner: UUID,
    photo: BinaryIO,
    media_type: str,
    idempotency: Mapping[str, object] | None,
    condition: Condition | None,
) -> None:
    """Keep a photo and queue its reading, if the condition holds; safe when this returns."""
    async with runtime.blobs.putting(owner, photo) as blob:
        row = {
            "id": card,
            "owner": owner,
            "run": run,
            "photo": blob.sha256,
            "media_type": media_type,
        }
        try:
            await runtime.jobs.enqueue_with(
                Card,
                row,
                "cards.read",
                {"card_id": card},
                owner=owner,
                run=run,
                idempotency=idempotency,
                condition=condition,
            )
        except BaseException:
            await _delete_photo(runtime, owner, blob.sha256)
            raise
    if not await runtime.blobs.has(owner, blob.sha256):  # deleted with another card meanwhile
        photo.seek(0)
        await runtime.blobs.put(owner, photo)


async def give_photo_back(session: Session, run: MovedRun) -> None:
    """The run of a photo that was sent in has ended; unread, it counts no more."""
    await quota.give_back(session, run.owner, run.id, _card_of(run))


async def take_photo_again(session: Session, run: MovedRun) -> None:
    """The run is queued again."""
    await quota.take_again(session, run.owner, run.id, _card_of(run))


def _card_of(run: MovedRun) -> ColumnElement[bool]:
    return Card.id == UUID(str(run.args["card_id"]))


async def _delete_photo(runtime: Runtime, owner: UUID, photo: str) -> None:
    """Delete a photo that no card shows, and what models said of it."""

    async def is_used() -> bool:
        async with runtime.db.read() as session:
            return await queries.photo_is_used(session, owner, photo)

    await runtime.blobs.delete(owner, photo, is_used)
    await runtime.stores.cache.invalidate(tag=answers_tag(owner, photo))


def answers_tag(owner: UUID, photo: str) -> str:
    """What answers of models about a photo, by its SHA-256, are forgotten with."""
    return f"cards.photo|{owner}|{photo}"


async def photo_of(runtime: Runtime, owner: UUID, card: UUID) -> bytes:
    """The photo of a card, as it was sent."""
    async with runtime.db.read() as session:
        found, _ = await queries.find(session, owner, card)
    return await runtime.blobs.get(owner, found.photo)


async def look(pool: ProcessPool, photo: bytes) -> SeenPage:
    """Read all text and codes on a photo, in a process of the pool."""
    started = clock.monotonic()
    metrics.ocr_requests.labels("card").inc()
    try:
        page = await read(pool, photo)
    except Exception:
        metrics.ocr_errors.labels("card").inc()
        raise
    seconds = clock.monotonic() - started
    metrics.ocr_seconds.labels("card").observe(seconds)
    return SeenPage(page, seconds)


async def extract_cards(pool: ProcessPool, seen: SeenPage) -> Reading:
    """Turn what was seen into contacts. Raises `NoTextFound` for a photo without any."""
    page, advice = seen.page, advise(seen.page)
    if not page.lines and not page.codes:
        raise nothing_found(page)
    started = clock.monotonic()
    cards = await pool.run(local.extract_cards, page)
    return Reading(
        cards=cards,
        provider=LOCAL,
        seconds=round(seen.seconds + clock.monotonic() - started, 3),
        page=Upright(page.width, page.height, page.rotation),
        advice=advice,
    )


def nothing_found(page: Page) -> NoTextFound:
    """What is told of a photo without any text."""
    advice = advise(page)
    better = advice[0].message if advice else "Take it again, closer and sharp."
    return NoTextFound(f"Nothing could be read on this photo. {better}")


async def read_photo(pool: ProcessPool, photo: bytes) -> Reading:
    """Read a photo on this machine, at once and without a run."""
    return await extract_cards(pool, await look(pool, photo))


async def store_reading(
    session: Session, runtime: Runtime, owner: UUID, card: UUID, reading: Reading
) -> int:
    """Keep what was read; how many contacts. Raises `CardNotFound` when it was deleted."""
    sealed = runtime.codec.seal(reading, queries.reading_place(card))
    stored = await session.fetchrow(_STORE, owner, card, sealed)
    if stored is None:
        raise CardNotFound("The card was deleted while it was read.")
    who = queries.CardOf(owner, stored["person"], card)
    await indexing.index(session, runtime.codec, who, reading.cards)
    await outbox.ask(session, runtime, owner, card)
    return len(reading.cards)


async def delete_card(runtime: Runtime, owner: UUID, card: UUID) -> None:
    """Delete a card with its run, steps, events and, unless another card shows it, photo."""
    async with runtime.db.transaction() as session:
        photos = await erase_card(session, runtime, owner, card)
    await forget_photos(runtime, owner, photos)


async def erase_card(
    session: Session, runtime: Runtime, owner: UUID, card: UUID
) -> tuple[str, ...]:
    """Delete the rows of a card and of those merged into it; what their photos are named.

    Raises `CardNotFound`.
    """
    whole = or_(Card.id == card, Card.merged_into == card)
    await _end_quota(session, owner, card)
    statement = delete(Card).where(Card.owner == owner, whole)
    gone = (await session.execute(statement.returning(Card.id, Card.run, Card.photo))).all()
    if not any(each.id == card for each in gone):
        raise CardNotFound("There is no card with this id.")
    cards = [each.id for each in gone]
    for table in (Identifier, Gram):
        await session.execute(delete(table).where(table.card.in_(cards)))
    await outbox.let_go(session, runtime, owner, cards)
    sent = delete(LinePhoto).where(LinePhoto.owner == owner, LinePhoto.card.in_(cards))
    runs = {each.run for each in gone}
    runs |= {run for run in await session.scalars(sent.returning(LinePhoto.run)) if run}
    for run in runs:
        await runtime.jobs.erase(session, owner, run)
    return tuple({each.photo for each in gone})


async def _end_quota(session: Session, owner: UUID, card: UUID) -> None:
    """A card that goes before it was read counts no more; what has ended has seen to that."""
    reading = (
        select(RunRow.id)
        .join(Card, Card.run == RunRow.id)
        .where(Card.owner == owner, Card.id == card, RunRow.state.not_in(ENDED))
        .with_for_update(of=RunRow)
    )
    run = await session.scalar(reading)
    if run is not None:
        await quota.give_back(session, owner, run, Card.id == card)


async def hide_merged(
    session: Session, runtime: Runtime, owner: UUID, card: UUID, into: UUID
) -> None:
    """Show a card no more: another one says what it says. What was merged before goes along."""
    which = or_(Card.id == card, Card.merged_into == card)
    await session.execute(update(Card).where(Card.owner == owner, which).values(merged_into=into))
    for table in (Identifier, Gram):
        await session.execute(delete(table).where(table.owner == owner, table.card == card))
    await outbox.let_go(session, runtime, owner, [card])


async def forget_photos(runtime: Runtime, owner: UUID, photos: tuple[str, ...]) -> None:
    """Delete those of these photos that no card shows any more."""
    for photo in photos:
        await _delete_photo(runtime, owner, photo)
