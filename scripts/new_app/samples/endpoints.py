"""`/samples`: add, list, look."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response

from forthwith.apps.samples import queries, service
from forthwith.apps.samples.schemas import NewSample
from forthwith.platform import ids
from forthwith.platform.context import Principal
from forthwith.platform.http import (
    KEY_RULE,
    NOT_CHANGED,
    Answer,
    PageRequest,
    Router,
    accepted,
    answer_once,
    idempotency_key,
    page_request,
    require,
    tagged,
)
from forthwith.platform.runtime import Current

router = Router(prefix="/samples", tags=["samples"])

Reader = Annotated[Principal, Depends(require("samples:read"))]
Writer = Annotated[Principal, Depends(require("samples:write"))]


@router.post("", status_code=202)
async def add_sample(
    request: Request,
    runtime: Current,
    principal: Writer,
    body: NewSample,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Add a sample; the work on it begins at once."""
    sample, run = ids.new(), ids.new()

    async def create(idempotency: dict[str, object] | None) -> None:
        await service.add_sample(
            runtime,
            sample=sample,
            run=run,
            owner=principal.owner,
            content=body.content,
            idempotency=idempotency,
        )

    url = f"/api/v1/samples/{sample}"
    data = {"sample_id": sample, "run_id": run, "status": "queued", "polling_url": url}
    answer = accepted(data, location=url, message="The sample is safe; the work has begun.")
    fingerprint = hashlib.sha256(body.content.encode()).digest()
    key = idempotency_key(request, principal.owner, fingerprint)
    return await answer_once(runtime.db, runtime.codec, key, answer, create)


@router.get("")
async def list_samples(
    runtime: Current, principal: Reader, page: Annotated[PageRequest, Depends(page_request)]
) -> Response:
    """Your samples, newest first."""
    async with runtime.db.read() as session:
        rows = await queries.listed(
            session, principal.owner, before=page.before, limit=page.limit + 1
        )
    codec = runtime.codec
    return Answer(page.answer(rows, lambda row: queries.view(codec, row), lambda row: row[0].id))


@router.get("/{sample_id}", responses=NOT_CHANGED)
async def get_sample(
    request: Request, runtime: Current, principal: Reader, sample_id: UUID
) -> Response:
    """One sample; 304 with If-None-Match while nothing changed."""
    async with runtime.db.read() as session:
        row = await queries.find(session, principal.owner, sample_id)
    found = queries.view(runtime.codec, row)
    return tagged(request, found, pending=found.processing)
