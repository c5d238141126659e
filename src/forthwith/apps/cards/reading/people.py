# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Candidates for the name and the title of the person."""

import math
from collections.abc import Sequence
from typing import Final

from forthwith.platform import text as texts

from . import names, organisations, titles
from .candidates import Candidate, Clues, beside, continued, script
from .lines import Segment, joined

_LARGE: Final = 1.25  # times the usual letter height of the card
_HUGE: Final = 1.8
_LARGER_THAN_NAME: Final = 1.15  # times; titles are set smaller


def title_candidates(pieces: Sequence[Segment], clues: Clues) -> list[Candidate]:
    """Titles, the likeliest first; a line that goes on below counts as one."""
    found = []
    tallest = _tallest_name(pieces, clues)
    for segment in continued(pieces, lambda text: titles.evidence(text) >= 0.5):
        score = titles.evidence(segment.text)
        if organisations.has_legal_form(segment.text):
            score -= 0.5
        if score < 0.95 and segment.height > _LARGER_THAN_NAME * tallest:
            continue  # `東岬顧問` as a logo
        part = organisations.department_evidence(segment.text)
        if part >= 0.8 or (part >= 0.7 and score < 0.6):
            continue
        if _as_name(segment, clues) > score:
            continue
        if score >= 0.5:
            found.append(Candidate(segment, score))
    return sorted(found, key=lambda c: -c.score)


def _tallest_name(pieces: Sequence[Segment], clues: Clues) -> float:
    named = (p.height for p in pieces if names.evidence(p.text, clues.region) >= 0.5)
    return max(named, default=math.inf)


def name_candidates(
    pieces: Sequence[Segment], title: Sequence[Candidate], clues: Clues
) -> list[Candidate]:
    """Names, the likeliest first, weighed beside the titles that were found."""
    whole = [*pieces, *_set_apart(pieces)]
    found = [Candidate(p, _name_score(p, title, clues)) for p in whole]
    found += [Candidate(p, _by_place(p, pieces, clues)) for p in pieces]
    return sorted((c for c in found if c.score >= 0.3), key=lambda c: -c.score)


def _set_apart(pieces: Sequence[Segment]) -> list[Segment]:
    """`林     太郎`: surname and given name with a wide gap between, in boxes of their own."""
    short = [p for p in pieces if len(p.text) <= 3 and all(map(texts.is_cjk, p.text))]
    return [
        joined([first, second], " ")
        for first in short
        for second in short
        if second.on_row_of(first)
        and 0.75 < second.height / first.height < 1.33
        and 0 < second.left - first.right < 3.5 * first.height
    ]


def _by_place(piece: Segment, pieces: Sequence[Segment], clues: Clues) -> float:
    """Two to four large Han letters beside a name in Latin letters are that name.

    Pen names and rare surnames are in no list; where they stand tells them.
    """
    text = piece.text
    large = piece.height > _LARGE * clues.letter_height
    if not large or not 2 <= len(text) <= 4 or not all(map(texts.is_han, text)):
        return 0.0
    if _says_something_else(text) or names.evidence(text, clues.region) > 0:
        return 0.0
    latin = (p for p in pieces if script(p.text) == "latin" and beside(piece, p))
    return 0.6 if any(names.evidence(p.text, clues.region) >= 0.3 for p in latin) else 0.3


def _says_something_else(text: str) -> bool:
    if organisations.company_evidence(text, ()) >= 0.3 or titles.evidence(text) >= 0.5:
        return True
    return organisations.department_evidence(text) >= 0.7


def _as_name(piece: Segment, clues: Clues) -> float:
    """The evidence of the words and of the e-mail address; `Professor Ann Lee` is a name."""
    lexical = names.evidence(piece.text, clues.region)
    return lexical and lexical + 0.35 * names.matches_mail(piece.text, clues.local_parts)


def _name_score(piece: Segment, title: Sequence[Candidate], clues: Clues) -> float:
    score = _as_name(piece, clues)
    if score == 0.0:
        return 0.0
    if organisations.is_division(piece.text) or _is_cjk_title(piece.text):
        return 0.0
    size = piece.height / clues.letter_height
    score += 0.08 * (size > _LARGE) + 0.08 * (size > _HUGE)
    score += 0.15 * any(beside(piece, c.segment) for c in title)
    known = names.matches_mail(piece.text, clues.local_parts) >= 0.7
    score -= (0.5 if known else 1.0) * organisations.company_evidence(piece.text, clues.domains)
    return min(1.0, score)


def _is_cjk_title(text: str) -> bool:
    return script(text) == "cjk" and titles.evidence(text) >= 0.7
