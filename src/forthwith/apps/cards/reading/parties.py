# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Name, title, department and company: candidates weighed by words and by place."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries, names, organisations, splitting, titles
from .fields import Alternative, Text
from .lines import Segment, joined

_SURE, _SURE_NAME, _SURE_COMPANY = 0.5, 0.34, 0.29  # below, a value is only an alternative
_DEPARTMENT_IN_TITLE: Final = re.compile(
    r"(?P<department>[\u3041-\u30ff\u4e00-\u9fff]{2,}(?:部|處|处|課|课|科|組|组|室|中心|事業群|本部))"
    r"(?P<title>[\u3041-\u30ff\u4e00-\u9fff]{2,})$"
)
_SHARES: Final = ((0.0, 0.0), (0.3, 0.55), (0.5, 0.75), (0.7, 0.88), (0.9, 0.95), (1.0, 0.98))
_LARGE, _HUGE = 1.25, 1.8  # times the usual letter height of the card


@dataclass(frozen=True, slots=True)
class Clues:
    """What other fields of the card tell about its people and its company."""

    local_parts: tuple[str, ...]
    domains: tuple[str, ...]
    letter_height: float
    region: str
    in_words: bool = False
    """Titles and departments are words; names keep letters that words have lost."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of the card and how well it fits one role, 0 to 1."""

    segment: Segment
    score: float

    @property
    def text(self) -> str:
        """What the piece says."""
        return self.segment.text


@dataclass(frozen=True, slots=True)
class Parties:
    """The four fields, and the pieces that belong to none of them."""

    name: Text | None
    company: Text | None
    department: Text | None
    title: Text | None
    rest: tuple[Segment, ...]


def assign(pieces: Sequence[Segment], printed: Sequence[Segment], clues: Clues) -> Parties:
    """Give each piece at most one role; `printed` are other lines that may name the company."""
    free = [piece for piece in pieces if not splitting.lists_services(piece.text)]
    title = _titles(free, clues)
    free = _without(free, title)
    name = _names(free, title, clues)
    free = _without(free, name[:1])
    company = _companies(free, printed, clues)
    free = _without(free, company[:1])
    department = _departments(free, company)
    free = _without(free, department)
    words = replace(clues, in_words=True)
    return Parties(
        name=_text(name, clues, _SURE_NAME),
        company=_text(company, clues, _SURE_COMPANY),
        department=_text(department or _inside_title(title), words, _SURE),
        title=_text(title, words, _SURE),
        rest=tuple(
            _without([*pieces], [*title, *name, *company[:1], *_translated(company), *department])
        ),
    )


