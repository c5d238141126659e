"""What a text reader would make of a flat card: its strings in their places, with its mistakes.

No picture is read, so thousands of cards take minutes. The mistakes are of the kinds that PP-OCR
makes on photos, each with the share of letters, spaces or lines it befalls.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from examples.cardmaker.fonts import is_cjk
from examples.cardmaker.sheet import Printed, Sheet
from examples.cardmaker.words import BADGES
from forthwith.integrations.ocr.page import Box, Line, Page, Point

CONFUSIONS: Final = {
    "0": "O", "O": "0", "o": "0", "1": "l", "l": "1", "I": "l", "5": "S", "8": "B", "6": "b",
    "rn": "m", "B": "8", "S": "5", "Z": "2", "é": "e", "ü": "u", "ö": "o", "ä": "a", "ç": "c",
    "ã": "a", "á": "a", "ê": "e", "ạ": "a", "ế": "e", "ộ": "o", "ư": "u", "đ": "d",
    "臺": "台", "鎮": "镇", "裝": "装", "換": "换", "別": "别", "楊": "杨", "號": "号", "區": "区",
    "ー": "一", "ロ": "口", "ニ": "二", "力": "カ", "エ": "工", "-": "一", ".": ",", "@": "a",
}  # fmt: skip
_WIDE: Final = {":": "：", "(": "（", ")": "）", ",": "，"}
_MARKS: Final = ".,:-'+()"


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each mistake is made."""

    confused: float = 0.003  # letters
    dropped_mark: float = 0.006  # punctuation
    wide_mark: float = 0.03  # punctuation read as its full-width form
    dropped_space: float = 0.02
    lost_line: float = 0.002
    merged: float = 0.5  # strings on one row, nearer than a letter's height
    split: float = 0.6  # wide gaps within a string
    read_sign: float = 0.5  # drawn signs and badges that are read as a letter
    tilt: float = 3.0  # degrees, the most
    jitter: float = 0.06  # of a line's height, that its edges are off


USUAL: Final = Noise()
CLEAN: Final = Noise(
    confused=0, dropped_mark=0, wide_mark=0, dropped_space=0, lost_line=0, merged=0, jitter=0
)


@dataclass(frozen=True, slots=True)
class _Strip:
    """A text and the edges around it, before the card is turned."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    upright: bool = False


def page_of(sheet: Sheet, rng: Random, noise: Noise = USUAL) -> Page:
    """Read a flat card as a text reader might; the same dice give the same page."""
    strips = [strip for printed in sheet.printed for strip in _strips(printed, rng, noise)]
    strips = _merged(sorted(strips, key=lambda strip: (strip.top, strip.left)), rng, noise)
    width, height = sheet.image.size
    turn = math.radians(rng.uniform(-noise.tilt, noise.tilt))
    lines = (
        _line(strip, turn, (width / 2, height / 2), rng, noise)
        for strip in strips
        if rng.random() >= noise.lost_line
    )
    return Page(width, height, tuple(line for line in lines if line.text))


def _strips(printed: Printed, rng: Random, noise: Noise) -> Iterator[_Strip]:
    """A string in the pieces a reader takes it for; its label apart where the gap is wide."""
    height = printed.bottom - printed.top
    text = _spaced(printed, height)
    if printed.icon and rng.random() < noise.read_sign:
        sign = BADGES.get(printed.icon, printed.icon) if len(printed.icon) > 1 else printed.icon
        side = min(height, printed.value - printed.left)
        yield _Strip(sign, printed.left, printed.top, printed.left + side, printed.bottom)
    left, label = printed.value, printed.label
    if label:
        gap = printed.value - printed.left - _width(label, height)
        if gap < height:
            text, left = label + text, printed.left
        else:
            end = printed.left + _width(label, height)
            yield _Strip(label.strip(), printed.left, printed.top, end, printed.bottom)
    whole = _Strip(text, left, printed.top, printed.right, printed.bottom, printed.upright)
    yield from _pieces(whole, rng, noise)


def _spaced(printed: Printed, height: float) -> str:
    """Letters set wide apart are read as words of one letter."""
    return " ".join(printed.text) if printed.tracking > 0.3 * height else printed.text


def _width(text: str, height: float) -> float:
    """About how wide a text is; Latin letters are half as wide as a line is high."""
    return sum(height * (0.95 if is_cjk(sign) else 0.48) for sign in text)


def _pieces(strip: _Strip, rng: Random, noise: Noise) -> Iterator[_Strip]:
    """Cut at runs of spaces, where the reader does."""
    parts = strip.text.split("   ")
    if strip.upright or len(parts) == 1 or rng.random() >= noise.split:
        yield strip
        return
    share = (strip.right - strip.left) / max(1, len(strip.text))
    start = 0
    for part in parts:
        left = strip.left + start * share
        yield replace(strip, text=part, left=left, right=left + len(part) * share)
        start += len(part) + 3


def _merged(strips: Sequence[_Strip], rng: Random, noise: Noise) -> list[_Strip]:
    """Join neighbours on one row that stand close."""
    merged: list[_Strip] = []
    for strip in strips:
        last = merged[-1] if merged else None
        if last is not None and _close(last, strip) and rng.random() < noise.merged:
            merged[-1] = replace(last, text=f"{last.text} {strip.text}", right=strip.right)
        else:
            merged.append(strip)
    return merged


def _close(last: _Strip, strip: _Strip) -> bool:
    height = last.bottom - last.top
    same_row = abs(last.top - strip.top) < 0.2 * height
    return same_row and not last.upright and 0 <= strip.left - last.right < 0.8 * height


def _line(strip: _Strip, turn: float, about: Point, rng: Random, noise: Noise) -> Line:
    text = _misread(strip.text, rng, noise)
    shaken = noise.jitter * min(strip.bottom - strip.top, strip.right - strip.left)
    left, top, right, bottom = (
        edge + rng.uniform(-shaken, shaken)
        for edge in (strip.left, strip.top, strip.right, strip.bottom)
    )
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    box: Box = tuple(_turned(corner, turn, about) for corner in corners)  # type: ignore[assignment]
    mistakes = sum(a != b for a, b in zip(text, strip.text, strict=False))
    score = rng.betavariate(40, 1.2) - 0.05 * min(mistakes, 3)
    return Line(text, max(0.5, score), box)


def _turned(point: Point, turn: float, about: Point) -> Point:
    x, y = point[0] - about[0], point[1] - about[1]
    cosine, sine = math.cos(turn), math.sin(turn)
    return x * cosine - y * sine + about[0], x * sine + y * cosine + about[1]


def _misread(text: str, rng: Random, noise: Noise) -> str:
    return "".join(_read_sign(sign, rng, noise) for sign in text).strip()


def _read_sign(sign: str, rng: Random, noise: Noise) -> str:
    """One letter as it is read: right, as another, wide, or not at all."""
    dice = rng.random()
    if sign == " ":
        return "" if dice < noise.dropped_space else sign
    if sign in _MARKS and dice < noise.dropped_mark:
        return ""
    if sign in _WIDE and dice < noise.dropped_mark + noise.wide_mark:
        return _WIDE[sign]
    if dice < noise.confused:
        return CONFUSIONS.get(sign, sign)
    return sign
