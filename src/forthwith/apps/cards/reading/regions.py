"""Which country's rules a card follows: by prefixes, domains, places, legal forms and script."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries
from .lines import Found, Segment

_INTERNATIONAL: Final = re.compile(r"(?:\+|(?<!\d)00)\s?\(?(\d[\d\s().-]{6,})")
_NORTH_AMERICAN: Final = re.compile(r"\(?\b[2-9]\d\d\)?[-. ]{1,2}\d{3}[-. ]\d{4}\b")
_INDIAN_PIN: Final = re.compile(r"[a-z]\s*[-–]\s*\d{3}\s?\d{3}\b", re.IGNORECASE)
_BRITISH_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_GERMAN_STREET: Final = re.compile(
    r"\w(?:straße|strasse|str\.|weg|allee|platz|gasse)\s+\d|\bD-\d{5}\b"
)
_CALLING_CODES: Final = {
    "1": "US", "44": "GB", "81": "JP", "82": "KR", "84": "VN", "86": "CN", "852": "HK",
    "853": "MO", "886": "TW", "65": "SG", "60": "MY", "66": "TH", "62": "ID", "63": "PH",
    "91": "IN", "55": "BR", "351": "PT", "61": "AU", "64": "NZ", "49": "DE", "43": "AT",
    "41": "CH", "33": "FR", "32": "BE", "31": "NL", "39": "IT", "34": "ES", "52": "MX",
    "46": "SE", "353": "IE", "971": "AE", "47": "NO", "45": "DK", "48": "PL", "7": "RU",
}  # fmt: skip
_DOMAINS: Final = {"uk": "GB", **{code.lower(): code for code in set(_CALLING_CODES.values())}}
_GENERIC_DOMAINS: Final = frozenset({"me", "io", "co", "ai", "tv"})
_VIETNAMESE: Final = re.compile(
    r"[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư]", re.IGNORECASE
)
_PORTUGUESE: Final = re.compile(r"[ãõç]", re.IGNORECASE)
_KANA: Final = re.compile(r"[\u3041-\u306d\u306f-\u30fa]")  # の and ・ left out
_TELLING_KANA: Final = 2
_FALLBACK: Final = "US"


def rank(segments: Sequence[Segment], contacts: Iterable[Found]) -> list[str]:
    """ISO 3166 codes from the likeliest on; never empty."""
    votes: Counter[str] = Counter()
    for segment in segments:
        votes.update(_votes_of_text(segment.text))
    votes.update(_votes_of_script("".join(segment.whole for segment in segments)))
    for contact in contacts:
        host = contact.value.rpartition("@")[2]
        host = re.sub(r"^https?://", "", host).partition("/")[0]
        ending = host.rpartition(".")[2].lower()
        if ending not in _GENERIC_DOMAINS and ending in _DOMAINS:
            votes[_DOMAINS[ending]] += 3
    return [region for region, _ in votes.most_common()] or [_FALLBACK]


def _votes_of_text(text: str) -> Counter[str]:
    votes: Counter[str] = Counter()
    for match in _INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", match[1]).lstrip("0")
        region = next(
            (_CALLING_CODES[digits[:n]] for n in (3, 2, 1) if digits[:n] in _CALLING_CODES), None
        )
        if region:
            votes[region] += 3
    flat = dictionaries.flat(text)
    for match in dictionaries.table_pattern("regions").finditer(flat):
        votes[dictionaries.key("regions", match[0])] += 2
    for sign, region, weight in _SIGNS:
        if sign.search(text):
            votes[region] += weight
    return votes


def _votes_of_script(text: str) -> Counter[str]:
    """Kana are Japanese, but for the の in Chinese shop signs; else the Han letters tell.

    Letters that only one of the two Chinese scripts has are counted over the whole card: a
    single odd one is a misreading.
    """
    if len(_KANA.findall(text)) >= _TELLING_KANA or "〒" in text:
        return Counter({"JP": 6})
    han = [sign for sign in text if texts.is_han(sign)]
    traditional = sum(not _encodes(sign, "gb2312") and _encodes(sign, "big5") for sign in han)
    simplified = sum(_encodes(sign, "gb2312") and not _encodes(sign, "big5") for sign in han)
    if traditional == simplified:
        return Counter()
    return Counter({"TW": 2} if traditional > simplified else {"CN": 2})


def _encodes(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


_SIGNS: Final = (
    (_NORTH_AMERICAN, "US", 1),
    (_INDIAN_PIN, "IN", 1),
    (_BRITISH_POSTCODE, "GB", 2),
    (_GERMAN_STREET, "DE", 1),
    (_VIETNAMESE, "VN", 1),
    (_PORTUGUESE, "BR", 1),
)
