"""The runs of the cards application."""

from functools import partial
from typing import Final
from uuid import UUID

from forthwith.apps.cards import service
from forthwith.apps.cards.line import batches as line_batches
from forthwith.apps.cards.line import delivery, photo_run, photos, summaries, talk, turns, upkeep
from forthwith.apps.cards.notion import outbox, pushing
from forthwith.apps.cards.readers.opened import readers
from forthwith.platform.jobs import Retry, Run, Schedule, Weight, job
from forthwith.platform.runtime import Runtime

_UPKEEP: Final = "cards.line.upkeep"
SCHEDULES: Final = (Schedule(_UPKEEP, "* * * * *"),)


@job(
    "cards.read",
    retry=Retry(tries=3, first_seconds=2.0),
    time_limit_seconds=180.0,
    on_failed=service.give_photo_back,
    on_cancelled=service.give_photo_back,
    on_retried=service.take_photo_again,
)
async def read_card(run: Run, runtime: Runtime, *, card_id: UUID) -> int:
    """Read a photo, store its contacts; how many there are."""
    await run.progress(0.1, "reading")
    photo = partial(service.photo_of, runtime, run.owner, card_id)
    reading = await readers(runtime).read(photo, run, run.progress)
    await run.progress(0.9, "storing")
    return await run.write("store", service.store_reading, runtime, run.owner, card_id, reading)


@job(
    talk.JOB,
    weight=Weight.CRITICAL,
    retry=Retry(tries=10, first_seconds=1.0, longest_seconds=30.0),
)
async def answer_line_event(
    run: Run, runtime: Runtime, *, event: str, token: UUID | None, has_begun: bool
) -> None:
    """Answer a text, a tapped button, or whatever else is no photo."""
    await talk.answer_event(run, runtime, event, token, has_begun=has_begun)


@job(
    turns.JOB,
    retry=Retry(tries=10, first_seconds=1.0, longest_seconds=30.0),  # LINE is ill for minutes
    time_limit_seconds=180.0,
    on_failed=photos.tell_failure,
    on_cancelled=photos.give_back,
    on_retried=photos.take_again,
)
async def read_line_photo(run: Run, runtime: Runtime, *, photo: UUID) -> str:
    """Fetch a photo from LINE, read it, answer."""
    return await photo_run.read(run, runtime, photo)


@job(line_batches.JOB, retry=Retry(tries=5, first_seconds=1.0))
async def sum_up_line_batch(run: Run, runtime: Runtime, *, batch: UUID) -> str:
    """Answer a batch when all its photos have ended."""
    return await summaries.sum_up(run, runtime, batch)


@job(
    delivery.SEND,
    weight=Weight.CRITICAL,
    retry=Retry(tries=10, first_seconds=1.0, longest_seconds=120.0),
    time_limit_seconds=60.0,
    on_failed=delivery.hold,
)
async def send_line_answer(run: Run, runtime: Runtime, *, outgoing: UUID) -> str:
    """Bring an answer to its person: by reply, push, or with the next reply."""
    return await delivery.deliver(run, runtime, outgoing)


@job(_UPKEEP, weight=Weight.LOW, retry=Retry(tries=1))
async def keep_line_up(run: Run, runtime: Runtime) -> int:
    """Go on with photos that a cancelled run left behind; forget what is over."""
    return await upkeep.tidy(run, runtime)


_PUSH_RETRY: Final = Retry(tries=5, first_seconds=2.0)
_PUSHES_AT_ONCE: Final = 3
"""Over the whole fleet: more would only wait for Notion's budget, in slots that others need."""


@job(
    outbox.PUSH,
    cap=_PUSHES_AT_ONCE,
    retry=_PUSH_RETRY,
    time_limit_seconds=600.0,
    on_failed=outbox.give_up,
)
async def push_to_notion(run: Run, runtime: Runtime, *, card: UUID) -> str:
    """Bring the pages of a card in Notion up to date."""
    return await pushing.push(run, runtime, card, is_behind=False)


@job(
    outbox.BACKFILL,
    weight=Weight.LOW,
    cap=_PUSHES_AT_ONCE,
    retry=_PUSH_RETRY,
    time_limit_seconds=600.0,
    on_failed=outbox.give_up,
)
async def backfill_notion(run: Run, runtime: Runtime, *, card: UUID) -> str:
    """The same for a card among many, behind all that has just been read."""
    return await pushing.push(run, runtime, card, is_behind=True)


JOBS: Final = (
    *(read_card, read_line_photo, answer_line_event, sum_up_line_batch),
    *(send_line_answer, keep_line_up),
    *(push_to_notion, backfill_notion),
)
