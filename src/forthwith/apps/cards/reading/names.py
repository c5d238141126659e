# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""Names of people: by surname lists, by the e-mail address, by how names are written."""

import re
from collections.abc import Iterable
from typing import Final

from rapidfuzz import fuzz

from forthwith.platform import text as texts

from . import dictionaries

_HONORIFIC: Final = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof|professor|eng|ing|dipl|er|ir|ar|adv|col|capt|rev|sir|hon|shri|smt|"
    r"dra?|herr|frau|mme|m|ông|bà|ths|ts|pgs|gs|bs|ks|kts)\b\.?\s*)+",
    re.IGNORECASE,
)
_DEGREES: Final = re.compile(
    r"[\s,]+(?:ph\.?\s?d\.?|m\.?d\.?|m\.?b\.?a\.?|cpa|cfa|pmp|esq\.?|jr\.?|sr\.?|ii|iii|iv|p\.?e\.?|dds|"
    r"rn|j\.?d\.?|m\.?s\.?c?\.?|b\.?s\.?c?\.?|b\.?e\.?|m\.?tech|b\.?tech|llm|ll\.?b|frcs|aia|leed ap|cfp)\b.*$",
    re.IGNORECASE,
)
_INITIALS: Final = re.compile(r"^(?:[A-Z]\.?){1,3}$")


def bare(text: str) -> str:
    """The name without honorifics before and degrees after it."""
    return _DEGREES.sub("", _HONORIFIC.sub("", text)).strip(" ,.")


def evidence(text: str) -> float:
    """How much a text looks like a person's name by its words alone, 0 to 1."""
    if any(map(str.isdigit, text)) or "@" in text:
        return 0.0
    if any(map(texts.is_cjk, text)):
        return _cjk_evidence(re.sub(r"\s", "", text))
    return _latin_evidence(text)


def _cjk_evidence(name: str) -> float:
    if not all(texts.is_cjk(sign) or sign in "・·" for sign in name):
        return 0.0
    flat = dictionaries.flat(name)
    if all(texts.is_kana(sign) or sign in "・·" for sign in name):
        return 0.45 if "・" in name or "·" in name else 0.0
    return max(_with_surname(flat, "surnames_zh", 1, 2), _with_surname(flat, "surnames_ja", 1, 3))


def _with_surname(flat: str, surnames: str, shortest: int, longest: int) -> float:
    """A surname of the list with a given name of a fitting length behind it."""
    best = 0.0
    for length in (4, 3, 2, 1):
        given = flat[length:]
        if flat[:length] in dictionaries.words(surnames) and shortest <= len(given) <= longest:
            usual = 2 if len(flat) > 2 else 1
            best = max(best, 0.75 if len(given) == usual else 0.6)
    return best


def _latin_evidence(text: str) -> float:
    name = bare(text)
    words = re.findall(r"[^\W\d_][\w'’.-]*", name)
    if not 1 <= len(words) <= 5 or re.search(r"[^\w\s.,'’()\-]", name):
        return 0.0
    if dictionaries.has("not_names", name):
        return 0.0
    written = all(w[0].isupper() or w in _PARTICLES for w in words)
    score = 0.3 if written and len(words) >= 2 else 0.1
    known = sum(dictionaries.flat(w) in dictionaries.words("given_names") for w in words)
    surname = sum(dictionaries.flat(w) in dictionaries.words("surnames_latin") for w in words)
    score += 0.25 * min(1, known) + 0.2 * min(1, surname)
    if _HONORIFIC.match(text) or _DEGREES.search(text):
        score += 0.2
    if any(_INITIALS.match(w) for w in words) and len(words) >= 2:
        score += 0.15
    return min(0.95, score)


_PARTICLES: Final = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "la",
        "le",
        "el",
        "bin",
        "binti",
        "al",
        "y",
        "e",
    ]
)


def matches_mail(text: str, locals_: Iterable[str]) -> float:
    """How well a Latin name fits the local part of an address, 0 to 1."""
    words = [w for w in dictionaries.latin_words(bare(text)) if w]
    return max((_fit(words, local.lower()) for local in locals_), default=0.0)


def _fit(words: list[str], local: str) -> float:
    letters = re.sub(r"[^a-z]", "", local)
    long = [w for w in words if len(w) >= 3]
    if len(letters) < 2 or not words:
        return 0.0
    if any(w in letters for w in long):
        return 1.0
    joined = "".join(words)
    if len(letters) >= 4 and fuzz.ratio(joined, letters) >= 85:
        return 0.9
    initials = "".join(w[0] for w in words)
    if letters in (initials, initials[::-1]):
        return 0.7
    return 0.6 if len(letters) >= 4 and any(w.startswith(letters[:5]) for w in long) else 0.0
