# weights, letters and ratios are written where they act
"""Name, title, department and company: each piece of the card gets at most one role."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from . import spelling, splitting
from .candidates import Candidate, Clues, script, without
from .fields import Alternative, Text
from .firms import (
    company_candidates,
    department_candidates,
    department_in_title,
    lines_of_firms,
)
from .lines import Segment
from .people import name_candidates, title_candidates

_SURE, _SURE_NAME, _SURE_COMPANY = 0.5, 0.34, 0.29  # below, a value is only an alternative
_SHARES: Final = ((0.0, 0.0), (0.3, 0.55), (0.5, 0.75), (0.7, 0.88), (0.9, 0.95), (1.0, 0.98))
"""Scores, and the share of right answers at each, as measured on labelled cards."""
_BY_DOMAIN: Final = 0.4  # how often the owner's word of a domain is the name of the company


Spelling: TypeAlias = Callable[[str, str], str]
"""Mends what was read; takes the text and the region of the card."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The four fields, the pieces that belong to none of them, and those that fit none well."""

    name: Text | None
    company: Text | None
    department: Text | None
    title: Text | None
    rest: tuple[Segment, ...]
    free: tuple[Segment, ...]


def assign(pieces: Sequence[Segment], printed: Sequence[Segment], clues: Clues) -> Parties:
    """Give each piece at most one role; `printed` are other lines that may name the company."""
    free = [piece for piece in pieces if not splitting.lists_services(piece.text)]
    firms = lines_of_firms(free, clues)
    personal = [piece for piece in free if piece not in firms]
    title = title_candidates(personal, clues)
    free = without(free, title)
    name = name_candidates(without(personal, title), title, clues)
    free = without(free, [*name[:1], *_translated(name)])
    company = company_candidates(free, printed, clues)
    free = without(free, company[:1])
    department = department_candidates(free, company)
    used = [*title, *name, *company[:1], *_translated(company), *department]
    department_or_part = department or department_in_title(title)
    return Parties(
        name=_text(name, _SURE_NAME, clues.region, spelling.of_person),
        company=_or_domain(
            _text(company, _SURE_COMPANY, clues.region, spelling.of_firm), clues.domains
        ),
        department=_text(department_or_part, _SURE, clues.region, spelling.of_words),
        title=_text(title, _SURE, clues.region, spelling.of_words),
        rest=tuple(without(pieces, used)),
        free=tuple(without(pieces, [c for c in used if c not in name[1:] or c.score >= _SURE])),
    )


def _translated(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those in another script than the first, sure enough to be told as such."""
    if not candidates:
        return []
    first = script(candidates[0].text)
    return [c for c in candidates if script(c.text) != first and c.score >= _SURE]


def _text(
    candidates: Sequence[Candidate], least: float, region: str, spell: Spelling
) -> Text | None:
    """The best candidate; below `least` the field stays empty and tells alternatives only."""
    if not candidates:
        return None
    best = _in_home_script(candidates, region)
    sure = best.score >= least
    rest = [c for c in candidates if c is not best or not sure]
    same = [c for c in rest if script(c.text) == script(best.text)]
    other = _translated([best, *rest])

    def alternative(candidate: Candidate) -> Alternative:
        return Alternative(spell(candidate.text, region), _confidence(candidate))

    return Text(
        value=spell(best.text, region) if sure else None,
        confidence=_confidence(best),
        boxes=best.segment.sources if sure else (),
        alternatives=tuple(Alternative(spell(c.text, region), _confidence(c)) for c in same[:3]),
        other_languages=tuple(
            Alternative(spell(c.text, region), _confidence(c)) for c in other[:2]
        ),
    )


def _in_home_script(candidates: Sequence[Candidate], region: str) -> Candidate:
    """On a card of Taiwan, China or Japan the Han form is the name, the Latin one its reading."""
    best = candidates[0]
    if region not in ("TW", "CN", "JP") or script(best.text) == "cjk":
        return best
    least = max(0.6, 0.6 * best.score)
    home = (c for c in candidates if script(c.text) == "cjk" and c.score >= least)
    return next(home, best)


def _confidence(candidate: Candidate) -> float:
    score = min(1.0, candidate.score)
    share = next(
        low_share + (score - low) * (high_share - low_share) / (high - low)
        for (low, low_share), (high, high_share) in itertools.pairwise(_SHARES)
        if score <= high
    )
    return round(share * candidate.segment.score, 3)


def _or_domain(company: Text | None, domains: Sequence[str]) -> Text | None:
    """Where only a logo names the company, the domain is at least a proposal."""
    if not domains or (company is not None and company.value is not None):
        return company
    proposals = tuple(Alternative(domain, _BY_DOMAIN) for domain in domains[:2])
    empty = company or Text(None, _BY_DOMAIN)
    return msgspec.structs.replace(empty, alternatives=(*empty.alternatives, *proposals))
