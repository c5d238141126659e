# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Names of people: by surname lists, by the e-mail address, by how names are written."""

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Final

from rapidfuzz import fuzz

from forthwith.platform import text as texts

from . import dictionaries

_HONORIFIC: Final = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|drs|prof|professor|assoc|asst|eng|engr|ing|dipl|er|ir|ar|adv|col|capt|"
    r"gen|lt|rev|fr|sir|hon|shri|smt|kum|dra|herr|frau|mme|sr|sra|ông|bà|ths|ts|pgs|gs|bs|ks|kts)"
    r"\b\.?\s*)+(?=\S)",
    re.IGNORECASE,
)
_DEGREES: Final = re.compile(
    r"[\s,]+(?:ph\.?\s?d\.?|m\.?d\.?|m\.?b\.?a\.?|cpa|cfa|pmp|esq\.?|jr\.?|sr\.?|ii|iii|iv|p\.?\s?eng\.?|"
    r"p\.?e\.?|dds|dmd|dvm|rn|j\.?d\.?|m\.?s\.?c?\.?|b\.?s\.?c?\.?|b\.?e\.?|b\.?a\.?|m\.?a\.?|m\.?tech|"
    r"b\.?tech|llm|ll\.?b|frcs|mbbs|aia|riba|leed ap|cfp|ca|acca|ccim|gri|mrics)(?:[\s,.].*)?$",
    re.IGNORECASE,
)
_CJK_HONORIFIC: Final = re.compile(r"\s*(?:先生|女士|小姐|様|さん|氏|殿|敬上|博士|碩士)$")
_INITIAL: Final = re.compile(r"^(?:[A-Z]\.?){1,3}$")
_PARTICLES: Final = frozenset(
    {"de", "da", "do", "dos", "das", "di", "del", "della", "van", "von", "der", "den", "la", "le"}
    | {"du", "des", "les", "el", "bin", "binti", "al", "y", "e", "s/o", "d/o"}
)
_COMMON: Final = 190  # the list of Chinese surnames is ordered by how many people bear them
_GIVEN_ENDINGS: Final = frozenset(
    "郎子美介太也之人夫男雄一二三恵惠香奈樹彦平司治志史斗翔菜花江枝代世紀佳織里沙衣音真実生吾輔助広宏博明弘浩和義"
)


def bare(text: str) -> str:
    """The name without honorifics before and degrees after it."""
    text = _CJK_HONORIFIC.sub("", text)
    return _DEGREES.sub("", _HONORIFIC.sub("", text)).strip(" ,.")


def evidence(text: str, region: str) -> float:
    """How much a text looks like a person's name by its words alone, 0 to 1."""
    if any(map(str.isdigit, text)) or "@" in text or len(text) > 45:
        return 0.0
    if any(map(texts.is_cjk, text)):
        polite = _CJK_HONORIFIC.sub("", text)
        if polite != text and dictionaries.flat(polite) in dictionaries.words("surnames_zh"):
            return 0.6
        return _cjk_evidence(polite, region)
    return _latin_evidence(text, region)


def _cjk_evidence(text: str, region: str) -> float:
    parts = text.split()
    name = "".join(parts)
    if not all(texts.is_cjk(sign) or sign in "・·" for sign in name) or len(name) > 12:
        return 0.0
    if all(texts.is_kana(sign) or sign in "・·" for sign in name):
        return 0.45 if len(re.split("[・·]", name)) == 2 or len(parts) == 2 else 0.0
    flat = dictionaries.flat(name)
    score = max(_chinese(flat), _japanese(name, parts, region))
    if dictionaries.has("companies", name) or dictionaries.table_pattern("regions").search(flat):
        score -= 0.3
    return max(0.0, score)


def _chinese(flat: str) -> float:
    """One or two letters of a surname, then one or two of a given name."""
    surnames = dictionaries.words("surnames_zh")
    if len(flat) in (3, 4) and flat[:2] in surnames:
        return 0.8 if len(flat) == 4 else 0.6
    if flat[:1] not in surnames or len(flat) not in (2, 3):
        return 0.0
    usual = flat[0] in _common_surnames()
    return (0.75 if len(flat) == 3 else 0.6) if usual else 0.5


@functools.cache
def _common_surnames() -> frozenset[str]:
    return frozenset(map(dictionaries.flat, dictionaries.entries("surnames_zh")[:_COMMON]))


