# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""E-mail addresses, web addresses and LINE ids, with the usual misreadings repaired."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from forthwith.platform import text as texts

from .lines import Segment, joined


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the segment it was read from."""

    value: str
    confidence: float
    segment: Segment
    printed: str = ""


_ENDINGS: Final = (
    r"com|net|org|edu|gov|info|biz|idv|co|io|ai|me|app|dev|tech|online|store|shop|ac|ne|or|go|"
    r"tw|jp|cn|hk|sg|my|vn|th|id|kr|in|uk|de|fr|it|es|pt|br|eu|us|ca|au|nz|ch|at|be|nl|ru|asia|tokyo"
)
_MAIL_LABEL: Final = re.compile(
    r"(?:e[\s.-]*mail|email|mail|電子信箱|電子郵件|電郵|信箱|邮箱|邮件|电子邮箱|メール|e)"
    r"\s*(?:add(?:ress)?)?\s*[:.;/]?\s*$",
    re.IGNORECASE,
)
_GLUED_LABEL: Final = re.compile(
    r"^(?:[eE]-?[mM][aA][iI][lL]|[mM]ail(?=[A-Z])|[eE]-)[.:]?(?=[A-Za-z0-9]{2})|^E(?=[a-z0-9._-]+@)"
)
_MAIL: Final = re.compile(
    r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]", re.IGNORECASE | re.ASCII
)
_MAIL_REPAIRS: Final = (
    (re.compile(r"\s*\(at\)\s*|\s*\[at\]\s*", re.IGNORECASE), "@"),
    (re.compile(r"(?<=\w)\s?[©®](?=\w)"), "@"),
    (re.compile(r"(?<=\w)\s*@\s*(?=\w)"), "@"),
    (re.compile(r"(?<=@)([\w-]+),(?=[a-z])", re.IGNORECASE), r"\1."),
    (re.compile(rf"(?<=[\w])\s*[.,]\s*(?=(?:{_ENDINGS})\b)", re.IGNORECASE), "."),
)
_MISSING_DOT: Final = re.compile(
    r"(?<=[a-z0-9])(com|net|org|edu|gov|idv|co|ac|ne|or)\.?(tw|jp|cn|hk|sg|my|vn|br|uk|in|kr)?$",
    re.IGNORECASE,
)


def take_emails(segments: Sequence[Segment]) -> tuple[list[Found], list[Segment]]:
    """E-mail addresses, and the segments without them."""
    found: list[Found] = []
    rest: list[Segment] = []
    for segment in _join_broken(segments, _breaks_in_mail):
        mails, pieces = _mails_of(segment)
        found.extend(mails)
        rest.extend(pieces)
    return _distinct(found), rest


def _mails_of(segment: Segment) -> tuple[list[Found], list[Segment]]:
    repaired = _repair(segment, _MAIL_REPAIRS)
    found, spans = [], []
    for match in _MAIL.finditer(repaired.text):
        value, confidence = _mail(match[0])
        if value is None:
            continue
        found.append(Found(value, confidence * repaired.score, repaired, match[0]))
        label = _MAIL_LABEL.search(repaired.text[: match.start()])
        spans.append((label.start() if label else match.start(), match.end()))
    return found, repaired.without(*spans) if found else [segment]


def _mail(printed: str) -> tuple[str | None, float]:
    printed = _GLUED_LABEL.sub("", printed)
    sound = texts.email_address(printed)
    if sound is not None:
        return sound, 0.98
    local, _, domain = printed.rpartition("@")
    dotted = _MISSING_DOT.sub(lambda m: "." + ".".join(filter(None, m.groups())), domain)
    return texts.email_address(f"{local}@{dotted.replace('..', '.')}"), 0.75


def _repair(segment: Segment, repairs: Sequence[tuple[re.Pattern[str], str]]) -> Segment:
    text = segment.text
    for wrong, right in repairs:
        text = wrong.sub(right, text)
    return replace(segment, text=text)


def _breaks_in_mail(upper: str, lower: str) -> bool:
    """An address that ends at `@`, at a dot or a hyphen of its domain goes on below."""
    if "@" in lower or " " in lower.strip():
        return False
    if upper.endswith("@"):
        return re.match(r"^[a-z0-9.-]+\.[a-z]{2,}$", lower, re.IGNORECASE) is not None
    broken = re.search(r"\S+@[\w.-]*[.-]$", upper) is not None
    return broken and re.match(r"^[a-z0-9.-]+$", lower, re.IGNORECASE) is not None


def _breaks_in_address(upper: str, lower: str) -> bool:
    """A web address that ends with a slash goes on below when a path follows."""
    if not re.search(r"(?:https?:|www\.)\S+/$", upper, re.IGNORECASE):
        return False
    return re.fullmatch(r"[\w~%.-]+(?:/[\w~%.-]*)+", lower, re.ASCII) is not None


def _join_broken(segments: Sequence[Segment], breaks: Callable[[str, str], bool]) -> list[Segment]:
    whole = list(segments)
    for upper in segments:
        lower = next((s for s in whole if s.is_below(upper) and breaks(upper.text, s.text)), None)
        if lower is not None and upper in whole:
            whole[whole.index(upper)] = joined([upper, lower], "")
            whole.remove(lower)
    return whole


_SITE: Final = re.compile(
    r"(?P<scheme>https?:/{1,2}\s?)?(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})"
    r"(?P<path>(?::\d{2,5})?/[\w~%#?=&./+-]*)?",
    re.IGNORECASE | re.ASCII,
)
_SITE_LABEL: Final = re.compile(
    r"(?:web\s*site|website|web|url|homepage|home\s*page|hp|site|網址|网址|網站|网站|官網|官网|主页|首頁|"
    r"ホームページ|ウェブサイト|サイト|w|h)\s*[:.;]*\s*$",
    re.IGNORECASE,
)
_SITE_REPAIRS: Final = (
    (re.compile(r"\b(https?)\s*[:;.]?\s*(?:/{1,2}\s*|(?=www))", re.IGNORECASE), r"\1://"),
    (re.compile(r"\b[WwHhUu](?=www\.)"), ""),
    (re.compile(r"\b(w{3})\s*[.,·-]\s*(?=[a-z0-9])", re.IGNORECASE), r"\1."),
    (re.compile(r"\b(www)(?=[a-z0-9-]+\.)", re.IGNORECASE), r"\1."),
    (re.compile(rf"(?<=[a-z0-9])\s*[.,]\s*(?=(?:{_ENDINGS})\b)", re.IGNORECASE), "."),
)
_COMMON_ENDING: Final = re.compile(
    r"\.(?:com|net|org|edu|info|biz|io|co|ai|app|dev|tech|shop|store|online|asia|"
    r"(?:com|net|org|edu|co|ac|ne|or|go|gov|idv)\.[a-z]{2}|tw|jp|cn|hk|sg|my|vn|th|kr|de|fr|pt|br|eu)$",
    re.IGNORECASE,
)


def take_websites(
    segments: Sequence[Segment], mails: Sequence[Found]
) -> tuple[list[Found], list[Segment]]:
    """Web addresses, and the segments without them."""
    domains = {texts.registered_domain(mail.value.rpartition("@")[2]) for mail in mails}
    found: list[Found] = []
    rest: list[Segment] = []
    for segment in _join_broken(segments, _breaks_in_address):
        sites, pieces = _sites_of(segment, domains)
        found.extend(sites)
        rest.extend(pieces)
    return _distinct(found), rest


def _sites_of(segment: Segment, domains: set[str | None]) -> tuple[list[Found], list[Segment]]:
    repaired = _repair(segment, _SITE_REPAIRS)
    found, spans = [], []
    for match in _SITE.finditer(repaired.text):
        label = _SITE_LABEL.search(repaired.text[: match.start()])
        confidence = _site_confidence(match, labelled=label is not None, domains=domains)
        if confidence == 0.0:
            continue
        printed = match[0].replace(" ", "")
        found.append(Found(printed, confidence * repaired.score, repaired, printed))
        spans.append((label.start() if label else match.start(), match.end()))
    return found, repaired.without(*spans) if found else [segment]


def _site_confidence(match: re.Match[str], *, labelled: bool, domains: set[str | None]) -> float:
    host = match["host"].lower()
    registered = texts.registered_domain(host)
    if registered is None or not texts.web_address(match[0].replace(" ", "")):
        return 0.0
    if match["scheme"] or host.startswith("www.") or registered in domains:
        return 0.97
    if labelled:
        return 0.93
    # Dots also stand in abbreviations and after initials: only a usual ending may stand alone.
    plain = match["host"] == host and len(host) > 5 and _COMMON_ENDING.search(host)
    return 0.85 if plain else 0.0


_LINE_ID: Final = re.compile(
    r"(?<![a-z-])line\s*(?:id|帳號|official)?\s*(?P<sign>[:@])?\s*(?P<id>@?[a-z0-9][a-z0-9._-]{2,30})$",
    re.IGNORECASE | re.ASCII,
)
_LINE_WORD: Final = re.compile(r"(?<![a-z-])line\s*(?:id|帳號|@|:)", re.IGNORECASE)


def take_line_id(segments: Sequence[Segment]) -> tuple[Found | None, list[Segment]]:
    """The id behind a `LINE` label, and the segments without it."""
    for segment in segments:
        match = _LINE_ID.search(segment.text)
        if match and _LINE_WORD.search(segment.text):
            prefix = "@" if match["sign"] == "@" else ""
            found = Found(prefix + match["id"], 0.9 * segment.score, segment, match[0])
            rest = [piece for s in segments for piece in _cut(s, segment, match.span())]
            return found, rest
    return None, list(segments)


def _cut(segment: Segment, target: Segment, span: tuple[int, int]) -> list[Segment]:
    return segment.without(span) if segment is target else [segment]


def _distinct(found: Sequence[Found]) -> list[Found]:
    seen: dict[str, Found] = {}
    for item in found:
        seen.setdefault(item.value.casefold(), item)
    return list(seen.values())
