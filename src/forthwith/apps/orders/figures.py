"""What guests feel of the work on their orders, for `/stats`."""

from typing import Final

from forthwith.platform.runtime import Runtime
from forthwith.platform.stats import Figures, figures_by

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
select count(*)::int as tasks, count(*)::int as users
from orders.orders o join platform.runs r on r.id = o.run
where o.created_at > now() - interval '1 day' and r.state in ('queued', 'running')
"""


async def figures(runtime: Runtime) -> Figures:
    """The newest orders of the last day that have ended, and those that are worked on."""
    return await figures_by(runtime.db, ended=_ENDED, active=_ACTIVE)