def _japanese(name: str, parts: Sequence[str], region: str) -> float:
    """A surname of one to three letters, then one to three of a given name, kana included."""
    flat = dictionaries.flat(name)
    best = 0.0
    for length in (3, 2, 1):
        if flat[:length] in dictionaries.words("surnames_ja") and 1 <= len(flat) - length <= 3:
            score = 0.7 if length > 1 else 0.5
            score += 0.1 if name[-1] in _GIVEN_ENDINGS else 0.0
            score += 0.1 if len(parts) == 2 and len(parts[0]) == length else 0.0
            best = max(best, score)
    if best == 0.0 and region == "JP" and len(parts) == 2 and max(map(len, parts)) <= 3:
        return 0.5
    return best if region == "JP" else best - 0.15


def _latin_evidence(text: str, region: str) -> float:
    name = bare(text)
    name = name if " " in name else dictionaries.spaced(name)
    words = re.findall(r"[^\W\d_][\w'’.-]*", name)
    if not 1 <= len(words) <= 5 or re.search(r"[^\w\s.,'’()\"“”\-]", name):
        return 0.0
    if dictionaries.has("not_names", name) or dictionaries.flat(name) in dictionaries.table(
        "regions"
    ):
        return 0.0
    score = _writing(words) + _vocabulary(words, region) + _spelling(words, region)
    if _HONORIFIC.match(text) or _DEGREES.search(text):
        score += 0.3
    return min(0.95, score)


def _writing(words: Sequence[str]) -> float:
    """Every word capitalised, particles aside; initials are typical of names."""
    capital = all(w[0].isupper() or w in _PARTICLES for w in words)
    score = 0.3 if capital and len(words) >= 2 else 0.1
    if len(words) >= 2 and any(_INITIAL.match(w) for w in words):
        score += 0.1
    return score


def _vocabulary(words: Sequence[str], region: str) -> float:
    if region != "VN":  # where Le and Du are surnames
        words = [w for w in words if w.lower() not in _PARTICLES]
    flat = [dictionaries.flat(part) for w in words for part in (w, *w.split("-"))]
    given = any(w in dictionaries.words("given_names") for w in flat)
    surname = any(w in dictionaries.words("surnames_latin") for w in flat)
    return 0.25 * given + 0.2 * surname


def _spelling(words: Sequence[str], region: str) -> float:
    """Names of East Asia follow their syllables: no list has to hold them all."""
    if len(words) not in (2, 3):
        return 0.0
    flat = [re.sub(r"[^a-z-]", "", dictionaries.flat(w)) for w in words]
    if region == "JP":
        return 0.2 if all(_MORAE.fullmatch(w) for w in flat) else 0.0
    if any(w in dictionaries.words("surnames_latin") for w in flat):
        return 0.15 if all(_syllables().fullmatch(w) for w in flat) else 0.0
    return 0.0


_MORAE: Final = re.compile(
    r"(?:(?:[kgsztdnhbpmr]y?|sh|ch|ts|j|f|w|y)?(?:[aiueo]|ou|oh)|n(?![aiueoy])|(?:k(?=k)|s(?=s)|t(?=[tc])|p(?=p)))+"
)


@functools.cache
def _syllables() -> re.Pattern[str]:
    ordered = sorted(dictionaries.words("pinyin"), key=len, reverse=True)
    one = "|".join(map(re.escape, ordered))
    return re.compile(rf"(?:{one}){{1,3}}(?:-(?:{one})){{0,2}}")


def matches_mail(text: str, local_parts: Iterable[str]) -> float:
    """How well a Latin name fits the part of an address before `@`, 0 to 1."""
    words = dictionaries.latin_words(bare(text))
    return max((_fit(words, local.lower()) for local in local_parts), default=0.0)


def _fit(words: list[str], local: str) -> float:
    letters = re.sub(r"[^a-z]", "", local)
    if len(letters) < 2 or not words:
        return 0.0
    joined, initials = "".join(words), "".join(w[0] for w in words)
    inside = [w for w in words if len(w) >= 2 and w in letters]
    if any(len(w) >= 4 for w in inside) or len("".join(inside)) >= 0.8 * len(letters):
        return 1.0
    if len(letters) >= 4 and (fuzz.ratio(joined, letters) >= 85 or letters in joined):
        return 0.9
    if any(len(w) == 3 for w in inside):
        return 0.8
    if letters in (initials, initials[::-1]):
        return 0.7
    return (
        0.6
        if any(len(w) >= 4 and w.startswith(letters[:5]) and len(letters) >= 4 for w in words)
        else 0.0
    )
