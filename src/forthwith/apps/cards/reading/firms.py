# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Candidates for the company and the department."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries, names, organisations, titles
from .candidates import Candidate, Clues, continued, script
from .lines import Segment, joined

_DEPARTMENT_IN_TITLE: Final = re.compile(
    r"(?P<department>[\u3041-\u30ff\u4e00-\u9fff]{2,}(?:部|處|处|課|课|科|組|组|室|中心|事業群|本部))"
    r"(?P<title>[\u3041-\u30ff\u4e00-\u9fff]{2,})$"
)


@dataclass(frozen=True, slots=True)
class _Stack:
    """Lines under one another that are one name."""

    lines: tuple[Segment, ...]
    whole: Segment
    evidence: float

    def candidate(self, clues: Clues) -> Candidate:
        """The whole, as prominent as its most prominent line."""
        size = max(_prominence(line, clues) for line in self.lines)
        return Candidate(self.whole, self.evidence + size)


def company_candidates(
    pieces: Sequence[Segment], printed: Sequence[Segment], clues: Clues
) -> list[Candidate]:
    """Companies, the likeliest first; `printed` are lines of addresses that may name one."""
    found = [Candidate(p, _evidence(p, clues) + _prominence(p, clues)) for p in pieces]
    found += [stack.candidate(clues) for stack in _stacks(pieces, clues)]
    found += [
        Candidate(p, 0.8 * organisations.company_evidence(p.text, clues.domains))
        for p in printed
        if not any(map(str.isdigit, p.text))
    ]
    ranked = sorted((c for c in found if c.score >= 0.2), key=lambda c: -c.score)
    return _fullest_first(ranked)


def lines_of_firms(pieces: Sequence[Segment], clues: Clues) -> list[Segment]:
    """Lines that only together are a company with its legal form.

    Alone, `Morgenstern Versicherungsmakler` above `GmbH & Co. KG` looks like a title, and
    `Thanh An` below `Công ty Du Lịch` like a name.
    """
    stacks = [stack for stack in _stacks(pieces, clues) if _is_firm(stack, clues)]
    return [line for stack in stacks for line in stack.lines]


def _is_firm(stack: _Stack, clues: Clues) -> bool:
    first, whole = stack.lines[0].text, stack.whole.text
    if not organisations.has_legal_form(whole):
        return False
    if names.evidence(first, clues.region) >= 0.5 and _fit(first, clues) < 0.6:
        return False  # a person above a firm such as `Design Studio Ltd`
    if any(organisations.is_only_form(line.text) for line in stack.lines):
        return True
    return organisations.begins_with_form(whole) or _fit(whole, clues) >= 0.8


def _fit(text: str, clues: Clues) -> float:
    fits = (organisations.matches_domain(text, domain) for domain in clues.domains)
    return max(fits, default=0.0)


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


def _evidence(piece: Segment, clues: Clues) -> float:
    """What the words say."""
    text = piece.text
    if not any(map(str.isalpha, text)) or len(text) < 2 or "@" in text:
        return 0.0
    score = organisations.company_evidence(text, clues.domains)
    if organisations.department_evidence(text) >= 0.7 and score < 0.6:
        # A college or a school may be the whole employer, a division hardly.
        score -= 0.0 if dictionaries.has("institutions", text) else 0.3
    return score


def _prominence(piece: Segment, clues: Clues) -> float:
    """What the size says: logos are large and short."""
    text = piece.text
    if not any(map(str.isalpha, text)) or len(text) < 2 or "@" in text:
        return 0.0
    if len(text.split()) > 6 or len(text) > 32 or piece.score <= 0.85:
        return 0.0
    return 0.35 * min(1.0, max(0.0, piece.height / clues.letter_height - 1.1))


def _stacks(pieces: Sequence[Segment], clues: Clues) -> list[_Stack]:
    """Two or three lines under one another that say more about a company than each alone."""
    return [stack for first in pieces for stack in _stacks_from(first, pieces, clues)]


def _stacks_from(first: Segment, pieces: Sequence[Segment], clues: Clues) -> list[_Stack]:
    if organisations.is_only_form(first.text) and not organisations.begins_with_form(first.text):
        return []
    stacks: list[_Stack] = []
    chain, best = [first], _evidence(first, clues)
    while len(chain) < 3 and (below := _next_line(chain[-1], pieces, clues)) is not None:
        chain.append(below)
        whole = joined(chain, "" if script(first.text) == "cjk" else " ")
        best, said = max(best, _evidence(below, clues)), _evidence(whole, clues)
        says_more = said > best + 0.05 or _goes_on(chain[-2], below, clues)
        if says_more and len(whole.text) <= 70:
            best = max(best, said)
            stacks.append(_Stack(tuple(chain), whole, said))
        elif not organisations.ends_open(whole.text):
            break
    return stacks


def _goes_on(upper: Segment, lower: Segment, clues: Clues) -> bool:
    """Whether the second line can only be the end of the first."""
    if organisations.is_only_form(lower.text):
        return True
    like_the_mail = names.matches_mail(lower.text, clues.local_parts) >= 0.7
    if not lower.is_below(upper, 0.3 if like_the_mail else 0.5):
        return False
    if not 0.88 < lower.height / upper.height < 1.14:
        return False
    if organisations.begins_with_form(upper.text) or lower.text[:1].islower():
        return True
    # `Jacarandá Móveis` above `Planejados Soluções`: both tell of one trade.
    kinds = min(organisations.company_evidence(line.text, ()) for line in (upper, lower))
    return kinds >= 0.3 and not organisations.has_legal_form(upper.text)


def _next_line(upper: Segment, pieces: Sequence[Segment], clues: Clues) -> Segment | None:
    return next(
        (p for p in pieces if p.is_below(upper, 0.8) and _stackable(upper, p, clues.domains)), None
    )


def _stackable(upper: Segment, lower: Segment, domains: Sequence[str]) -> bool:
    """Logos set words in different sizes, over one middle or one edge."""
    above, below = texts.comparable(upper.text), texts.comparable(lower.text)
    if script(upper.text) != script(lower.text) or above in below or below in above:
        return False
    near = upper.height, lower.height
    if above in domains and max(near) > 1.33 * min(near):
        return False  # the logo is the whole name, and a slogan stands below it
    left = abs(upper.left - lower.left) < min(near)
    centre = abs(upper.centre - lower.centre) < min(near)
    right = abs(upper.right - lower.right) < min(near)
    return max(near) < 2 * min(near) and (left or centre or right)


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
