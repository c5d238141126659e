# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Pieces of a card as candidates for a role, and how pieces stand to each other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from forthwith.platform import text as texts

from . import organisations
from .lines import Segment, joined


@dataclass(frozen=True, slots=True)
class Clues:
    """What other fields of the card tell about its people and its company."""

    local_parts: tuple[str, ...]
    domains: tuple[str, ...]
    letter_height: float
    region: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of the card and how well it fits one role, 0 to 1."""

    segment: Segment
    score: float

    @property
    def text(self) -> str:
        """What the piece says."""
        return self.segment.text


def continued(pieces: Sequence[Segment], fits: Callable[[str], bool]) -> list[Segment]:
    """Pieces that fit, each with the next line when it ends openly or that one goes on."""
    found: list[Segment] = []
    used: list[Segment] = []
    for piece in pieces:
        if piece in used or not fits(piece.text):
            continue
        below = next((p for p in pieces if p.is_below(piece, 0.9) and aligned(piece, p)), None)
        if below is not None and _goes_on(piece.text, below.text):
            used.append(below)
            found.append(joined([piece, below], " "))
        else:
            found.append(piece)
    return found


def _goes_on(upper: str, lower: str) -> bool:
    if organisations.ends_open(upper.rstrip(",")):
        return True
    return lower[:1].islower() and lower.isascii() and not upper.islower()


def aligned(upper: Segment, lower: Segment) -> bool:
    """Whether two lines have one style and share an edge or the middle."""
    similar = 0.75 < lower.height / upper.height < 1.33
    left = abs(upper.left - lower.left) < upper.height
    centre = abs(upper.centre - lower.centre) < upper.height
    right = abs(upper.right - lower.right) < upper.height
    return similar and (left or centre or right)


def beside(piece: Segment, other: Segment) -> bool:
    """Whether two pieces stand next to each other, on one row or under one another."""
    if piece.on_row_of(other):
        gap = max(piece.left, other.left) - min(piece.right, other.right)
        return gap < 4 * max(piece.height, other.height)
    return piece.is_below(other, 1.6) or other.is_below(piece, 1.6)


def without(pieces: Sequence[Segment], taken: Iterable[Candidate]) -> list[Segment]:
    """The pieces whose lines no taken candidate covers with the same words."""
    used = list(taken)
    return [
        p
        for p in pieces
        if not any(p.text in c.text and set(p.sources) <= set(c.segment.sources) for c in used)
    ]


def script(text: str) -> str:
    """`cjk` when any letter is Han or kana, else `latin`."""
    return "cjk" if any(map(texts.is_cjk, text)) else "latin"
