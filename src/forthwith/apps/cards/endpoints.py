"""`/cards`: send photos, look at contacts, follow, delete."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, Final, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response, Security
from fastapi.security import APIKeyHeader
from starlette.responses import StreamingResponse

from forthwith.apps.cards import exports, links, queries, quota, service
from forthwith.apps.cards.line import taking
from forthwith.apps.cards.notion import outbox
from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.schemas import CardView, Submitted
from forthwith.platform import ids, images
from forthwith.platform.context import Principal
from forthwith.platform.errors import TooLarge
from forthwith.platform.http import (
    KEY_RULE,
    NOT_CHANGED,
    Answer,
    EventStream,
    PageRequest,
    Router,
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
from forthwith.platform.runtime import Current, Runtime

router = Router(prefix="/cards", tags=["cards"])
aliases = APIRouter(include_in_schema=False)

_CHUNK_BYTES: Final = 1024 * 1024
_WEBHOOK_BYTES: Final = 1024 * 1024
"""A hundred events have a tenth of it; what is longer is hashed for nobody."""
_SIGNATURE: Final = APIKeyHeader(
    name="x-line-signature", auto_error=False, description="LINE's signature of the body."
)
_NO_SECURITY: Final[dict[str, Any]] = {"security": []}
"""The link itself is what lets in."""
_WEBHOOK: Final = {"content": {"application/json": {"schema": {"type": "object"}}}}
_EXPORTS: Final = {
    "csv": ("text/csv; charset=utf-8", "contacts.csv"),
    "vcard": ("text/vcard; charset=utf-8", "contacts.vcf"),
}
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
        header = images.check_header(photo.read(images.HEADER_BYTES), upload.size)
        photo.seek(0)
        repeatable = "idempotency-key" in request.headers
        digest = await asyncio.to_thread(_fingerprint, photo) if repeatable else b""
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
                condition=quota.condition(principal),
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
        cards = [row[0].id for row in rows]
        notion = await outbox.pages_of(session, runtime, principal.owner, cards)

    def view(row: queries.CardAndRun) -> CardView:
        return queries.view(runtime.codec, row, notion=notion.get(row[0].id))

    return Answer(page.answer(rows, view, lambda row: row[0].id))


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, "text/vcard": {}}}},
)
async def export_cards(
    runtime: Current,
    principal: Reader,
    form: Annotated[Literal["csv", "vcard"], Query(alias="format")] = "csv",
) -> Response:
    """All your contacts as one file: CSV for a spreadsheet, or vCards for an address book."""
    media_type, name = _EXPORTS[form]
    content = _exported(runtime, principal.owner, form)
    return StreamingResponse(content, media_type=media_type, headers=_download(name))


@router.post("/line/webhook", openapi_extra={"requestBody": _WEBHOOK})
@aliases.post("/callback")
async def take_line_webhook(
    request: Request,
    runtime: Current,
    signature: Annotated[str | None, Security(_SIGNATURE)] = None,
) -> Response:
    """Where LINE sends its events, signed; they are safe when this answers."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _WEBHOOK_BYTES:
            raise TooLarge("A webhook of LINE has at most 1 MiB.")
    taken = await taking.receive(runtime, body, signature)
    return Answer({"taken": taken})


@router.get(
    "/shared/{token}/vcard",
    response_class=Response,
    responses={200: {"content": {"text/vcard": {}}}},
    openapi_extra=_NO_SECURITY,
)
async def get_shared_vcard(runtime: Current, token: str) -> Response:
    """The contact of a signed link as a vCard 4.0 file; the link is good for a day."""
    contact = await _shared(runtime, token)
    headers = _download(f"{exports.file_name(contact)}.vcf")
    return Response(exports.vcard(contact), media_type="text/vcard", headers=headers)


@router.get(
    "/shared/{token}/qr",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
    openapi_extra=_NO_SECURITY,
)
async def get_shared_qr_code(runtime: Current, token: str) -> Response:
    """The contact of a signed link as a QR code; the link is good for a day."""
    image = exports.qr_code(await _shared(runtime, token))
    return Response(image, media_type="image/png", headers={"Cache-Control": "private"})


@router.get("/{card_id}", responses=NOT_CHANGED)
async def get_card(
    request: Request, runtime: Current, principal: Reader, card_id: UUID
) -> Response:
    """One card; 304 with If-None-Match while nothing changed."""
    async with runtime.db.read() as session:
        row = await queries.find(session, principal.owner, card_id)
        same = await queries.same_person(session, runtime.codec, row)
        notion = await outbox.pages_of(session, runtime, principal.owner, [card_id])
    found = queries.view(runtime.codec, row, same, notion.get(card_id))
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


@router.get(
    "/{card_id}/vcard",
    response_class=Response,
    responses={200: {"content": {"text/vcard": {}}}},
)
async def get_vcard(runtime: Current, principal: Reader, card_id: UUID) -> Response:
    """The contact as a vCard 4.0 file."""
    async with runtime.db.read() as session:
        row = await queries.find(session, principal.owner, card_id)
    card = queries.contact(runtime.codec, row)
    headers = _download(f"{exports.file_name(card)}.vcf")
    return Response(exports.vcard(card), media_type="text/vcard", headers=headers)


@router.get(
    "/{card_id}/qr",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def get_qr_code(runtime: Current, principal: Reader, card_id: UUID) -> Response:
    """The contact as a QR code that another phone can scan."""
    async with runtime.db.read() as session:
        row = await queries.find(session, principal.owner, card_id)
    image = exports.qr_code(queries.contact(runtime.codec, row))
    return Response(image, media_type="image/png", headers={"Cache-Control": "private"})


@router.delete("/{card_id}")
async def delete_card(runtime: Current, principal: Writer, card_id: UUID) -> Response:
    """Delete a card, its photo and everything that was read from it."""
    await service.delete_card(runtime, principal.owner, card_id)
    return Answer({"id": card_id}, message="The card was deleted.")


async def _shared(runtime: Runtime, token: str) -> CardReading:
    """The contact that a signed link opens. Raises `LinkExpired`."""
    linked = links.opened(runtime.codec, token)
    async with runtime.db.read() as session:
        row = await queries.find(session, linked.owner, linked.card)
    return queries.contact(runtime.codec, row, linked.number)


async def _exported(runtime: Runtime, owner: UUID, form: str) -> AsyncIterator[str]:
    if form == "csv":
        yield exports.csv_head()
    async for contact in queries.contacts(runtime.db, runtime.codec, owner):
        yield exports.csv_row(contact) if form == "csv" else exports.vcard(contact.card)


def _download(name: str) -> dict[str, str]:
    """Headers of a file to keep; names outside ASCII go by RFC 5987."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return {"Content-Disposition": disposition, "Cache-Control": "private"}


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
