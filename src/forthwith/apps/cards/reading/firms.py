# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Candidates for the company and the department."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries, organisations, titles
from .candidates import Candidate, Clues, continued, script
from .lines import Segment, joined

_DEPARTMENT_IN_TITLE: Final = re.compile(
    r"(?P<department>[\u3041-\u30ff\u4e00-\u9fff]{2,}(?:部|處|处|課|课|科|組|组|室|中心|事業群|本部))"
    r"(?P<title>[\u3041-\u30ff\u4e00-\u9fff]{2,})$"
)


def company_candidates(
    pieces: Sequence[Segment], printed: Sequence[Segment], clues: Clues
) -> list[Candidate]:
    """Companies, the likeliest first; `printed` are lines of addresses that may name one."""
    found = [Candidate(p, _company_score(p, clues)) for p in [*pieces, *_stacks(pieces, clues)]]
    found += [
        Candidate(p, 0.8 * organisations.company_evidence(p.text, clues.domains))
        for p in printed
        if not any(map(str.isdigit, p.text))
    ]
    ranked = sorted((c for c in found if c.score >= 0.2), key=lambda c: -c.score)
    return _fullest_first(ranked)


def _fullest_first(ranked: list[Candidate]) -> list[Candidate]:
    """A logo says `ACME`, a line below `Acme Tools Ltd.`: the longer one is the name."""
    if not ranked:
        return []
    best = texts.comparable(ranked[0].text)
    fuller = [
        c
        for c in ranked[1:]
        if best in texts.comparable(c.text) and c.score >= max(0.5, 0.6 * ranked[0].score)
    ]
    longest = max(fuller, key=lambda c: c.score, default=ranked[0])
    return [longest, *(c for c in ranked if c is not longest)]


def _company_score(piece: Segment, clues: Clues) -> float:
    text = piece.text
    if not any(map(str.isalpha, text)) or len(text) < 2 or "@" in text:
        return 0.0
    score = organisations.company_evidence(text, clues.domains)
    size = piece.height / clues.letter_height
    plain = len(text.split()) <= 6 and len(text) <= 32 and piece.score > 0.85
    if plain:
        score += 0.35 * min(1.0, max(0.0, size - 1.1))
    if organisations.department_evidence(text) >= 0.7 and score < 0.6:
        # A college or a school may be the whole employer, a division hardly.
        score -= 0.0 if dictionaries.has("institutions", text) else 0.3
    return score


def _stacks(pieces: Sequence[Segment], clues: Clues) -> list[Segment]:
    """Two or three lines under one another that say more about a company than each alone."""
    return [stack for first in pieces for stack in _stacks_from(first, pieces, clues)]


def _stacks_from(first: Segment, pieces: Sequence[Segment], clues: Clues) -> list[Segment]:
    stacks: list[Segment] = []
    chain, best = [first], _company_score(first, clues)
    while len(chain) < 3 and (below := _next_line(chain[-1], pieces, clues)) is not None:
        chain.append(below)
        stack = joined(chain, "" if script(first.text) == "cjk" else " ")
        best = max(best, _company_score(below, clues))
        score = _company_score(stack, clues)
        says_more = score > best + 0.05 or organisations.is_only_form(below.text)
        if says_more and len(stack.text) <= 70:
            best = max(best, score)
            stacks.append(stack)
        elif not organisations.ends_open(stack.text):
            break
    return stacks


def _next_line(upper: Segment, pieces: Sequence[Segment], clues: Clues) -> Segment | None:
    return next(
        (p for p in pieces if p.is_below(upper, 0.8) and _stackable(upper, p, clues.domains)), None
    )


def _stackable(upper: Segment, lower: Segment, domains: Sequence[str]) -> bool:
    """Logos set words in different sizes, over one middle or one left edge."""
    above, below = texts.comparable(upper.text), texts.comparable(lower.text)
    if script(upper.text) != script(lower.text) or above in below or below in above:
        return False
    near = upper.height, lower.height
    if above in domains and max(near) > 1.33 * min(near):
        return False  # the logo is the whole name, and a slogan stands below it
    left = abs(upper.left - lower.left) < min(near)
    centre = abs(upper.centre - lower.centre) < min(near)
    return max(near) < 2 * min(near) and (left or centre)


def department_candidates(
    pieces: Sequence[Segment], company: Sequence[Candidate]
) -> list[Candidate]:
    """The department over all its lines, or nothing."""
    others = [c.segment for c in company[:1]]
    fitting = continued(pieces, lambda text: organisations.department_evidence(text) >= 0.7)
    fitting = [piece for piece in fitting if piece not in others]
    if not fitting:
        return []
    chain = [fitting[0]]
    for piece in fitting[1:]:
        if piece.is_below(chain[-1], 1.6) or piece.on_row_of(chain[-1]):
            chain.append(piece)
    return [Candidate(joined(chain, " "), 0.7)]


def department_in_title(title: Sequence[Candidate]) -> list[Candidate]:
    """`業務部副理` names its department; columns and readers lose the space between."""
    if not title:
        return []
    match = _DEPARTMENT_IN_TITLE.match(title[0].text)
    if match is None or titles.evidence(match["title"]) < 0.99:
        return []
    return [Candidate(replace(title[0].segment, text=match["department"]), 0.6)]
