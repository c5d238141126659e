# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Lines of a page made ready for reading: cleaned, joined where printed apart, sliceable."""

import itertools
import math
import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from forthwith.integrations.ocr.page import Box, Line
from forthwith.platform import text as texts

_WATERMARKS: Final = ("camscanner", "scanned with", "scanned by", "扫描全能王", "全能王创建")
_MINIMUM_SCORE: Final = 0.5
_HAN_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_HAN_NUMBER: Final = re.compile(r"[〇零一二三四五六七八九](?:[-ー・]?[〇零一二三四五六七八九]){6,}")
_TRIMMED: Final = " \t,;:|/·•・*~_=<>`'\"-、，。：；｜"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line: its text, where it lies, and the whole line it came from.

    Edges are pixels of the page, turned so that most lines run level. `height` is the height of
    the letters, measured along the short side of the line. `whole` is the line as it was read.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    height: float
    score: float
    sources: tuple[Box, ...]
    whole: str

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """The horizontal middle."""
        return (self.left + self.right) / 2

    def slice(self, start: int, end: int) -> "Segment":
        """Cut out the text between two offsets, its edges in proportion."""
        width = (self.right - self.left) / max(1, len(self.text))
        text = self.text[start:end]
        leading = len(text) - len(text.lstrip(_TRIMMED))
        stripped = text.strip(_TRIMMED)
        left = self.left + (start + leading) * width
        return replace(self, text=stripped, left=left, right=left + len(stripped) * width)

    def without(self, *spans: tuple[int, int]) -> list["Segment"]:
        """The pieces that remain when the spans are taken out; empty ones are dropped."""
        pieces, start = [], 0
        for begin, end in sorted(spans):
            pieces.append(self.slice(start, begin))
            start = max(start, end)
        pieces.append(self.slice(start, len(self.text)))
        return [piece for piece in pieces if piece.text]

    def on_row_of(self, other: "Segment") -> bool:
        """Whether both stand on the same row, whatever the gap between them."""
        return abs(self.middle - other.middle) < 0.5 * min(self.height, other.height)

    def is_below(self, other: "Segment", reach: float = 1.3) -> bool:
        """Whether this is the next line under the other; `reach` counts letter heights."""
        letter = max(self.height, other.height)
        gap = self.top - other.bottom
        overlap = min(self.right, other.right) - max(self.left, other.left)
        return -0.6 * letter < gap < reach * letter and overlap > 0 and self.middle > other.middle


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the segment it was read from."""

    value: str
    confidence: float
    segment: Segment


def distinct(found: Sequence[Found]) -> list[Found]:
    """Each value once, case aside; the first place counts."""
    seen: dict[str, Found] = {}
    for item in found:
        seen.setdefault(item.value.casefold(), item)
    return list(seen.values())


@dataclass(frozen=True, slots=True)
class Sheet:
    """All segments of one card and what was noticed while they were prepared."""

    segments: tuple[Segment, ...]
    flags: tuple[str, ...]

    @property
    def letter_height(self) -> float:
        """The usual height of its small print: of the lines with digits or addresses."""
        small = [s.height for s in self.segments if re.search(r"\d|@", s.text)]
        heights = small or [s.height for s in self.segments] or [1.0]
        return statistics.median_low(heights)


def prepare(lines: Sequence[Line]) -> Sheet:
    """Clean the lines of one card: marks of scanning programs out, spaced letters joined."""
    flags = []
    kept = [line for line in lines if not _is_watermark(line.text)]
    if len(kept) < len(lines):
        flags.append("watermark_dropped")
    turn = _tilt(kept)
    segments = [_segment(line, turn) for line in kept if line.score >= _MINIMUM_SCORE]
    segments = [segment for segment in segments if segment.text]
    whole = _join_words(_join_single_letters(segments))
    if any(segment.bottom - segment.top > 2 * (segment.right - segment.left) for segment in whole):
        flags.append("vertical")
    return Sheet(tuple(whole), tuple(flags))


def _is_watermark(text: str) -> bool:
    plain = texts.nfkc(text).casefold()
    return any(mark in plain or mark in plain.replace(" ", "") for mark in _WATERMARKS)


def _tilt(lines: Sequence[Line]) -> float:
    """The angle in radians at which most text runs; the longer a line the more it counts."""
    angles = []
    for line in lines:
        (x0, y0), (x1, y1) = line.box[:2]
        if x1 - x0 > abs(y1 - y0):
            angles += [math.atan2(y1 - y0, x1 - x0)] * len(line.text)
    return statistics.median(angles) if angles else 0.0


def _segment(line: Line, turn: float) -> Segment:
    # A slash at the end belongs to a web address that may go on below.
    plain = _HAN_NUMBER.sub(_in_digits, texts.nfkc(line.text))
    text = _join_spaced(plain).lstrip(_TRIMMED).rstrip(_TRIMMED.replace("/", ""))
    cos, sin = math.cos(turn), math.sin(turn)
    across = [x * cos + y * sin for x, y in line.box]
    down = sorted(y * cos - x * sin for x, y in line.box)
    return Segment(
        text=text,
        left=min(across),
        top=(down[0] + down[1]) / 2,
        right=max(across),
        bottom=(down[2] + down[3]) / 2,
        height=_letter_height(line),
        score=line.score,
        sources=(line.box,),
        whole=texts.nfkc(line.text),
    )


def _in_digits(match: re.Match[str]) -> str:
    """Vertical cards write numbers as `〇三一二三四五六七八`."""
    return match[0].translate(_HAN_DIGITS)


def _letter_height(line: Line) -> float:
    top_left, top_right, _, bottom_left = line.box
    along, across = math.dist(top_left, top_right), math.dist(top_left, bottom_left)
    stands = across > 1.5 * along and len(line.text) > 1
    return max(1.0, along if stands else across)


def _join_spaced(text: str) -> str:
    """`名 刺 太 郎` is one word, `J O H N` too; `王 小明` is not touched."""
    words = text.split(" ")
    if len(words) < 2:
        return text
    if all(len(word) == 1 and texts.is_cjk(word) for word in words):
        return "".join(words)
    if len(words) > 3 and all(len(word) == 1 and word.isalpha() for word in words):
        return "".join(words)
    return text


def _join_single_letters(segments: list[Segment]) -> list[Segment]:
    """Han letters read one by one become one segment, along their row or their column."""
    singles = [s for s in segments if len(s.text) == 1 and texts.is_cjk(s.text)]
    rest = [s for s in segments if s not in singles]
    while singles:
        chain = _chain(singles.pop(0), singles)
        rest.append(chain[0] if len(chain) == 1 else joined(chain, ""))
        singles = [s for s in singles if s not in chain]
    return sorted(rest, key=lambda s: (s.top, s.left))


def _join_words(segments: list[Segment]) -> list[Segment]:
    """Words of one line that the reader put into boxes of their own."""
    whole: list[Segment] = []
    for segment in reading_order(segments):
        last = whole[-1] if whole else None
        if last is not None and _is_next_word(last, segment):
            close = segment.left - last.right < 0.15 * last.height
            cjk = texts.is_cjk(last.text[-1]) and texts.is_cjk(segment.text[0])
            whole[-1] = joined([last, segment], "" if cjk and close else " ")
        else:
            whole.append(segment)
    return whole


def _is_next_word(last: Segment, segment: Segment) -> bool:
    if not segment.on_row_of(last) or not 0.85 < segment.height / last.height < 1.18:
        return False
    if texts.is_cjk(last.text[-1]) != texts.is_cjk(segment.text[0]):
        return False
    return -0.4 * last.height < segment.left - last.right < 0.4 * last.height


def _chain(first: Segment, others: Sequence[Segment]) -> list[Segment]:
    row = [s for s in others if s.on_row_of(first) and s.height < 1.5 * first.height]
    column = [s for s in others if abs(s.centre - first.centre) < 0.4 * first.height]
    chain, along_row = (row, True) if len(row) >= len(column) else (column, False)
    ordered = sorted([first, *chain], key=lambda s: s.left if along_row else s.top)
    gaps = [
        (b.left - a.right) if along_row else (b.top - a.bottom)
        for a, b in itertools.pairwise(ordered)
    ]
    return ordered if gaps and max(gaps) < 2.5 * first.height else [first]


def reading_order(segments: Iterable[Segment]) -> list[Segment]:
    """From top to bottom, and from left to right along each row."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.middle, s.left)):
        if rows and segment.on_row_of(rows[-1][0]):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [segment for row in rows for segment in sorted(row, key=lambda s: s.left)]


