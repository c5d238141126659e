# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Companies and departments: legal forms, words for kinds of organisations, the e-mail domain."""

import re
from collections.abc import Iterable
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries

_CJK_ENDING: Final = re.compile(
    r"(?<=[\u3041-\u30ff\u4e00-\u9fff]{2})(?:廠|厂|店|行|社|堂|屋|園|园|館|馆|坊|莊|庄|軒|閣|院|局|署|會|会|宮|寺)$"
)
_DIVISION: Final = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]{2}(?:部|處|处|課|课|組|组|係)$")
_LONGEST: Final = 60  # letters; what is longer is a sentence
_CONNECTOR: Final = re.compile(
    r"(?:&|\+|\band|\bof|\bfor|\bthe|\bde|\bda|\bdo|\be|,)\s*$", re.IGNORECASE
)
_LEADING_FORM: Final = re.compile(
    r"(?:t[ổo]ng )?c[ôo]ng ?ty|cty|doanh nghi[ệe]p|[株有]式?[会會]社|合[同資名][会會]社|"
    r"[\u4e00-\u9fff]{2,6}法人",
    re.IGNORECASE,
)

_MISREAD: Final = (
    ("高行", "商行"),
    ("商仃", "商行"),
    ("公同", "公司"),
    ("公可", "公司"),
    ("有隈", "有限"),
    ("股分有限", "股份有限"),
    ("株式会杜", "株式会社"),
    ("企業杜", "企業社"),
    ("会杜", "会社"),
)


def mended(text: str) -> str:
    """The text with look-alikes in words for companies replaced, such as `高行` for `商行`."""
    for wrong, right in _MISREAD:
        if wrong in text and not dictionaries.has("companies", text):
            text = text.replace(wrong, right)
    return text


def company_evidence(text: str, domains: Iterable[str]) -> float:
    """How much a text looks like the name of an organisation; 0.3 is a hint, 0.6 is sure."""
    score = 0.6 if has_legal_form(mended(text)) else 0.0
    text = dictionaries.spaced(mended(text))
    if dictionaries.has("companies", text) or _CJK_ENDING.search(text):
        score += 0.3
    score += 0.45 * max((matches_domain(text, domain) for domain in domains), default=0.0)
    if len(text) > _LONGEST or text.endswith(("!", "?", "。")):
        score -= 0.3
    if ends_open(text):
        score -= 0.2
    if is_only_form(text):
        score -= 0.4
    return max(0.0, score)


def is_only_form(text: str) -> bool:
    """`Group Limited`, `UG (haftungsbeschränkt)`: the end of a name that began a line above."""
    flat = re.sub(r"\(.*\)", "", dictionaries.flat(text))
    for words in ("legal_forms", "companies"):
        flat = dictionaries.pattern(words).sub("", flat)
    return not any(map(str.isalnum, flat))


def ends_open(text: str) -> bool:
    """Whether a line ends so that the next must belong to it: `School of`, `Smith &`."""
    return _CONNECTOR.search(text) is not None


def has_legal_form(text: str) -> bool:
    """Whether a legal form stands where one can: in front, or at the end of the text."""
    return any(
        _stands_well(written, dictionaries.flat(written), match)
        for written in dict.fromkeys((text, dictionaries.spaced(text)))
        for match in dictionaries.pattern("legal_forms").finditer(dictionaries.flat(written))
    )


def begins_with_form(text: str) -> bool:
    """Whether a text begins with a legal form that stands before the name."""
    return _LEADING_FORM.match(text) is not None


def _stands_well(text: str, flat: str, match: re.Match[str]) -> bool:
    if any(map(texts.is_cjk, match[0])):
        return True
    if flat[match.start() - 1 : match.start()].isdigit():
        return False  # `Markt 15Sa`
    if match.start() == 0:
        return len(match[0]) > 5 and len(flat) > len(match[0]) + 2
    tail = re.sub(r"\(.*\)", "", flat[match.end() :]).strip(" .,)")
    if flat[match.end() : match.end() + 1] not in ("", " ", ",", ".", "(", ")"):
        return False  # `Co-Founder`
    written = len(match[0]) > 4 or _is_written_so(text[match.start() : match.end()])
    return written and len(tail) <= 12 and "@" not in text


def _is_written_so(form: str) -> bool:
    """Forms of two letters such as `AS` or `SA` are words and names too, unless in capitals."""
    if len(form) == 2 and form != "Co":
        return form.isupper() and form.isascii()
    return any(map(str.isupper, form))


def department_evidence(text: str) -> float:
    """How much a text looks like a part of an organisation, 0 to 1."""
    flat = dictionaries.flat(dictionaries.spaced(text))
    if flat in dictionaries.words("department_names"):
        return 0.8
    matches = list(dictionaries.pattern("departments").finditer(flat))
    if not matches or has_legal_form(text):
        return 0.0
    if any(map(texts.is_cjk, text)):
        ends = matches[-1].end() >= len(flat.rstrip("0123456789 "))
        return 0.7 if ends and 2 < len(flat) <= 20 else 0.0
    return 0.7 if len(flat.split()) <= 9 else 0.2


def is_division(text: str) -> bool:
    """Whether a text ends as divisions do and names of people do not, such as `管理部`."""
    return _DIVISION.search(text) is not None


def mail_domains(hosts: Iterable[str]) -> list[str]:
    """The owners' words of the hosts, public mail providers left out."""
    labels = map(texts.domain_label, hosts)
    public = dictionaries.words("mail_providers")
    return list(dict.fromkeys(label for label in labels if label and label not in public))


def matches_domain(text: str, domain: str) -> float:
    """How well a text fits the owner's word of a domain, 0 to 1."""
    words = dictionaries.latin_words(text)
    letters, label = "".join(words), re.sub(r"[^a-z]", "", domain)
    if len(letters) < 2 or len(label) < 2:
        return 0.0
    covered = sum(len(w) for w in words if len(w) >= 3 and w in label)
    tests = (
        (1.0, letters == label or (len(label) >= 4 and letters.startswith(label))),
        (1.0, len(words) >= 2 and covered == len(letters) >= 0.8 * len(label)),
        (0.9, len(letters) >= 4 and label.startswith(letters)),
        (0.9, len(words) >= 2 and "".join(w[0] for w in words).startswith(label)),
        (0.8, len(label) >= 4 and any(w.startswith(label) for w in words)),
        (0.8, len(words[0]) >= 4 and label.startswith(words[0])),
        (0.6, any(len(w) >= 4 and w in label for w in words)),
        (0.3, label[0] == letters[0] and _is_subsequence(label, letters) and len(words) <= 3),
    )
    return next((fit for fit, holds in tests if holds), 0.0)


def _is_subsequence(short: str, long: str) -> bool:
    remaining = iter(long)
    return all(letter in remaining for letter in short)
