"""What guests feel of the work on their orders, for `/stats`."""

from typing import Any, Final

import msgspec

from forthwith.platform.runtime import Runtime
from forthwith.platform.stats import Figures, Task

_ENDED: Final = """
select extract(epoch from r.created_at)::float8 as came,
  extract(epoch from r.started_at)::float8 as begun,
  extract(epoch from r.finished_at)::float8 as ended,
  r.state = 'succeeded' as succeeded, false as was_cached
from orders.orders o join platform.runs r on r.id = o.run
where o.created_at > now() - interval '1 day' and r.state in ('succeeded', 'failed')
  and r.started_at is not null
order by o.run desc limit $1
"""
_ACTIVE: Final = """
select count(*)::int as tasks
from orders.orders o join platform.runs r on r.id = o.run
where o.created_at > now() - interval '1 day' and r.state in ('queued', 'running')
"""
_MOST: Final = 1_000


async def figures(runtime: Runtime) -> Figures:
    """The newest orders of the last day that have ended, and those that are worked on."""
    ended = await runtime.db.fetch(_ENDED, _MOST)
    active: Any = await runtime.db.fetchrow(_ACTIVE)
    return Figures(
        ended=tuple(msgspec.convert(dict(row), Task) for row in ended),
        active_tasks=active["tasks"],
        concurrent_users=active["tasks"],
    )
