"""Puts the output of the benchmarks of the readers into docs/cards.md and docs/menus.md.

`python -m benchmarks.cards_document [--quick] [NAME ...]` runs those named, or all, and replaces
what stands between `<!-- NAME -->` and `<!-- end of NAME -->`. Prose is written by hand.
"""

import re
import subprocess
import sys
from typing import Final

from benchmarks.processes import REPOSITORY

ALL: Final = (
    "cards_labelled",
    "cards_robustness",
    "cards_photos",
    "cards_seconds",
    "cards_steps",
)
DOCUMENT: Final = REPOSITORY / "docs" / "cards.md"
OTHERS: Final = {"menu_photos": REPOSITORY / "docs" / "menus.md"}
"""Where the figures of benchmarks go that are not of the card reader; run when named."""


def main(arguments: list[str]) -> int:
    """Run one after the other; the exit code is 1 when one of them misses a goal."""
    options = [each for each in arguments if each.startswith("-")]
    names = [each for each in arguments if each not in options] or list(ALL)
    return max(_refresh(name, options) for name in names)


def _refresh(name: str, options: list[str]) -> int:
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    run = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
    if run.stdout.startswith("## "):
        document = OTHERS.get(name, DOCUMENT)
        document.write_text(replaced(document.read_text("utf-8"), name, run.stdout), "utf-8")
    return run.returncode


def replaced(document: str, name: str, figures: str) -> str:
    """The document with the figures of one benchmark; raises `LookupError` without its marks."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    marked = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    if not marked.search(document):
        raise LookupError(f"the document has no {begin.strip()}")
    return marked.sub(lambda _: f"\n{_lowered(figures)}\n", document)


def _lowered(figures: str) -> str:
    """Headings one level down, and no title: the section of the document has one."""
    _, _, body = figures.partition("\n")
    return re.sub(r"^(?=##)", "#", body, flags=re.MULTILINE).strip() + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
