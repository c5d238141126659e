"""What people feel of the reading of cards, for `/stats`."""

from typing import Final

from forthwith.platform.runtime import Runtime
from forthwith.platform.stats import Figures, figures_by

_ENDED: Final = """
select extract(epoch from came)::float8 as came, extract(epoch from begun)::float8 as begun,
  extract(epoch from ended)::float8 as ended, succeeded, was_cached
from (
  (select received_at as came, coalesce(started_at, received_at) as begun, ended_at as ended,
     state = 'done' as succeeded, was_cached
   from cards.line_photos
   where ended_at is not null and received_at > now() - interval '1 day'
   order by received_at desc limit $1)
  union all
  (select r.created_at, r.started_at, r.finished_at, r.state = 'succeeded', false
   from cards.cards c join platform.runs r on r.id = c.run
   where c.person is null and c.created_at > now() - interval '1 day'
     and r.state in ('succeeded', 'failed') and r.started_at is not null
   order by c.id desc limit $1)
) as tasks
"""

_ACTIVE: Final = """
select count(*)::int as tasks, count(distinct person)::int as users
from (
  select person from cards.line_photos where state = 'waiting'
  union all
  select c.owner::text from cards.cards c join platform.runs r on r.id = c.run
  where c.person is null and r.state in ('queued', 'running')
) as waiting
"""


async def figures(runtime: Runtime) -> Figures:
    """The photos of the last day that have ended, and what is being read now."""
    return await figures_by(runtime.db, ended=_ENDED, active=_ACTIVE)