def joined(segments: Iterable[Segment], glue: str) -> Segment:
    """One segment over several, its text in their order."""
    parts = list(segments)
    return Segment(
        text=glue.join(part.text for part in parts),
        left=min(part.left for part in parts),
        top=min(part.top for part in parts),
        right=max(part.right for part in parts),
        bottom=max(part.bottom for part in parts),
        height=statistics.mean(part.height for part in parts),
        score=min(part.score for part in parts),
        sources=tuple(dict.fromkeys(box for part in parts for box in part.sources)),
        whole=" ".join(dict.fromkeys(part.whole for part in parts)),
    )


def join_broken(segments: Sequence[Segment], breaks: Callable[[str, str], bool]) -> list[Segment]:
    """Segments where `breaks(upper, lower)` says that a value goes on in the line below."""
    whole = list(segments)
    for upper in segments:
        lower = next((s for s in whole if s.is_below(upper) and breaks(upper.text, s.text)), None)
        if lower is not None and upper in whole:
            whole[whole.index(upper)] = joined([upper, lower], "")
            whole.remove(lower)
    return whole


def repaired(segment: Segment, repairs: Iterable[tuple[re.Pattern[str], str]]) -> Segment:
    """The segment with every wrong pattern replaced, in order."""
    text = segment.text
    for wrong, right in repairs:
        text = wrong.sub(right, text)
    return replace(segment, text=text)
