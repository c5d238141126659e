"""E-mail addresses, with the usual misreadings repaired."""

import re
from collections.abc import Sequence
from typing import Final

from forthwith.platform import text as texts

from . import hosts
from .lines import Found, Segment, distinct, join_broken, repaired

_ENDINGS: Final = (
    r"com|net|org|edu|gov|info|biz|idv|co|io|ai|me|app|dev|tech|online|store|shop|ac|ne|or|go|"
    r"tw|jp|cn|hk|sg|my|vn|th|id|kr|in|uk|de|fr|it|es|pt|br|eu|us|ca|au|nz|ch|at|be|nl|ru|asia|tokyo"
)
_WORDS: Final = (
    r"(?:e[\s.-]*mail|email|mail|電子信箱|電子郵件|電郵|电邮|信箱|邮箱|邮件|电子邮箱|電子邮箱|メール|e)"
    r"\s*(?:add(?:ress)?)?"
)
_LABEL: Final = re.compile(rf"{_WORDS}\s*[:.;/]?\s*$", re.IGNORECASE)
_ONLY_LABELS: Final = re.compile(rf"(?:[\W_]*{_WORDS})+[\W_]*", re.IGNORECASE)
_GLUED_LABEL: Final = re.compile(
    r"^(?:[eE]-?[mM][aA][iI][lL]|[mM]ail(?=[A-Z])|[eE]-)[.:]?(?=[A-Za-z0-9]{2})"
)
_GLUED_LETTER: Final = re.compile(r"^E(?=[a-z0-9._-]+@)")
_LETTER_LABELS: Final = re.compile(r"^[TMFP]\s?[+(]?\d|^[Ww]{4}\.")
_MAIL: Final = re.compile(
    r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*[a-z0-9]", re.IGNORECASE | re.ASCII
)
_REPAIRS: Final = (
    (re.compile(r"\s*\(at\)\s*|\s*\[at\]\s*", re.IGNORECASE), "@"),
    (re.compile(r"(?<=\w)\s?[©®](?=\w)"), "@"),
    (re.compile(r"(?<=\w)\s*@\s*(?=\w)"), "@"),
    (re.compile(r"(?<=@)([\w-]+),(?=[a-z])", re.IGNORECASE), r"\1."),
    (re.compile(rf"(?<=[\w])\s*[.,]\s*(?=(?:{_ENDINGS})\b)", re.IGNORECASE), "."),
)
_MISSING_DOT: Final = re.compile(
    r"(?<=[a-z0-9])(?:(com|net|org|edu|gov|idv)\.?(tw|jp|cn|hk|sg|my|vn|br|uk|in|kr)?|"
    r"(co|ac|ne|or)\.?(tw|jp|th|uk|in|kr|nz))$",
    re.IGNORECASE,
)
_LOOKALIKES: Final = "[agqQ©®8&S]"  # what `@` is read as on blurred pictures


def is_only_label(text: str) -> bool:
    """Whether a piece of text is nothing but words for an address, in one language or two."""
    return _ONLY_LABELS.fullmatch(text) is not None


def take_emails(segments: Sequence[Segment]) -> tuple[list[Found], list[Segment]]:
    """E-mail addresses, and the segments without them."""
    sites = hosts.printed(segments)
    by_letter = any(_LETTER_LABELS.match(s.text) for s in segments)
    repairs = [*_REPAIRS, *hosts.repairs(sites, r"(?<=@)")]
    found: list[Found] = []
    rest: list[Segment] = []
    for segment in join_broken(segments, _goes_on_below):
        mended = repaired(_with_at_sign(segment, sites), repairs)
        mails, spans = _mails_of(mended, by_letter=by_letter)
        found.extend(mails)
        rest.extend(mended.without(*spans) if mails else [segment])
    return distinct(found), rest


def _goes_on_below(upper: str, lower: str) -> bool:
    """An address that ends at `@`, or at a dot or a hyphen of its domain, goes on below."""
    if "@" in lower or " " in lower.strip():
        return False
    if upper.endswith("@"):
        return re.match(r"^[a-z0-9.-]+\.[a-z]{2,}$", lower, re.IGNORECASE) is not None
    broken = re.search(r"\S+@[\w.-]*[.-]$", upper) is not None
    return broken and re.match(r"^[a-z0-9.-]+$", lower, re.IGNORECASE) is not None


def _with_at_sign(segment: Segment, sites: Sequence[str]) -> Segment:
    """`annleegacme.com` beside `www.acme.com`: the `g` before the known domain was an `@`."""
    if "@" in segment.text or "www" in segment.text.lower():
        return segment
    for site in sites:
        domain = re.escape(texts.registered_domain(site) or site)
        wrong = re.compile(rf"(?<=[\w.-]{{2}}){_LOOKALIKES}({domain})\b", re.IGNORECASE)
        mended = repaired(segment, [(wrong, r"@\1")])
        if "@" in mended.text:
            return mended
    return segment


def _mails_of(segment: Segment, *, by_letter: bool) -> tuple[list[Found], list[tuple[int, int]]]:
    found, spans = [], []
    for match in _MAIL.finditer(segment.text):
        printed = _GLUED_LABEL.sub("", match[0])
        if by_letter:
            printed = _GLUED_LETTER.sub("", printed)
        value, confidence = _mail(printed)
        if value is None:
            continue
        found.append(Found(value, confidence * segment.score, segment))
        label = _LABEL.search(segment.text[: match.start()])
        spans.append((label.start() if label else match.start(), match.end()))
    return found, spans


def _mail(printed: str) -> tuple[str | None, float]:
    sound = texts.email_address(printed)
    if sound is not None:
        return sound, 0.98
    local, _, domain = printed.rpartition("@")
    dotted = _MISSING_DOT.sub(lambda m: "." + ".".join(filter(None, m.groups())), domain)
    return texts.email_address(f"{local}@{dotted.replace('..', '.')}"), 0.75
