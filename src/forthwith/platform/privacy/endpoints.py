"""`/privacy`: get everything that is kept of you or of a person, or have it deleted."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from fastapi import Body, Depends, Header, Request, Response
from pydantic import BeforeValidator, Field
from starlette.responses import StreamingResponse

from forthwith.platform import audit, clock, ids
from forthwith.platform.context import Principal
from forthwith.platform.errors import Conflict
from forthwith.platform.http import (
    KEY_RULE,
    Answer,
    JsonBody,
    PageRequest,
    Router,
    accepted,
    answer_once,
    idempotency_key,
    page_request,
    require,
    tagged,
)
from forthwith.platform.privacy import service
from forthwith.platform.privacy.jobs import ERASE, EXPORT
from forthwith.platform.privacy.models import Export
from forthwith.platform.runtime import Current

router = Router(prefix="/privacy", tags=["privacy"])

Reader = Annotated[Principal, Depends(require("privacy:read"))]
Writer = Annotated[Principal, Depends(require("privacy:write"))]
_SHORTEST: Final = 8  # characters; what is shorter would be found in what is somebody else's


def _said(person: object) -> object:
    """Null is a value that went missing on its way, not the wish to lose the whole account."""
    if person is None:
        raise ValueError("name somebody; leave it out to mean your whole account")
    return person


class Whose(JsonBody):
    """Of whom: without `person` of your whole account, over all applications."""

    person: Annotated[
        str | None,
        Field(
            min_length=_SHORTEST,
            max_length=200,
            pattern=r"^[^\x00-\x1f\x7f]+$",
            description="The id by which another service knows somebody, such as a LINE user id.",
        ),
        BeforeValidator(_said),
    ] = None


class Asked(msgspec.Struct, frozen=True):
    """The answer to what was taken in."""

    run_id: UUID
    status: str
    polling_url: str
    export_id: UUID | None = None


@router.post("/export", status_code=202)
async def export(
    request: Request,
    runtime: Current,
    principal: Writer,
    whose: Annotated[Whose | None, Body()] = None,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Have everything put into a ZIP file that only you can fetch, for three days."""
    person = whose.person if whose else None
    made, run = ids.new(), ids.new()
    url = f"/api/v1/privacy/exports/{made}"
    answer = accepted(
        Asked(run, "queued", url, made), location=url, message="The archive is being made."
    )

    async def create(idempotency: dict[str, object] | None) -> None:
        await runtime.jobs.enqueue_with(
            Export,
            {
                "id": made,
                "owner": principal.owner,
                "run": run,
                "file": None,
                "size": None,
                "expires_at": clock.now() + service.KEPT,
            },
            EXPORT,
            {"export": made, "person": person},
            owner=principal.owner,
            run=run,
            idempotency=idempotency,
        )

    key = idempotency_key(request, principal.owner, (person or "").encode())
    return await answer_once(runtime.db, runtime.codec, key, answer, create)


@router.get("")
async def list_exports(
    runtime: Current, principal: Reader, page: Annotated[PageRequest, Depends(page_request)]
) -> Response:
    """Your exports that can still be fetched, newest first."""
    async with runtime.db.read() as session:
        found = await service.listed(
            session, principal.owner, before=page.before, limit=page.limit + 1
        )
    return Answer(page.answer(found, service.view, lambda each: each[0].id))


@router.get("/exports/{export_id}")
async def get_export(
    request: Request, runtime: Current, principal: Reader, export_id: UUID
) -> Response:
    """Whether the archive is made, and where it is."""
    async with runtime.db.read() as session:
        found = await service.find_export(session, principal.owner, export_id)
    shown = service.view(found)
    return tagged(request, shown, pending=shown.processing)


@router.get(
    "/exports/{export_id}/file",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
async def get_file(runtime: Current, principal: Reader, export_id: UUID) -> Response:
    """The archive: JSON of every table, and files, as they were sent."""
    async with runtime.db.read() as session:
        found, _ = await service.find_export(session, principal.owner, export_id)
    content = await runtime.blobs.open(principal.owner, service.fetchable(found))
    headers = {
        "Content-Disposition": 'attachment; filename="forthwith-export.zip"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(content, media_type="application/zip", headers=headers)


@router.delete("", status_code=202)
async def erase(
    runtime: Current, principal: Writer, whose: Annotated[Whose | None, Body()] = None
) -> Response:
    """Delete your whole account with everything in it, or a person among what you keep.

    With your account your keys and sessions end: its run can be looked at until then.
    """
    person = whose.person if whose else None
    if person is None and principal.role == "operator":
        raise Conflict(
            "An operator's account runs this deployment and is not deleted; name a `person`."
        )
    owner, about = principal.owner, service.subject_index(runtime.codec, principal.owner, person)
    scope = service.ACCOUNT if person is None else service.PERSON
    async with runtime.db.transaction() as session:
        args = {"scope": scope, "person": person}
        run = await runtime.jobs.enqueue(session, ERASE, args, owner=owner, unique=about)
        asked = "privacy.erasure_asked"
        await audit.record(session, runtime.codec, asked, owner=owner, subject=about)
    url = f"/api/v1/runs/{run}"
    return accepted(Asked(run, "queued", url), location=url, message="It is being deleted.")
