# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Where one line holds several things: a name beside a title, two scripts, parts set apart."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from forthwith.platform import text as texts

from . import dictionaries, names, organisations, titles
from .lines import Segment

_BARS: Final = re.compile(r"\s*[|•]\s*|(?<=[\u4e00-\u9fff])\s*/\s*(?=[\u4e00-\u9fff])")
_LICENCE: Final = re.compile(
    r"\s*[(\d]*\)?[\u4e00-\u9fff]{0,6}字第?\s*[\dA-Z-]+\s*號?|\s*證號[:\s]*[\dA-Z-]+"
)
_MIDDLE_DOT: Final = re.compile(r"(?<![\u3041-\u30ff])\s*[・·]\s*(?![\u3041-\u30ff])")
_FORM_AT_END: Final = re.compile(
    r"(?:股份有限公司|有限責任公司|有限责任公司|有限公司|商行|企業社|企业社|工作室|事務所|事务所|集團|集团)"
)
_BELONGS_TO_COMPANY: Final = re.compile(
    r"公司|分行|分店|門市|门市|工廠|工厂|辦事處|办事处|集團|集团|法人"
)
_SCRIPT_CHANGE: Final = re.compile(
    r"(?<=[\u3041-\u30ff\u4e00-\u9fff々])\s*(?=[(（]?[A-Z][a-zA-Z'-]+(?:[\s.,][A-Z]|$))|"
    r"(?<=[A-Za-z.])\s*(?=[\u3041-\u30ff\u4e00-\u9fff]{2})"
)


_ZERO_IN_WORD: Final = re.compile(r"(?<=[^\W\d_])0(?=[^\W\d_])|(?<=[a-zß-ÿ]{2})0(?!\w)")
_SERVICES: Final = re.compile(
    r"\W*(?:專營|兼營|營業項目|服務項目|業務項目|主營|主营|经营范围|业务范围|業務內容|事業内容|営業品目|取扱)"
)


def lists_services(text: str) -> bool:
    """Whether a line tells what a company does; its words name nobody."""
    return _SERVICES.match(text) is not None


def split(segments: Iterable[Segment], region: str) -> list[Segment]:
    """The pieces of the segments, each about one thing as far as its words can tell."""
    runs = [
        run
        for segment in map(_mended, segments)
        for bar in _at(segment, _bars(segment.text))
        for run in _scripts(bar, region)
    ]
    named = _named([run for run in runs if _is_name(run.text, region)])
    return [piece for run in runs for piece in _words(run, region, named)]


class _Named(NamedTuple):
    """What names on lines of their own tell of those that are glued to titles."""

    height: float  # of their Han letters, 0 without any
    shortest: int  # letters of a glued name


def _named(lines: Sequence[Segment]) -> _Named:
    han = (line.height for line in lines if any(map(texts.is_cjk, line.text)))
    return _Named(max(han, default=0.0), 3 if lines else 2)


def _is_name(text: str, region: str) -> bool:
    """Whether a line is a name and nothing else."""
    if titles.evidence(text) >= 0.5 or organisations.company_evidence(text, ()) >= 0.3:
        return False
    return names.evidence(text, region) >= 0.6 and not organisations.is_division(text)


def _mended(segment: Segment) -> Segment:
    text = _ZERO_IN_WORD.sub(_letter_o, segment.text)
    return replace(segment, text=organisations.mended(text))


def _letter_o(zero: re.Match[str]) -> str:
    following = zero.string[zero.end() : zero.end() + 1]
    return "O" if following.isupper() else "o"


def _bars(text: str) -> list[tuple[int, int]]:
    if lists_services(text):
        return []
    return [
        match.span()
        for match in (*_BARS.finditer(text), *_MIDDLE_DOT.finditer(text), *_LICENCE.finditer(text))
    ]


def _at(segment: Segment, spans: list[tuple[int, int]]) -> list[Segment]:
    return segment.without(*spans) if spans else [segment]


def _scripts(segment: Segment, region: str) -> list[Segment]:
    """`王小明 David Wang`: parted where both sides are a name, or one a company's form."""
    for match in _SCRIPT_CHANGE.finditer(segment.text):
        parts = segment.slice(0, match.start()), segment.slice(match.end(), len(segment.text))
        if all(names.evidence(p.text, region) >= 0.3 for p in parts):
            return list(parts)
        if all(organisations.company_evidence(p.text, ()) >= 0.3 for p in parts):
            return list(parts)
        if all(titles.evidence(p.text) >= 0.6 for p in parts):
            return list(parts)
    return [segment]


