# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""Companies and departments: legal forms, words for kinds of organisations, the e-mail domain."""

import re
from collections.abc import Iterable
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries

_PUBLIC_MAIL: Final = frozenset(
    [
        "gmail",
        "yahoo",
        "hotmail",
        "outlook",
        "qq",
        "163",
        "126",
        "msn",
        "icloud",
        "me",
        "live",
        "hinet",
        "sina",
        "sohu",
        "foxmail",
        "naver",
        "hanmail",
        "docomo",
        "ezweb",
        "softbank",
        "uol",
        "bol",
        "terra",
        "ig",
        "globo",
        "aol",
        "gmx",
        "web",
        "yandex",
        "mail",
        "protonmail",
        "proton",
        "ymail",
        "rediffmail",
        "pchome",
        "seednet",
        "kimo",
        "netvigator",
        "so-net",
        "nifty",
        "ocn",
        "biglobe",
        "zoho",
        "comcast",
        "verizon",
        "sbcglobal",
        "att",
        "btinternet",
        "orange",
        "wanadoo",
        "free",
        "t-online",
        "libero",
    ]
)


def company_evidence(text: str, domains: Iterable[str]) -> float:
    """How much a text looks like the name of an organisation, 0 to 1."""
    score = 0.0
    flat = dictionaries.flat(text)
    if has_legal_form(text):
        score += 0.6
    if dictionaries.pattern("companies").search(flat):
        score += 0.3
    fit = max((matches_domain(text, domain) for domain in domains), default=0.0)
    score += 0.45 * fit
    if len(text) > 60 or text.endswith(("!", "?")):
        score -= 0.3
    return max(0.0, min(1.0, score))


def has_legal_form(text: str) -> bool:
    """Whether a legal form stands where one can: in front, or at the end of the text."""
    flat = dictionaries.flat(text)
    for match in dictionaries.pattern("legal_forms").finditer(flat):
        tail = flat[match.end() :].strip(" .,)")
        if any(map(texts.is_cjk, match[0])):
            return True
        if match.start() and (not tail or len(tail) <= 12) and text[match.start()].isupper():
            return True
        if match.start() == 0 and len(match[0]) > 5:
            return True
    return False


def department_evidence(text: str) -> float:
    """How much a text looks like a part of an organisation, 0 to 1."""
    flat = dictionaries.flat(text)
    matches = list(dictionaries.pattern("departments").finditer(flat))
    if not matches:
        return 0.0
    if any(map(texts.is_cjk, text)):
        ends = matches[-1].end() >= len(flat.rstrip("0123456789 "))
        return 0.7 if ends and 2 < len(flat) <= 20 else 0.0
    return 0.7 if len(flat) < 70 else 0.2


def mail_domains(hosts: Iterable[str]) -> list[str]:
    """The owners' words of the hosts, public mail providers left out."""
    labels = map(texts.domain_label, hosts)
    return list(dict.fromkeys(label for label in labels if label and label not in _PUBLIC_MAIL))


def matches_domain(text: str, domain: str) -> float:
    """How well a text fits the owner's word of a domain, 0 to 1."""
    words = dictionaries.latin_words(text)
    letters = "".join(words)
    label = re.sub(r"[^a-z]", "", domain)
    if not letters or len(label) < 2:
        return 0.0
    if letters == label or (len(label) >= 4 and letters.startswith(label)):
        return 1.0
    if len(letters) >= 4 and label.startswith(letters) and len(letters) / len(label) > 0.4:
        return 0.9
    initials = "".join(w[0] for w in words)
    if len(label) >= 2 and len(words) >= 2 and initials.startswith(label):
        return 0.9
    if len(label) >= 4 and (label in letters or any(w.startswith(label) for w in words)):
        return 0.8
    if any(len(w) >= 4 and w in label for w in words):
        return 0.6
    return 0.0
