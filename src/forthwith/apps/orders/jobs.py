"""The runs of the orders application."""

from typing import Final
from uuid import UUID

from forthwith.apps.orders import line, menu_drafts, processing, service
from forthwith.apps.orders.menu_drafts import DraftedMenu
from forthwith.apps.orders.voices import RATES
from forthwith.platform.jobs import Retry, Run, Weight, job
from forthwith.platform.runtime import Runtime

_BEFORE_VOICES: Final = 0.2
_OF_A_VOICE: Final = 0.25


@job(
    service.PROCESS,
    weight=Weight.CRITICAL,
    retry=Retry(tries=4, first_seconds=1.0, longest_seconds=10.0),
    time_limit_seconds=120.0,
    on_failed=service.note_moved,
    on_cancelled=service.note_cancelled,
    on_retried=service.note_moved,
)
async def process_order(
    run: Run, runtime: Runtime, *, order: UUID, line_id_token: str | None = None
) -> None:
    """Number an order, put it into words, speak it at every rate."""
    number = await run.write("number", processing.give_number, runtime, order)
    await run.progress(0.1, "summarising")
    summary = await run.step("summary", processing.summarise, runtime, order, number)
    await run.write("keep-summary", processing.keep_summary, runtime, order, summary)
    for done, rate in enumerate(RATES):
        await run.progress(_BEFORE_VOICES + done * _OF_A_VOICE, "speaking")
        voice = await run.step(f"voice-{rate}", processing.speak_order, runtime, order, rate)
        await run.write(f"keep-voice-{rate}", processing.keep_voice, runtime, order, voice)
    await run.progress(0.95, "finishing")
    await run.write("complete", processing.complete, runtime, order, line_id_token)


@job(
    service.TELL,
    retry=Retry(tries=8, first_seconds=2.0, longest_seconds=120.0),  # LINE is ill for minutes
    time_limit_seconds=60.0,
)
async def tell_guest(run: Run, runtime: Runtime, *, order: UUID, line_id_token: str) -> str:
    """Send order and voice to the guest in LINE."""
    return await line.tell(run, runtime, order, line_id_token)


@job(
    menu_drafts.JOB,
    retry=Retry(tries=3, first_seconds=2.0),
    time_limit_seconds=180.0,
    on_failed=menu_drafts.forget_failed,
)
async def draft_menu(run: Run, runtime: Runtime, *, photo: str) -> DraftedMenu:
    """Read the photo of a menu; the run's result is what a person confirms."""
    await run.progress(0.1, "reading")
    page = await run.step("read", menu_drafts.look, runtime, run.id, photo)
    await run.progress(0.7, "drafting")
    found = await run.step("draft", menu_drafts.draft, runtime, page)
    await run.progress(0.8, "translating")
    translation = await run.step("translate", menu_drafts.translate, runtime, found)
    await menu_drafts.forget_photo(runtime, run.id)
    return menu_drafts.written(found, translation)


JOBS: Final = (process_order, tell_guest, draft_menu)
