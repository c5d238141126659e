"""The runs of the cards application."""

from uuid import UUID

from forthwith.apps.cards import service
from forthwith.platform.jobs import Retry, Run, job
from forthwith.platform.runtime import Runtime


@job("cards.read", retry=Retry(tries=3, first_seconds=2.0), time_limit_seconds=180.0)
async def read_card(run: Run, runtime: Runtime, *, card_id: UUID) -> int:
    """Read a photo, extract its contacts, store them; how many contacts there are."""
    await run.progress(0.1, "reading")
    seen = await run.step("read", service.look_at_photo, runtime, run.owner, card_id)
    await run.progress(0.8, "extracting")
    reading = await run.step("extract", service.extract_cards, runtime.pool, seen)
    await run.progress(0.9, "storing")
    return await run.write("store", service.store_reading, runtime, run.owner, card_id, reading)
