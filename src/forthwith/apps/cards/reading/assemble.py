# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""From a page to its cards: every kind of evidence in the order of its strength."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from forthwith.integrations.ocr.page import Page
from forthwith.platform import text as texts

from . import (
    addresses,
    contacts,
    lines,
    names,
    numbers,
    organisations,
    regions,
    titles,
)
from .fields import CardReading, Contact, Text
from .lines import Segment, joined


def extract(page: Page) -> list[CardReading]:
    """Read every card on the page; a page without any text gives no card."""
    if not page.lines and not page.codes:
        return []
    return [_read(page)]


@dataclass(frozen=True, slots=True)
class _Candidate:
    segment: Segment
    score: float


def _read(page: Page) -> CardReading:
    sheet = lines.prepare(page, page.lines)
    mails, rest = contacts.take_emails(sheet.segments)
    sites, rest = contacts.take_websites(rest, mails)
    line_id, rest = contacts.take_line_id(rest)
    order = regions.rank(sheet.segments, [*mails, *sites])
    phones, rest = numbers.take_numbers(rest, order)
    places, rest = addresses.take_addresses(rest)
    pieces = [piece for segment in rest for piece in _split(segment)]
    hosts = [m.value.rpartition("@")[2] for m in mails]
    hosts += [re.sub(r"^https?://", "", s.value).partition("/")[0] for s in sites]
    domains = organisations.mail_domains(hosts)
    title = _best(pieces, titles.evidence, 0.5)
    taken = [title.segment] if title else []
    person = _best([p for p in pieces if p not in taken], lambda t: _name(t, mails), 0.3)
    taken += [person.segment] if person else []
    company = _best(
        [*[p for p in pieces if p not in taken], *_merged([p for p in pieces if p not in taken])],
        lambda t: organisations.company_evidence(t, domains),
        0.4,
    )
    taken += [company.segment] if company else []
    department = _best(
        [p for p in pieces if p not in taken], organisations.department_evidence, 0.5
    )
    return CardReading(
        name=_text(person),
        company=_text(company),
        department=_text(department),
        title=_text(title),
        phones=tuple(phones),
        emails=tuple(Contact(m.value, m.confidence, m.segment.sources) for m in mails),
        websites=tuple(Contact(s.value, s.confidence, s.segment.sources) for s in sites),
        addresses=tuple(places),
        line_id=Contact(line_id.value, line_id.confidence, line_id.segment.sources)
        if line_id
        else None,
        flags=sheet.flags,
    )


def _name(text: str, mails: Sequence[contacts.Found]) -> float:
    lexical = names.evidence(text)
    fit = names.matches_mail(text, [m.value.partition("@")[0] for m in mails])
    return min(1.0, lexical + 0.4 * fit) if lexical else 0.0


def _best(
    pieces: Sequence[Segment], evidence: Callable[[str], float], least: float
) -> _Candidate | None:
    scored = [_Candidate(p, evidence(p.text)) for p in pieces]
    best = max(scored, key=lambda c: (c.score, c.segment.height), default=None)
    return best if best is not None and best.score >= least else None


def _text(candidate: _Candidate | None) -> Text | None:
    if candidate is None:
        return None
    return Text(candidate.segment.text, round(candidate.score, 3), candidate.segment.sources)


_PARTS: Final = re.compile(r"\s*[/|•・](?![\u3041-\u30ff])\s*|\s{3,}")


def _split(segment: Segment) -> list[Segment]:
    parts = segment.without(*[m.span() for m in _PARTS.finditer(segment.text)])
    return [piece for part in parts for piece in _split_title(part)]


def _split_title(segment: Segment) -> list[Segment]:
    """`業務專員王小明` and `Jane Doe Founder & CEO` are a title and a name on one line."""
    for cut in range(2, len(segment.text) - 1):
        head, tail = segment.text[:cut].strip(), segment.text[cut:].strip()
        if _is_name_and_title(head, tail) or _is_name_and_title(tail, head):
            return [
                s for s in (segment.slice(0, cut), segment.slice(cut, len(segment.text))) if s.text
            ]
    return [segment]


def _is_name_and_title(name: str, title: str) -> bool:
    cjk = any(map(texts.is_cjk, name))
    return names.evidence(name) >= (0.7 if cjk else 0.3) and titles.evidence(title) >= 0.85


def _merged(pieces: Sequence[Segment]) -> list[Segment]:
    merged = []
    for upper in pieces:
        chain = [upper]
        while len(chain) < 3:
            last = chain[-1]
            below = next(
                (
                    p
                    for p in pieces
                    if p.is_below(last, 0.8) and 0.75 < p.height / last.height < 1.33
                ),
                None,
            )
            if below is None:
                break
            chain.append(below)
            merged.append(joined(chain, " "))
    return merged
