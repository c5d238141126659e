"""Read labelled photos once and keep what was seen, so that tests can replay it without models.

Without arguments: the example cards, into the folder of the tests that replay them.

    python -m examples.store_pages
    python -m examples.store_pages ../shared/data/cards-dev /tmp/pages
    FORTHWITH_STORED_PAGES=/tmp/pages .venv/bin/pytest tests/apps/cards/reading
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from forthwith.integrations.ocr.page import Box, Page
from forthwith.integrations.ocr.reader import read_page

REPOSITORY = Path(__file__).parents[1]
CARDS = REPOSITORY / "examples" / "cards"
PAGES = REPOSITORY / "tests" / "apps" / "cards" / "reading" / "pages"


def main() -> int:
    """Read the arguments, store the pages, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.store_pages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", nargs="?", type=Path, default=CARDS, help="labelled folder")
    parser.add_argument("out", nargs="?", type=Path, default=PAGES, help="folder for the pages")
    options = parser.parse_args()
    if options.photos != CARDS and options.out == PAGES:
        parser.error("name a folder of your own: only the example cards are kept with the tests")
    names = json.loads((options.photos / "labels.json").read_text(encoding="utf-8"))
    options.out.mkdir(parents=True, exist_ok=True)
    for stored in store(options.photos, names, options.out):
        print(stored)
    return 0


def store(photos: Path, names: Iterable[str], out: Path) -> Iterable[Path]:
    """Read the named photos and write a page for each."""
    for name in names:
        page = rounded(read_page((photos / name).read_bytes()))
        path = (out / name).with_suffix(".json")
        path.write_bytes(msgspec.json.format(msgspec.json.encode(page), indent=1) + b"\n")
        yield path


def rounded(page: Page) -> Page:
    """To a tenth of a pixel, which is enough to read from and short enough to keep."""
    replace = msgspec.structs.replace
    lines = tuple(
        replace(line, box=_tenths(line.box), score=round(line.score, 4)) for line in page.lines
    )
    codes = tuple(replace(code, box=_tenths(code.box)) for code in page.codes)
    return replace(page, lines=lines, codes=codes, sheets=tuple(map(_tenths, page.sheets)))


def _tenths(box: Box) -> Box:
    first, second, third, fourth = ((round(x, 1), round(y, 1)) for x, y in box)
    return first, second, third, fourth


if __name__ == "__main__":
    sys.exit(main())
