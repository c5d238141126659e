"""Which photos `CARDS_READER=auto` shows to a model: `python -m benchmarks.cards_doubts [--quick]`.

Every labelled photo as it is, blurred, and made smaller, read by this machine; for each bound of
confidence, how many photos are asked for, and how many of those that this machine reads wrong
are among them. Counts do not depend on what else the machine does.
"""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageFilter

from benchmarks import harness
from benchmarks.harness import Goal, Report, Table
from benchmarks.processes import REPOSITORY
from forthwith.apps.cards import service
from forthwith.apps.cards.evaluation import load_labels
from forthwith.apps.cards.readers.doubts import doubts
from forthwith.apps.cards.reading import local
from forthwith.apps.cards.reading.scoring import score
from forthwith.apps.cards.schemas import Reading
from forthwith.apps.cards.settings import CardReaderSettings
from forthwith.integrations.ocr.page import Page
from forthwith.platform import loop
from forthwith.platform.pool import ProcessPool

BOUNDS: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
CAUGHT_PERCENT: Final = 85.0
ASKED_PERCENT: Final = 25.0
_LONG_SIDE: Final = 1_600
_QUALITY: Final = 60
_AS_TAKEN: Final = "as taken"
_HARDER: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "at 40 %": lambda photo: photo.resize((photo.width * 2 // 5, photo.height * 2 // 5)),
    "at 25 %": lambda photo: photo.resize((photo.width // 4, photo.height // 4)),
    "blurred": lambda photo: photo.filter(ImageFilter.GaussianBlur(3)),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What this machine made of one photo."""

    state: str
    page: Page
    reading: Reading | None
    is_right: bool

    def is_asked(self, bound: float) -> bool:
        """Whether a model is asked."""
        return bool(doubts(self.page, self.reading, bound))


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Photos asked for at each bound."""
    shared = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY.parent / "shared"))
    folders = [REPOSITORY / "examples" / "cards", shared / "data" / "cards-dev"]
    looks = loop.run(_looks([each for each in folders if each.is_dir()], quick=quick))
    taken = [each for each in looks if each.state == _AS_TAKEN]
    bound = CardReaderSettings().sure_from
    wrong = [each for each in looks if not each.is_right]
    caught = 100 * sum(each.is_asked(bound) for each in wrong) / max(1, len(wrong))
    asked = 100 * sum(each.is_asked(bound) for each in taken) / len(taken)
    return Report(
        name="Photos that auto shows to a model",
        arrival="one photo after another, in one process",
        versions=harness.versions("rapidocr", "onnxruntime"),
        tables=[
            Table(
                "Asked for, by the bound of confidence",
                ["bound", "photos", "asked", "wrong", "of these asked", "as taken", "asked"],
                [_row(bound, looks, taken) for bound in BOUNDS],
            )
        ],
        goals=[
            Goal("wrong ones that are asked for", caught, CAUGHT_PERCENT, "%", at_most=False),
            Goal("photos as taken that are asked for", asked, ASKED_PERCENT, "%"),
        ],
    )


def _row(bound: float, looks: list[Look], taken: list[Look]) -> list[str]:
    wrong = [each for each in looks if not each.is_right]
    counts = (
        *(len(looks), sum(each.is_asked(bound) for each in looks)),
        *(len(wrong), sum(each.is_asked(bound) for each in wrong)),
        *(len(taken), sum(each.is_asked(bound) for each in taken)),
    )
    return [f"{bound:.2f}", *map(str, counts)]


async def _looks(folders: list[Path], *, quick: bool) -> list[Look]:
    async with ProcessPool(1) as pool:
        await local.warm_up(pool)
        return [look for folder in folders async for look in _looks_at(pool, folder, quick=quick)]


async def _looks_at(pool: ProcessPool, folder: Path, *, quick: bool) -> AsyncIterator[Look]:
    labels = load_labels(folder)
    for name in list(labels)[: 5 if quick else None]:
        photo = await asyncio.to_thread((folder / name).read_bytes)
        for state, data in _states(photo):
            yield await _look(pool, state, data, labels[name])


def _states(photo: bytes) -> Iterator[tuple[str, bytes]]:
    yield _AS_TAKEN, photo
    picture = Image.open(io.BytesIO(photo)).convert("RGB")
    picture.thumbnail((_LONG_SIDE, _LONG_SIDE))
    for state, harder in _HARDER.items():
        out = io.BytesIO()
        harder(picture).save(out, "JPEG", quality=_QUALITY)
        yield state, out.getvalue()


async def _look(pool: ProcessPool, state: str, photo: bytes, label: dict[str, Any]) -> Look:
    seen = await service.look(pool, photo)
    if not seen.page.lines and not seen.page.codes:
        return Look(state, seen.page, None, is_right=False)
    reading = await service.extract_cards(pool, seen)
    return Look(state, seen.page, reading, score(reading.cards, label["fields"]).whole)


if __name__ == "__main__":
    sys.exit(harness.main(measure))
