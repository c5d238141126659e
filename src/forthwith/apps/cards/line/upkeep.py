"""Every minute: what a cancelled run left behind goes on, what is over is forgotten."""

from typing import Final

from sqlalchemy import text

from forthwith.apps.cards.line import delivery, turns
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

_FORGET: Final = (
    text("delete from cards.line_photos where ended_at < now() - interval '31 days'"),
    text("delete from cards.batches where summed_up_at < now() - interval '31 days'"),
)


async def tidy(run: Run, runtime: Runtime) -> int:
    """How many photos had to be given up."""
    async with run.transaction() as session:
        await delivery.forget_old(session)
        await delivery.mend(session, runtime)
        for statement in _FORGET:
            await session.execute(statement)
        return await turns.mend(session, runtime)
