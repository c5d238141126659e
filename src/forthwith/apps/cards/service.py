"""The verbs of the cards application."""

from collections.abc import Mapping
from typing import BinaryIO
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, update

from forthwith.apps.cards import matching, queries
from forthwith.apps.cards.errors import CardNotFound, NoTextFound
from forthwith.apps.cards.models import Card, Identifier
from forthwith.apps.cards.reading import local
from forthwith.apps.cards.reading.advice import advise
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.integrations.ocr.page import Page
from forthwith.integrations.ocr.reader import read
from forthwith.platform import clock, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.pool import ProcessPool
from forthwith.platform.runtime import Runtime

LOCAL = "local"
"""The provider that needs no key: rapidocr and our own extractor."""


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
) -> None:
    """Keep a photo and queue its reading; both are safe when this returns."""
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
            )
        except BaseException:
            await _delete_photo(runtime, owner, blob.sha256)
            raise
    if not await runtime.blobs.has(owner, blob.sha256):  # deleted with another card meanwhile
        photo.seek(0)
        await runtime.blobs.put(owner, photo)


async def _delete_photo(runtime: Runtime, owner: UUID, photo: str) -> None:
    """Delete a photo that no card shows."""

    async def is_used() -> bool:
        async with runtime.db.read() as session:
            return await queries.photo_is_used(session, owner, photo)

    await runtime.blobs.delete(owner, photo, is_used)


async def look_at_photo(runtime: Runtime, owner: UUID, card: UUID) -> SeenPage:
    """Decode the photo of a card and read all text and codes on it."""
    async with runtime.db.read() as session:
        found, _ = await queries.find(session, owner, card)
    photo = await runtime.blobs.get(owner, found.photo)
    return await look(runtime.pool, photo)


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
        better = advice[0].message if advice else "Take it again, closer and sharp."
        raise NoTextFound(f"Nothing could be read on this photo. {better}")
    started = clock.monotonic()
    cards = await pool.run(local.extract_cards, page)
    return Reading(
        cards=cards,
        provider=LOCAL,
        seconds=round(seen.seconds + clock.monotonic() - started, 3),
        page=Upright(page.width, page.height, page.rotation),
        advice=advice,
    )


async def read_photo(pool: ProcessPool, photo: bytes) -> Reading:
    """Read a photo at once, without a run: for the command line."""
    return await extract_cards(pool, await look(pool, photo))


async def store_reading(
    session: Session, runtime: Runtime, owner: UUID, card: UUID, reading: Reading
) -> int:
    """Keep what was read; how many contacts. Raises `CardNotFound` when it was deleted."""
    sealed = runtime.codec.seal(reading, queries.reading_place(card))
    statement = update(Card).where(Card.id == card, Card.owner == owner).values(reading=sealed)
    stored = await session.scalar(statement.returning(Card.id))
    if stored is None:
        raise CardNotFound("The card was deleted while it was read.")
    await _index(session, runtime.codec, owner, card, reading)
    return len(reading.cards)


async def _index(session: Session, codec: Codec, owner: UUID, card: UUID, reading: Reading) -> None:
    """Make the card findable by what identifies its person, without storing any of it."""
    await session.execute(delete(Identifier).where(Identifier.card == card))
    digests = {
        codec.blind_index(each, f"cards.identifiers|{owner}")
        for contact in reading.cards
        for each in matching.identifiers(contact)
    }
    if digests:
        rows = [{"owner": owner, "digest": digest, "card": card} for digest in digests]
        await session.execute(insert(Identifier).values(rows))


async def delete_card(runtime: Runtime, owner: UUID, card: UUID) -> None:
    """Delete a card with its run, steps, events and, unless another card shows it, photo."""
    async with runtime.db.transaction() as session:
        statement = delete(Card).where(Card.id == card, Card.owner == owner)
        gone = (await session.execute(statement.returning(Card.run, Card.photo))).one_or_none()
        if gone is None:
            raise CardNotFound("There is no card with this id.")
        await session.execute(delete(Identifier).where(Identifier.card == card))
        await runtime.jobs.erase(session, owner, gone.run)
    await _delete_photo(runtime, owner, gone.photo)
