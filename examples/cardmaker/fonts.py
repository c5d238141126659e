"""Fonts of the machine, by role and script."""

import subprocess
from functools import lru_cache
from pathlib import Path
from shutil import which

from PIL import ImageFont

INSTALL = (
    "apt-get update && apt-get install -y --no-install-recommends"
    " fonts-noto-cjk fonts-noto-core fonts-dejavu-core fonts-dejavu-extra"
)
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
)
# Faces inside Noto's CJK collections, in the order of the files (Debian fonts-noto-cjk 2022-01).
CJK_FACES = {"ja": 0, "zh-Hans": 2, "zh-Hant": 3, "en+zh-Hant": 4}
LATIN = {
    "grotesque": ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    "display": ("NotoSansDisplay-Regular.ttf", "NotoSansDisplay-Bold.ttf"),
    "condensed": ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
    "book": ("NotoSerif-Regular.ttf", "NotoSerif-Bold.ttf"),
    "slab": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
}
CJK = {
    "sans": ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    "serif": ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc"),
}


class FontsMissing(Exception):
    """The machine lacks fonts; the message says how to install them."""


def missing() -> list[str]:
    """Name the font files that are needed and absent."""
    needed = {name for pair in (*LATIN.values(), *CJK.values()) for name in pair}
    return sorted(needed - _files().keys())


@lru_cache(maxsize=512)
def latin(family: str, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """Open a Latin font; `size` in pixels per em."""
    return ImageFont.truetype(find(LATIN[family][bold]), size)


@lru_cache(maxsize=512)
def cjk(family: str, language: str, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """Open a CJK font with the letter forms of the language; `size` in pixels per em."""
    return ImageFont.truetype(find(CJK[family][bold]), size, index=CJK_FACES.get(language, 0))


def is_cjk(text: str) -> bool:
    """Tell whether a Latin font would leave holes in the text."""
    return any("\u2e80" <= sign <= "\u9fff" or "\uf900" <= sign <= "\uffef" for sign in text)


def find(name: str) -> Path:
    """Find a font file by its name; raises FontsMissing."""
    try:
        return _files()[name]
    except KeyError:
        raise FontsMissing(
            f"The font file {name} is not installed. Install it with: {INSTALL}"
        ) from None


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    return {path.name: path for path in (*_in_folders(), *_listed())}


def _listed() -> list[Path]:
    program = which("fc-list")
    if program is None:
        return []
    listing = subprocess.run(  # noqa: S603 - a fixed command without input
        [program, "--format=%{file}\n"], capture_output=True, text=True, check=True, timeout=30
    )
    return [Path(line) for line in sorted(set(listing.stdout.splitlines()))]


def _in_folders() -> list[Path]:
    roots = [Path(folder).expanduser() for folder in FOLDERS]
    return [path for root in roots for path in sorted(root.rglob("Noto*.tt[fc]"))]
