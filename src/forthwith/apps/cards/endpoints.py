"""`/cards`: send photos, look at contacts, follow, delete."""

import asyncio
import hashlib
from typing import Annotated, BinaryIO, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.responses import StreamingResponse

from forthwith.apps.cards import queries, service
from forthwith.apps.cards.schemas import Submitted
from forthwith.platform import ids, images
from forthwith.platform.context import Principal
from forthwith.platform.http import (
    KEY_RULE,
    NOT_CHANGED,
    Answer,
    EventStream,
    PageRequest,
    accepted,
    answer_once,
    idempotency_key,
    page_request,
    require,
    tagged,
    upload_schema,
    uploaded_file,
)
from forthwith.platform.jobs import stream
from forthwith.platform.runtime import Current

router = APIRouter(prefix="/cards", tags=["cards"])

_CHUNK_BYTES: Final = 1024 * 1024
Reader = Annotated[Principal, Depends(require("cards:read"))]
Writer = Annotated[Principal, Depends(require("cards:write"))]
Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@router.post(
    "",
    status_code=202,
    openapi_extra=upload_schema("photo", "JPEG, PNG, WebP or HEIC, at most 15 MB."),
)
async def submit_photo(
    request: Request,
    runtime: Current,
    principal: Writer,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Send a photo of one or more business cards; poll or follow what `data` names."""
    upload = await uploaded_file(request, "photo")
    try:
        photo = upload.file
        header = images.check_header(photo.read(images.HEADER_BYTES), upload.size or 0)
        digest = await asyncio.to_thread(_fingerprint, photo)
        card, run = ids.new(), ids.new()

        async def create(idempotency: dict[str, object] | None) -> None:
            await service.submit_photo(
                runtime,
                card=card,
                run=run,
                owner=principal.owner,
                photo=photo,
                media_type=f"image/{header.format.lower()}",
                idempotency=idempotency,
            )

        key = idempotency_key(request, principal.owner, digest)
        return await answer_once(runtime.db, runtime.codec, key, _submitted(card, run), create)
    finally:
        await upload.close()


@router.get("")
async def list_cards(
    runtime: Current,
    principal: Reader,
    page: Annotated[PageRequest, Depends(page_request)],
    status: Annotated[Status | None, Query()] = None,
) -> Response:
    """Your cards, newest first."""
    async with runtime.db.read() as session:
        rows = await queries.listed(
            session, principal.owner, status=status, before=page.before, limit=page.limit + 1
        )
    codec = runtime.codec
    return Answer(page.answer(rows, lambda row: queries.view(codec, row), lambda row: row[0].id))


@router.get("/{card_id}", responses=NOT_CHANGED)
async def get_card(
    request: Request, runtime: Current, principal: Reader, card_id: UUID
) -> Response:
    """One card; 304 with If-None-Match while nothing changed."""
    async with runtime.db.read() as session:
        row = await queries.find(session, principal.owner, card_id)
    found = queries.view(runtime.codec, row)
    return tagged(request, found, pending=found.processing)


@router.get(
    "/{card_id}/events",
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def follow_card(
    runtime: Current,
    principal: Reader,
    card_id: UUID,
    last_event: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
) -> EventStream:
    """The reading's progress as server-sent events, until it ends."""
    async with runtime.db.read() as session:
        card, _ = await queries.find(session, principal.owner, card_id)
    return stream(runtime.feed, card.run, last_event)


@router.get("/{card_id}/photo", response_class=Response)
async def get_photo(runtime: Current, principal: Reader, card_id: UUID) -> Response:
    """The photo as it was sent."""
    async with runtime.db.read() as session:
        card, _ = await queries.find(session, principal.owner, card_id)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    content = await runtime.blobs.open(principal.owner, card.photo)
    return StreamingResponse(content, media_type=card.media_type, headers=headers)


@router.delete("/{card_id}")
async def delete_card(runtime: Current, principal: Writer, card_id: UUID) -> Response:
    """Delete a card, its photo and everything that was read from it."""
    await service.delete_card(runtime, principal.owner, card_id)
    return Answer({"id": card_id}, message="The card was deleted.")


def _fingerprint(photo: BinaryIO) -> bytes:
    """SHA-256 of the whole photo; leaves it at its start."""
    digest = hashlib.sha256()
    photo.seek(0)
    while chunk := photo.read(_CHUNK_BYTES):
        digest.update(chunk)
    photo.seek(0)
    return digest.digest()


def _submitted(card: UUID, run: UUID) -> Answer:
    url = f"/api/v1/cards/{card}"
    submitted = Submitted(
        card_id=card,
        run_id=run,
        status="queued",
        polling_url=url,
        events_url=f"{url}/events",
        run_url=f"/api/v1/runs/{run}",
    )
    return accepted(submitted, location=url, message="The photo is safe; its reading has begun.")
