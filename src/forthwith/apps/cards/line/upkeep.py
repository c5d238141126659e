"""Every minute: what a cancelled run left behind goes on, what is over is forgotten."""

from typing import Final

from sqlalchemy import text

from forthwith.apps.cards.line import delivery, turns
from forthwith.platform.db import Session
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

_FORGET: Final = (
    text("delete from cards.reply_tokens where expires_at < now() - interval '1 hour'"),
    text("delete from cards.outgoing where ended_at < now() - interval '1 day'"),
    text("delete from cards.outgoing where created_at < now() - interval '31 days'"),
    text("delete from cards.line_photos where ended_at < now() - interval '31 days'"),
    text("delete from cards.batches where summed_up_at < now() - interval '31 days'"),
)
"""Spent tokens, what was delivered, what nobody fetched by a token for a month."""
_LEFT: Final = text("""
select o.id, o.owner from cards.outgoing o join cards.line_photos p on p.id = o.id
where o.state in ('pending', 'replying')
  and o.created_at between now() - interval '1 day' and now() - interval '1 minute'
  and not exists (
    select from platform.runs r where r.id = p.run and r.state in ('queued', 'running'))
""")


async def tidy(run: Run, runtime: Runtime) -> int:
    """How many photos had to be given up."""
    async with run.transaction() as session:
        await hand_over_answers(session, runtime)
        for statement in _FORGET:
            await session.execute(statement)
        return await turns.mend(session, runtime)


async def hand_over_answers(session: Session, runtime: Runtime) -> None:
    """Hand over what nobody brings any more: the run that made it was cancelled, or given up."""
    for left in (await session.execute(_LEFT)).all():
        await delivery.hand_over(session, runtime, left.owner, left.id)
