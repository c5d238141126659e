"""Our API as `forthwith serve` runs it, with one more route: a plain run of a job."""

import os
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy import column, table

from benchmarks.servers import serving
from forthwith import registry
from forthwith.platform import ids, logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.context import Principal
from forthwith.platform.garbage import collect_rarely
from forthwith.platform.http import accepted, answer_once, idempotency_key, require
from forthwith.platform.jobs import Run, job
from forthwith.platform.runtime import Current, Runtime, open_runtime
from forthwith.server import API, create_app

NOTES = table("notes", column("id"), column("owner"), column("run"), column("text"))
router = APIRouter()
Writer = Annotated[Principal, Depends(require("notes:write"))]


class Note(BaseModel):
    """What is sent."""

    text: str


class Submitted(msgspec.Struct):
    """What is answered."""

    note_id: UUID
    run_id: UUID
    polling_url: str


@job("notes.keep")
async def keep(_: Run, __: Runtime, *, note_id: UUID) -> None:
    """Nothing: the workers are stopped while answers are measured."""


@router.post("/notes", status_code=202)
async def add_note(request: Request, runtime: Current, principal: Writer, note: Note) -> Response:
    """Write a note and queue its run, as every route of ours that starts work does."""
    created, run = ids.new(), ids.new()
    url = f"{API}/runs/{run}"

    async def create(idempotency: dict[str, object] | None) -> None:
        row = {"id": created, "owner": principal.owner, "run": run, "text": note.text}
        await runtime.jobs.enqueue_with(
            NOTES,
            row,
            keep.name,
            {"note_id": created},
            owner=principal.owner,
            run=run,
            idempotency=idempotency,
        )

    key = idempotency_key(request, principal.owner, note.text.encode())
    answer = accepted(Submitted(created, run, url), location=url, message="The note is safe.")
    return await answer_once(runtime.db, runtime.codec, key, answer, create)


async def _serve(serve: serving.Serve) -> None:
    settings = PlatformSettings()
    logging.configure(settings.log, service="api")
    apps = registry.selected(settings.apps.names)
    jobs = [*registry.jobs(apps), keep]
    async with open_runtime(settings, os.environ["DATABASE_URL"], jobs, ()) as runtime:
        app = create_app(settings, runtime)
        app.include_router(router, prefix=API)
        collect_rarely()
        await serve(app)


if __name__ == "__main__":
    serving.main(_serve)
