"""Write fictional business cards and what they say.

Without arguments: the example set of examples/cards. With --count: as many other cards as wanted,
into another folder, for measurements. Run from the root of the repository:

    python -m examples.make_cards
    python -m examples.make_cards --count 200 --out /tmp/cards --level hard
"""

import argparse
import json
import sys
from collections.abc import Iterable
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from examples.cardmaker import generate, languages, layouts, levels
from examples.cardmaker.fonts import FontsMissing

EXAMPLES = Path(__file__).parent / "cards"
LARGEST_BYTES = 150_000


class Wanted(NamedTuple):
    """One card to make."""

    file: str
    seed: int
    language: str
    layout: str
    level: str


EXAMPLE_SET = (
    Wanted("taiwan-logo.jpg", 86, "zh-Hant", "logo-left", "photo"),
    Wanted("taiwan.jpg", 108, "zh-Hant", "number-line", "photo"),
    Wanted("japan.jpg", 155, "ja", "columns", "photo"),
    Wanted("japan-vertical.jpg", 7, "ja", "vertical", "photo"),
    Wanted("usa-icons.jpg", 3, "en", "icons", "photo"),
    Wanted("britain-dark.jpg", 23, "en", "dark", "photo"),
    Wanted("hong-kong.jpg", 5, "en+zh-Hant", "bilingual", "photo"),
    Wanted("china.jpg", 9, "zh-Hans", "long-address", "photo"),
    Wanted("germany-qr.jpg", 16, "de", "qr", "photo"),
    Wanted("brazil.jpg", 10, "pt", "sidebar", "photo"),
)


def main() -> int:
    """Read the arguments, write the cards, and return the exit code."""
    options = _options()
    wanted = list(_mixed(options)) if options.count else list(EXAMPLE_SET)
    try:
        written = write(wanted, options.out)
    except (FontsMissing, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{written} cards and labels.json in {options.out}")
    return 0


def write(wanted: Iterable[Wanted], folder: Path) -> int:
    """Write pictures and labels.json into the folder and return the number of pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    truth: dict[str, Any] = {}
    for card in wanted:
        picture, truth[card.file] = generate(card.seed, card.language, card.layout, card.level)
        (folder / card.file).write_bytes(_compressed(picture))
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / "labels.json").write_text(text + "\n", encoding="utf-8")
    return len(truth)


def _compressed(picture: Image.Image) -> bytes:
    """Encode as JPEG, coarser until the file is small enough for the repository."""
    for quality in range(85, 30, -5):
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= LARGEST_BYTES:
            return buffer.getvalue()
    raise ValueError(f"a card does not fit into {LARGEST_BYTES} bytes: choose another seed")


def _mixed(options: argparse.Namespace) -> Iterable[Wanted]:
    """Go round all fitting languages and layouts, one seed each."""
    pairs = [
        (language, layout)
        for layout in (options.layout or layouts())
        for language in (options.language or languages())
        if layout in layouts(language)
    ]
    for index, (language, layout) in enumerate(islice(cycle(pairs), options.count)):
        name = f"card{index:04d}.jpg"
        yield Wanted(name, options.seed + index, language, layout, options.level)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m examples.make_cards",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=EXAMPLES, help="folder for the cards")
    parser.add_argument("--count", type=int, default=0, help="how many cards instead of the set")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first card")
    parser.add_argument("--language", action="append", choices=languages())
    parser.add_argument("--layout", action="append", choices=layouts())
    parser.add_argument("--level", default="photo", choices=levels())
    options = parser.parse_args()
    if options.count and options.out == EXAMPLES:
        parser.error("--count needs --out: the examples are not to be mixed with other cards")
    return options


if __name__ == "__main__":
    sys.exit(main())
