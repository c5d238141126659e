"""Web addresses, with the usual misreadings repaired."""

import re
from collections.abc import Sequence
from typing import Final

from forthwith.platform import text as texts

from . import hosts
from .lines import Found, Segment, distinct, join_broken, repaired

_SITE: Final = re.compile(
    r"(?P<scheme>https?:/{1,2})?(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})"
    r"(?P<path>(?::\d{2,5})?/[\w~%#?=&./+-]*)?",
    re.IGNORECASE | re.ASCII,
)
_WORDS: Final = (
    r"(?:web\s*site|website|web|url|homepage|home\s*page|hp|site|網址|网址|網站|网站|官網|官网|主页|首頁|"
    r"ホームページ|ウェブサイト|サイト|w|h)"
)
_LABEL: Final = re.compile(rf"{_WORDS}\s*[:.;]*\s*$", re.IGNORECASE)
_ONLY_LABELS: Final = re.compile(rf"(?:[\W_]*{_WORDS})+[\W_]*", re.IGNORECASE)
_REPAIRS: Final = (
    (re.compile(r"\b(https?)\s*[:;.]?\s*(?:/{1,2}\s*|(?=www))", re.IGNORECASE), r"\1://"),
    (re.compile(r"\b(?:[whu]|url|web|hp|site)(?=www\.)", re.IGNORECASE), ""),
    (re.compile(r"\b(w{3})(?:\s*[.,·-]\s*|\s+)(?=[a-z0-9])", re.IGNORECASE), r"\1."),
    (re.compile(r"\b(www)(?=[a-z0-9-]+\.)", re.IGNORECASE), r"\1."),
    (
        re.compile(
            r"(?<=[a-z0-9])\s*[.,]\s*(?=(?:com|net|org|edu|co|ac|ne|or|go|tw|jp|cn|hk|vn|br|in|uk|de)\b)",
            re.IGNORECASE,
        ),
        ".",
    ),
)
_USUAL_ENDING: Final = re.compile(
    r"\.(?:com|net|org|edu|info|biz|io|co|ai|app|dev|tech|shop|store|online|asia|"
    r"(?:com|net|org|edu|co|ac|ne|or|go|gov|idv)\.[a-z]{2}|tw|jp|cn|hk|sg|my|vn|th|kr|de|fr|pt|br|eu)$",
    re.IGNORECASE,
)
_SHORTEST_HOST: Final = 6  # letters of a host that may stand alone, without label or scheme


def is_only_label(text: str) -> bool:
    """Whether a piece of text is nothing but words for a site, in one language or two."""
    return _ONLY_LABELS.fullmatch(text) is not None


def take_websites(
    segments: Sequence[Segment], mails: Sequence[Found]
) -> tuple[list[Found], list[Segment]]:
    """Web addresses, and the segments without them."""
    known = [mail.value.rpartition("@")[2] for mail in mails]
    repairs = [*_REPAIRS, *hosts.repairs(known, r"(?<![\w@-])(?<!(?<!www)\.)")]
    found: list[Found] = []
    rest: list[Segment] = []
    for segment in join_broken(segments, _goes_on_below):
        mended = repaired(segment, repairs)
        sites, spans = _sites_of(mended, known)
        found.extend(sites)
        rest.extend(mended.without(*spans) if sites else [segment])
    return distinct(found), rest


def _goes_on_below(upper: str, lower: str) -> bool:
    """A web address that ends with a slash goes on below when a path follows."""
    if not re.search(r"(?:https?:|www\.)\S+/$", upper, re.IGNORECASE):
        return False
    return re.fullmatch(r"[\w~%.-]+(?:/[\w~%.-]*)+", lower, re.ASCII) is not None


def _sites_of(segment: Segment, known: Sequence[str]) -> tuple[list[Found], list[tuple[int, int]]]:
    found, spans = [], []
    for match in _SITE.finditer(segment.text):
        label = _LABEL.search(segment.text[: match.start()])
        host = _dotted_like(match["host"], known)
        confidence = _confidence(match, host, known, labelled=label is not None)
        if confidence == 0.0:
            continue
        value = match[0].replace(match["host"], host, 1)
        found.append(Found(value, confidence * segment.score, segment))
        spans.append((label.start() if label else match.start(), match.end()))
    return found, spans


def _dotted_like(host: str, mail_hosts: Sequence[str]) -> str:
    """`www.acmecom.tw` is `www.acme.com.tw` when the e-mail says so: dots get lost."""
    bare = host.lower().removeprefix("www.")
    for other in mail_hosts:
        if other != bare and other.replace(".", "") == bare.replace(".", ""):
            most = max(other, bare, key=lambda h: h.count("."))
            return host[: len(host) - len(bare)] + most
    return host


def _confidence(
    match: re.Match[str], host: str, mail_hosts: Sequence[str], *, labelled: bool
) -> float:
    """How sure a host is one; dots also stand in abbreviations and behind initials."""
    registered = texts.registered_domain(host)
    if registered is None or texts.web_address(host) is None:
        return 0.0
    known = registered in map(texts.registered_domain, mail_hosts)
    if match["scheme"] or host.lower().startswith("www.") or known:
        return 0.97
    if labelled:
        return 0.93
    plain = host == host.lower() and len(host) >= _SHORTEST_HOST
    return 0.85 if plain and _USUAL_ENDING.search(host) else 0.0
