# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Positions: how much a text looks like what somebody is or does."""

import re
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries

_LONGEST_CJK: Final = 22  # letters; longer lines are slogans and lists of services
_LONGEST_LATIN: Final = 9  # words
_HEAD_END: Final = re.compile(
    r"\s*(?:$|[,/&|()+.:-]|of\b|for\b|and\b|de\b|da\b|do\b|e\b|to\b|in\b|at\b|y\b|i+\b|\d)"
)
_HEAD_START: Final = re.compile(r"(?:^|[,/&|()+.-]|\bof|\band|\be|\by)\s*$")


def evidence(text: str) -> float:
    """How much a text looks like a title, 0 to 1."""
    flat = dictionaries.flat(dictionaries.spaced(text))
    matches = [
        *dictionaries.pattern("titles").finditer(flat),
        *dictionaries.endings("title_endings").finditer(flat),
    ]
    if not matches or "@" in text:
        return 0.0
    if any(map(texts.is_cjk, text)):
        return _cjk_evidence(flat, matches)
    return _latin_evidence(flat, matches)


def _cjk_evidence(flat: str, matches: list[re.Match[str]]) -> float:
    letters = len(re.sub(r"[\s/・·&()]", "", flat))
    if letters > _LONGEST_CJK:
        return 0.0
    ends = matches[-1].end() >= len(flat.rstrip(" )"))
    covered = sum(len(m[0]) for m in matches) / letters
    return min(1.0, (0.5 if ends else 0.1) + 0.5 * covered)


def _latin_evidence(flat: str, matches: list[re.Match[str]]) -> float:
    """The word that names the position ends a phrase, or stands before `of`, `,` or `-`."""
    words = re.findall(r"[^\W\d_]+", flat)
    if len(words) > _LONGEST_LATIN:
        return 0.2
    heads = [m for m in matches if _HEAD_END.match(flat, m.end())]
    leads = [m for m in matches if _HEAD_START.search(flat[: m.start()])]
    covered = sum(len(m[0]) for m in matches) / max(1, len(re.sub(r"[\W\d_]", "", flat)))
    base = 0.6 if heads else 0.5 if leads else 0.3
    if dictionaries.has("legal_forms", flat) and covered < 0.5:
        base -= 0.3
    return min(1.0, base + 0.4 * covered)