def _words(segment: Segment, region: str, named: _Named) -> list[Segment]:
    cut = _cut_after_form(segment.text) or _cut_between(segment.text, region)
    # `管理顧問` is a title below that name, though `管理` alone could be one too.
    if cut is None and segment.height > 1.1 * named.height:
        cut = _cut_without_space(segment.text, region, named.shortest)
    if cut is None:
        return [segment]
    pieces = [segment.slice(0, cut), segment.slice(cut, len(segment.text))]
    return [piece for half in pieces if half.text for piece in _words(half, region, named)]


def _cut_after_form(text: str) -> int | None:
    """`某某有限公司研發部`, `某某商行仙草茶`: a company, then its department or its wares."""
    match = _FORM_AT_END.search(text)
    if match is None or match.start() < 2:
        return None
    tail = text[match.end() :].strip()
    if len(tail) < 2 or _BELONGS_TO_COMPANY.search(tail) or not texts.is_han(tail[0]):
        return None
    return match.end()


def _cut_between(text: str, region: str) -> int | None:
    if any(map(texts.is_cjk, text)):
        return _cut_at_space(text, region)
    return _cut_latin(text, region)


def _cut_at_space(text: str, region: str) -> int | None:
    """`營業部 經理 王 小明`: where the kind of the words changes."""
    spaces = [match.start() for match in re.finditer(r"[\s,/]+", text)]
    for cut in spaces:
        head, tail = text[:cut].strip(), text[cut:].strip(" ,/")
        kinds = {_kind(head, region), _kind(tail, region)}
        if None not in kinds and len(kinds) == 2:
            return cut
    # More than two kinds: part the first word when it is sure of itself.
    head = text[: spaces[0]] if spaces else ""
    return (
        spaces[0]
        if head and _kind(head, region) in ("title", "department", "company") and len(spaces) >= 2
        else None
    )


def _kind(text: str, region: str) -> str | None:
    if organisations.has_legal_form(text):
        return "company"
    if titles.evidence(text) >= 0.8:
        return "title"
    if organisations.department_evidence(text) >= 0.7:
        return "department"
    return "name" if names.evidence(text, region) >= 0.5 else None


def _cut_without_space(text: str, region: str, shortest: int) -> int | None:
    """`業務專員王小明` and `王小明經理`."""
    if re.search(r"\s", text) or not any(map(texts.is_cjk, text)) or titles.evidence(text) >= 0.95:
        return None
    cuts = range(2, len(text) - 1)
    fits = {
        cut: max(
            _fit(text[:cut], text[cut:], region, shortest),
            _fit(text[cut:], text[:cut], region, shortest),
        )
        for cut in cuts
    }
    best = max(fits, key=lambda cut: fits[cut], default=0)
    return best if best and fits[best] > 0 else None


def _fit(name: str, title: str, region: str, shortest: int) -> float:
    """How well two halves of a line are a name and a title; 0 when they are not."""
    if not shortest <= len(name) <= 5 or dictionaries.has("titles", name):
        return 0.0
    if organisations.is_division(name):
        return 0.0
    person, position = names.evidence(name, region), titles.evidence(title)
    if person < 0.5 or position < (0.95 if len(title) < 3 else 0.75):
        return 0.0
    return person + position


def _cut_latin(text: str, region: str) -> int | None:
    """`Jane Doe Founder & CEO` and `Jane Doe, Sales Manager`: the name comes first."""
    match = dictionaries.pattern("titles").search(dictionaries.flat(text))
    if match is None:
        return None
    for space in re.finditer(r"[\s,/-]+", text[: match.start() + 1]):
        head, tail = text[: space.start()], text[space.end() :]
        # Any two words with capitals could be a name: `Customer Success Lead`.
        least = 0.3 if space[0].strip() else 0.4
        if len(head.split()) < 2 or names.evidence(head, region) < least:
            continue
        if titles.evidence(tail) >= 0.8:
            return space.start()
    return None