def _translated(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those in another script than the first, sure enough to be told as such."""
    if not candidates:
        return []
    first = _script(candidates[0].text)
    return [c for c in candidates if _script(c.text) != first and c.score >= _SURE]


def _titles(pieces: Sequence[Segment], clues: Clues) -> list[Candidate]:
    found = []
    for segment in _continued(pieces, lambda text: titles.evidence(text) >= 0.5):
        score = titles.evidence(segment.text)
        if organisations.has_legal_form(segment.text):
            score -= 0.5
        part = organisations.department_evidence(segment.text)
        if part >= 0.8 or (part >= 0.7 and score < 0.6):
            continue
        if _as_name(segment, clues) > score:
            continue
        if score >= 0.5:
            found.append(Candidate(segment, score))
    return sorted(found, key=lambda c: -c.score)


def _continued(pieces: Sequence[Segment], fits: Callable[[str], bool]) -> list[Segment]:
    """Pieces that fit, each with the next line when it ends openly or that one goes on."""
    found: list[Segment] = []
    used: list[Segment] = []
    for piece in pieces:
        if piece in used or not fits(piece.text):
            continue
        below = next((p for p in pieces if p.is_below(piece, 0.9) and _aligned(piece, p)), None)
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


def _aligned(upper: Segment, lower: Segment) -> bool:
    similar = 0.75 < lower.height / upper.height < 1.33
    left = abs(upper.left - lower.left) < upper.height
    centre = abs(upper.centre - lower.centre) < upper.height
    right = abs(upper.right - lower.right) < upper.height
    return similar and (left or centre or right)


def _names(pieces: Sequence[Segment], title: Sequence[Candidate], clues: Clues) -> list[Candidate]:
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
    latin = (p for p in pieces if _script(p.text) == "latin" and _beside(piece, p))
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
    size = piece.height / clues.letter_height
    score += 0.08 * (size > _LARGE) + 0.08 * (size > _HUGE)
    score += 0.15 * any(_beside(piece, c.segment) for c in title)
    score -= 0.5 * organisations.company_evidence(piece.text, clues.domains)
    return min(1.0, score)


def _beside(piece: Segment, other: Segment) -> bool:
    """Whether two pieces stand next to each other, on one row or under one another."""
    if piece.on_row_of(other):
        gap = max(piece.left, other.left) - min(piece.right, other.right)
        return gap < 4 * max(piece.height, other.height)
    return piece.is_below(other, 1.6) or other.is_below(piece, 1.6)


def _companies(
    pieces: Sequence[Segment], printed: Sequence[Segment], clues: Clues
) -> list[Candidate]:
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
        score -= 0.3
    return score


def _stacks(pieces: Sequence[Segment], clues: Clues) -> list[Segment]:
    """Two or three lines under one another that say more about a company than each alone."""
    stacks = []
    for first in pieces:
        chain = [first]
        scores = [_company_score(first, clues)]
        while len(chain) < 3:
            below = [
                p
                for p in pieces
                if p.is_below(chain[-1], 0.8) and _stackable(chain[-1], p, clues.domains)
            ]
            if not below:
                break
            scores.append(_company_score(below[0], clues))
            chain.append(below[0])
            stack = joined(chain, "" if _script(first.text) == "cjk" else " ")
            score = _company_score(stack, clues)
            if len(stack.text) > 70 or not (gains := score > 0.05 + max(scores)):
                if organisations.ends_open(stack.text):
                    continue
                break
            if gains:
                scores.append(score)
                stacks.append(stack)
    return stacks


def _stackable(upper: Segment, lower: Segment, domains: Sequence[str]) -> bool:
    """Logos set words in different sizes, over one middle or one left edge."""
    above, below = texts.comparable(upper.text), texts.comparable(lower.text)
    if _script(upper.text) != _script(lower.text) or above in below or below in above:
        return False
    near = upper.height, lower.height
    if above in domains and max(near) > 1.33 * min(near):
        return False  # the logo is the whole name, and a slogan stands below it
    left = abs(upper.left - lower.left) < min(near)
    centre = abs(upper.centre - lower.centre) < min(near)
    return max(near) < 2 * min(near) and (left or centre)


def _departments(pieces: Sequence[Segment], company: Sequence[Candidate]) -> list[Candidate]:
    others = [c.segment for c in company[:1]]
    fitting = _continued(pieces, lambda text: organisations.department_evidence(text) >= 0.7)
    fitting = [piece for piece in fitting if piece not in others]
    if not fitting:
        return []
    chain = [fitting[0]]
    for piece in fitting[1:]:
        if piece.is_below(chain[-1], 1.6) or piece.on_row_of(chain[-1]):
            chain.append(piece)
    return [Candidate(joined(chain, " "), 0.7)]


def _inside_title(title: Sequence[Candidate]) -> list[Candidate]:
    """`業務部副理` names its department; columns and readers lose the space between."""
    if not title:
        return []
    match = _DEPARTMENT_IN_TITLE.match(title[0].text)
    if match is None or titles.evidence(match["title"]) < 0.99:
        return []
    return [Candidate(replace(title[0].segment, text=match["department"]), 0.6)]


def _without(pieces: Sequence[Segment], taken: Iterable[Candidate]) -> list[Segment]:
    """The pieces whose lines no taken candidate covers with the same words."""
    used = list(taken)
    return [
        p
        for p in pieces
        if not any(p.text in c.text and set(p.sources) <= set(c.segment.sources) for c in used)
    ]


def _text(candidates: Sequence[Candidate], clues: Clues, least: float) -> Text | None:
    """The best candidate; below `least` the field stays empty and tells alternatives only."""
    if not candidates:
        return None
    best = _in_home_script(candidates, clues.region)
    sure = best.score >= least
    rest = [c for c in candidates if c is not best or not sure]
    same = [c for c in rest if _script(c.text) == _script(best.text)]
    other = _translated([best, *rest])
    return Text(
        value=_mended(best, clues) if sure else None,
        confidence=_confidence(best),
        boxes=best.segment.sources if sure else (),
        alternatives=tuple(_alternative(c, clues) for c in same[:3]),
        other_languages=tuple(_alternative(c, clues) for c in other[:2]),
    )


def _in_home_script(candidates: Sequence[Candidate], region: str) -> Candidate:
    """On a card of Taiwan, China or Japan the Han form is the name, the Latin one its reading."""
    best = candidates[0]
    if region not in ("TW", "CN", "JP") or _script(best.text) == "cjk":
        return best
    least = max(0.6, 0.6 * best.score)
    home = (c for c in candidates if _script(c.text) == "cjk" and c.score >= least)
    return next(home, best)


def _alternative(candidate: Candidate, clues: Clues) -> Alternative:
    return Alternative(_mended(candidate, clues), _confidence(candidate))


def _mended(candidate: Candidate, clues: Clues) -> str:
    text = candidate.text.strip(" ,;:-")
    if clues.region == "VN":
        for words in ("titles", "companies", "legal_forms"):
            text = dictionaries.restored(words, text)
    if clues.region == "JP" and clues.in_words:
        text = texts.modern_japanese(text)
    return texts.mend_variants(text, clues.region)


def _confidence(candidate: Candidate) -> float:
    """The share of right answers at this score, as measured on labelled cards."""
    score = min(1.0, candidate.score)
    share = next(
        low_share + (score - low) * (high_share - low_share) / (high - low)
        for (low, low_share), (high, high_share) in itertools.pairwise(_SHARES)
        if score <= high
    )
    return round(share * candidate.segment.score, 3)


def _script(text: str) -> str:
    return "cjk" if any(map(texts.is_cjk, text)) else "latin"
