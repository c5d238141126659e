"""Photos of made cards, read once and kept for a test: `python -m benchmarks.cards_stored`.

One line of JSON for each photo, with its label and what was seen on it, so that the test needs
neither fonts nor models.
"""

import io
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.cards_made import layout_of
from benchmarks.processes import REPOSITORY
from examples.cardmaker import generate, languages
from examples.store_pages import rounded
from forthwith.integrations.ocr.reader import read_page

FIRST_SEED: Final = 600_000
PHOTOS: Final = 4  # per language and level
LEVELS: Final = ("photo", "hard")
KEPT: Final = REPOSITORY / "tests" / "apps" / "cards" / "reading" / "pages" / "made.jsonl"


def main(kept: Path = KEPT) -> int:
    """Draw, read, keep; the exit code."""
    kept.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in _read()))
    return 0


def _read() -> Iterator[dict[str, Any]]:
    for level, (turn, language) in product(LEVELS, product(range(PHOTOS), languages())):
        seed = FIRST_SEED + LEVELS.index(level) * PHOTOS + turn
        # Another layout for every language, since so few seeds would show but a few of them.
        layout = layout_of(language, seed * len(languages()) + languages().index(language))
        picture, label = generate(seed, language, layout, level)
        photo = io.BytesIO()
        picture.save(photo, "JPEG", quality=90)
        page = rounded(read_page(photo.getvalue()))
        yield {"level": level, "fields": label["fields"], "page": page}


if __name__ == "__main__":
    sys.exit(main())
