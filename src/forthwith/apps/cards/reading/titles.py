# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""Positions, and where one ends and a name begins on the same line."""

import re
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries

_LOWER_WORDS: Final = frozenset(
    [
        "of",
        "and",
        "for",
        "the",
        "to",
        "in",
        "&",
        "-",
        "/",
        ",",
        "de",
        "do",
        "da",
        "e",
        "y",
        "et",
        "und",
        "des",
        "du",
        "la",
    ]
)


def evidence(text: str) -> float:
    """How much a text looks like a title, 0 to 1."""
    flat = dictionaries.flat(text)
    matches = list(dictionaries.pattern("titles").finditer(flat))
    if not matches:
        return 0.0
    if any(map(texts.is_cjk, text)):
        return _cjk_evidence(flat, matches)
    words = dictionaries.latin_words(text)
    if len(words) > 9:
        return 0.2
    covered = sum(len(m[0]) for m in matches) / max(1, len(re.sub(r"\s", "", flat)))
    return min(1.0, 0.6 + 0.4 * covered)


def _cjk_evidence(flat: str, matches: list[re.Match[str]]) -> float:
    letters = len(re.sub(r"[\s/・·]", "", flat))
    ends = matches[-1].end() >= len(flat.rstrip())
    covered = sum(len(m[0]) for m in matches) / letters
    if letters > 20:
        return 0.0
    return min(1.0, (0.5 if ends else 0.15) + 0.5 * covered)
