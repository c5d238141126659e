"""A photo of a menu becomes a draft, in the form in which a person confirms it."""

from typing import Any, BinaryIO, Final
from uuid import UUID

import msgspec

from forthwith.apps.orders import money
from forthwith.apps.orders.menu_photo.draft import DraftItem, MenuDraft
from forthwith.apps.orders.menu_photo.drafting import draft
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
    """What `PUT .../menu` takes as `sections`, and what on it is to be looked at."""

    title: str
    currency: str
    sections: tuple[dict[str, Any], ...]
    unsure: tuple[Unsure, ...]


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


async def drafted(runtime: Runtime, page: Page) -> DraftedMenu:
    """Sections and dishes of what was read. Raises `Unprocessable` for a page without prices."""
    found = await runtime.pool.run(draft, page)
    if not found.sections:
        raise Unprocessable("There are no dishes with prices on this photo; take it again, closer.")
    return _written(found)


async def forget_photo(runtime: Runtime, run: UUID) -> None:
    """Delete the photo: the draft is there."""
    await runtime.blobs.delete_all(run)


async def forget_failed(_: Session, failed: FailedRun) -> None:
    """Delete the photo of a reading that has failed for good."""
    await forget_photo(failed.runtime, failed.id)


def _written(found: MenuDraft) -> DraftedMenu:
    sections, unsure = [], []
    dishes = 0
    for number, section in enumerate(found.sections, 1):
        items = []
        for item in section.items:
            dishes += 1
            items.append(_dish(f"dish-{dishes}", item, found.currency))
            if item.confidence < _SURE_FROM:
                unsure.append(Unsure(f"dish-{dishes}", item.confidence, item.box))
        names = {"zh-TW": section.name or found.title or "菜單"}
        sections.append({"id": f"section-{number}", "names": names, "items": items})
    return DraftedMenu(found.title, found.currency, tuple(sections), tuple(unsure))


def _dish(identifier: str, item: DraftItem, currency: str) -> dict[str, Any]:
    """A dish; one with several prices has a choice of sizes that cost the difference."""
    dish: dict[str, Any] = {
        "id": identifier,
        "names": {"zh-TW": item.name},
        "price": money.major(item.price, currency),
        "unit": "份",
        "is_available": True,
        "choices": [],
    }
    if len(item.prices) > 1:
        options = [
            {
                "id": f"size-{number}",
                "names": {"zh-TW": each.size or f"第{number}種"},
                "price": money.major(each.amount - item.price, currency),
            }
            for number, each in enumerate(item.prices, 1)
        ]
        size = {"id": "size", "names": {"zh-TW": "份量", "en": "Size"}, "options": options}
        dish["choices"] = [{**size, "least": 1, "most": 1}]
    return dish
