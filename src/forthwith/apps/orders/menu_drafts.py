"""A photo of a menu becomes a draft, in the form in which a person confirms it."""

from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec

from forthwith.apps.orders import menu_bodies, translating
from forthwith.apps.orders.menu_photo import drafting
from forthwith.apps.orders.menu_photo import sections as menu_sections
from forthwith.apps.orders.menu_photo.draft import MenuDraft
from forthwith.apps.orders.translating import Translation
from forthwith.integrations.ocr.page import Box, Page
from forthwith.integrations.ocr.reader import read
from forthwith.platform import clock, metrics
from forthwith.platform.db import Session
from forthwith.platform.errors import Unprocessable
from forthwith.platform.jobs import FailedRun
from forthwith.platform.runtime import Runtime

JOB: Final = "orders.draft_menu"
_SURE_FROM: Final = 0.8


class Unsure(msgspec.Struct, frozen=True):
    """A dish that a person should look at: where it stands on the photo, and how sure we are."""

    id: str
    confidence: float
    box: Box


class DraftedMenu(msgspec.Struct, frozen=True):
    """What `PUT .../menu` takes as `sections`, and what on it is to be looked at.

    `translated_by` is the model that gave the names in other languages; None: our glossary.
    """

    title: str
    currency: str
    sections: tuple[dict[str, Any], ...]
    unsure: tuple[Unsure, ...]
    translated_by: str | None = None


async def submit(runtime: Runtime, owner: UUID, photo: BinaryIO, run: UUID) -> None:
    """Keep the photo and queue its reading; both are safe when this returns.

    The photo is the run's, not the owner's: it is deleted with the run's end, and an equal one
    may be kept for something else.
    """
    blob = await runtime.blobs.put(run, photo)
    async with runtime.db.transaction() as session:
        await runtime.jobs.enqueue(session, JOB, {"photo": blob.sha256}, owner=owner, run=run)


async def look(runtime: Runtime, run: UUID, photo: str) -> Page:
    """Read all text on the photo."""
    started = clock.monotonic()
    metrics.ocr_requests.labels("menu").inc()
    try:
        page = await read(runtime.pool, await runtime.blobs.get(run, photo))
    except Exception:
        metrics.ocr_errors.labels("menu").inc()
        raise
    metrics.ocr_seconds.labels("menu").observe(clock.monotonic() - started)
    return page


async def draft(runtime: Runtime, page: Page) -> MenuDraft:
    """Sections and dishes of what was read. Raises `Unprocessable` for a page without prices."""
    found = await runtime.pool.run(drafting.draft, page)
    if not found.sections:
        raise Unprocessable("There are no dishes with prices on this photo; take it again, closer.")
    return found


async def translate(runtime: Runtime, found: MenuDraft) -> Translation:
    """The names of a draft in the languages of guests."""
    models = translating.models_of(runtime)
    return await translating.translate(models, menu_sections.names_on(found))


async def forget_photo(runtime: Runtime, run: UUID) -> None:
    """Delete the photo: the draft is there."""
    await runtime.blobs.delete_all(run)


async def forget_failed(_: Session, failed: FailedRun) -> None:
    """Delete the photo of a reading that has failed for good."""
    await forget_photo(failed.runtime, failed.id)


def written(found: MenuDraft, translation: Translation) -> DraftedMenu:
    """The draft as a person confirms it."""
    made = menu_sections.sections(found, translation.names)
    dishes = (dish for section in made for dish in section.items)
    items = (item for section in found.sections for item in section.items)
    unsure = tuple(
        Unsure(dish.id, item.confidence, item.box)
        for dish, item in zip(dishes, items, strict=True)
        if item.confidence < _SURE_FROM
    )
    return DraftedMenu(
        title=found.title,
        currency=found.currency,
        sections=menu_bodies.written(made, found.currency),
        unsure=unsure,
        translated_by=translation.provider,
    )
