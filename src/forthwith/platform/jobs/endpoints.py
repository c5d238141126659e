"""`/runs`: look at a run, follow it, cancel it, try it again."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response

from forthwith.platform.context import Principal
from forthwith.platform.events import Feed
from forthwith.platform.http import (
    NOT_CHANGED,
    Answer,
    Db,
    EventStream,
    PageRequest,
    Router,
    Sealing,
    ServerSentEvent,
    last_event_id,
    page_request,
    require,
    tagged,
)
from forthwith.platform.jobs import queries
from forthwith.platform.jobs.face import Jobs

router = Router(prefix="/runs", tags=["runs"])

Reader = Annotated[Principal, Depends(require("runs:read"))]
Writer = Annotated[Principal, Depends(require("runs:write"))]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]
Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@router.get("")
async def list_runs(
    db: Db,
    codec: Sealing,
    principal: Reader,
    page: Annotated[PageRequest, Depends(page_request)],
    status: Annotated[Status | None, Query()] = None,
    name: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Your runs, newest first."""
    async with db.read() as session:
        rows = await queries.listed(
            session,
            principal.owner,
            status=status,
            name=name,
            before=page.before,
            limit=page.limit + 1,
        )
    return Answer(page.answer(rows, lambda row: queries.view(codec, row), lambda row: row.id))


@router.get("/{run_id}", responses=NOT_CHANGED)
async def get_run(
    request: Request, db: Db, codec: Sealing, principal: Reader, run_id: UUID
) -> Response:
    """One run; 304 with If-None-Match while nothing changed."""
    async with db.read() as session:
        row = await queries.find(session, principal.owner, run_id)
    found = queries.view(codec, row)
    return tagged(request, found, pending=found.processing)


@router.get(
    "/{run_id}/events",
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def follow_run(
    request: Request, db: Db, principal: Reader, run_id: UUID, last_event: LastEventId = None
) -> EventStream:
    """Progress as server-sent events, replayed after Last-Event-ID, until the run ends."""
    async with db.read() as session:
        await queries.find(session, principal.owner, run_id)
    return stream(request.state.feed, run_id, last_event)


@router.post("/{run_id}/cancel")
async def cancel_run(request: Request, principal: Writer, run_id: UUID) -> Response:
    """Cancel a run that has not ended; 409 when it has."""
    jobs: Jobs = request.state.jobs
    await jobs.cancel(principal.owner, run_id)
    return Answer({"id": run_id, "status": "cancelled"}, message="The run was cancelled.")


@router.post("/{run_id}/retry")
async def retry_run(request: Request, principal: Writer, run_id: UUID) -> Response:
    """Queue a failed or cancelled run again; finished steps stay finished."""
    jobs: Jobs = request.state.jobs
    await jobs.retry(principal.owner, run_id)
    return Answer({"id": run_id, "status": "queued"}, message="The run was queued again.")


def stream(feed: Feed, run: UUID, last_event: str | None) -> EventStream:
    """The event stream of a run that the caller may see."""
    return EventStream(_events(feed, run, last_event_id(last_event)))


async def _events(feed: Feed, run: UUID, after: int) -> AsyncIterator[ServerSentEvent | None]:
    async for event in feed.follow(run, after, until=queries.ENDED):
        if event is None:
            yield None
        else:
            yield ServerSentEvent(event.seq, event.kind, {**event.data, "at": event.at})
