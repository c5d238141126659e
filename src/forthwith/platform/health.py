"""Whether this process lives, is ready, and how its parts do; and its metrics."""

import asyncio
import ipaddress
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from forthwith.platform import clock, context, metrics
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.errors import Unauthorized
from forthwith.platform.http import Db, Problem, plain
from forthwith.platform.upstream.opening import FleetStores
from forthwith.platform.upstream.upstreams import Upstreams

_PATIENCE_SECONDS: Final = 2.0
"""A part that does not answer in this time is unhealthy; probes wait no longer."""

router = APIRouter(tags=["health"])
aliases = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> Response:
    """This process answers."""
    return plain({"status": "alive", "timestamp": clock.now().isoformat()})


@router.get("/health/ready", responses={503: {"description": "Not ready"}})
async def ready(request: Request, db: Db) -> Response:
    """This process can take work: its database answers."""
    if await _database(db) == "healthy":
        return plain({"status": "ready"})
    return Problem(
        status=503,
        code="UNAVAILABLE",
        title="Service unavailable",
        detail="The database does not answer; try again shortly.",
        instance=request.url.path,
        headers={"Retry-After": "2"},
    )


@router.get("/health", responses={503: {"description": "A part is unhealthy"}})
@aliases.get("/api/v1/health")
async def health(request: Request, db: Db) -> Response:
    """Each part: healthy, unhealthy, or not_configured (which is no fault); and each vendor.

    A vendor that fails makes nothing unhealthy here: what can be answered without it is.
    """
    services = {
        "database": await _database(db),
        "redis": await _redis(request.state.stores),
        "jobs": await _jobs(db),
    }
    well = all(state in {"healthy", "not_configured"} for state in services.values())
    return plain(
        {
            "status": "healthy" if well else "unhealthy",
            "timestamp": clock.now().isoformat(),
            "services": services,
            "vendors": await _vendors(request.state.upstreams),
        },
        status=HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE,
    )


@router.get("/metrics", response_class=Response)
async def exposition(request: Request) -> Response:
    """Prometheus metrics: open on loopback, with a key elsewhere."""
    require_loopback_or_key(request)
    text, content_type = metrics.exposition()
    return Response(text, media_type=content_type)


def require_loopback_or_key(request: Request) -> None:
    """Raise `Unauthorized` for a stranger on another machine."""
    if not _from_loopback(request) and context.principal.get() is None:
        raise Unauthorized("Send an API key; only this machine may read metrics without one.")


async def _database(db: Database) -> str:
    return await _state(db, "select 1")


async def _jobs(db: Database) -> str:
    return await _state(db, "select 1 from platform.runs limit 1")


async def _redis(stores: FleetStores) -> str:
    if stores.redis is None:
        return "not_configured"
    return "healthy" if await stores.redis.answers() else "unhealthy"


async def _vendors(upstreams: Upstreams) -> dict[str, Any]:
    """State and until when, by name; keys are nobody's business here."""
    statuses = await upstreams.statuses()
    return {
        name: {"status": each.condition, "until": each.until and each.until.isoformat()}
        for name, each in statuses.items()
    }


async def _state(db: Database, sql: str) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await db.fetchrow(sql)
    except FAILURES:
        return "unhealthy"
    return "healthy"


def _from_loopback(request: Request) -> bool:
    """Directly from this machine; a proxy here speaks for somebody else."""
    peer: Any = request.client
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return peer is not None and not forwarded and _is_loopback(peer.host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
