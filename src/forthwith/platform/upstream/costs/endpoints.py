"""`/costs`: what your calls to vendors cost, and what was saved."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Response

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.http import Answer, Db, Router, require
from forthwith.platform.upstream.costs import queries

router = Router(prefix="/costs", tags=["costs"])

Reader = Annotated[Principal, Depends(require("costs:read"))]


@router.get("")
async def list_costs(
    db: Db,
    principal: Reader,
    by: Annotated[queries.GroupBy, Query(description="What to sum by.")] = "app",
    days: Annotated[int, Query(ge=1, le=366, description="How far back.")] = 30,
) -> Response:
    """Your calls, tokens and money in millionths of the currency, and what caches saved."""
    since = clock.now() - timedelta(days=days)
    async with db.read() as session:
        lines = await queries.summed(session, principal.owner, by=by, since=since)
    return Answer({"since": since.isoformat(), "by": by, "items": lines})
