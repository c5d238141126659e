# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""Postal addresses: lines that look like one, grouped by where they stand."""

import re
from collections.abc import Sequence
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries
from .fields import Address
from .lines import Segment, joined

_LABEL: Final = re.compile(
    r"^(?:address|addr|add|a|adresse|endereço|dirección|địa chỉ|đ/c|vp|vpđd|地\s*址|公司地址|住\s*所|所在地|"
    r"本社|本店|總公司|总部|總部|地點|head office|office|resi|res|factory)\s*[.:：]+\s*",
    re.IGNORECASE,
)
_BARE_LABEL: Final = re.compile(
    r"^(?:address|addr?\.?|地\s*址|住\s*所|所在地|địa chỉ|endereço|adresse|dirección)\s*[.:：]*$",
    re.IGNORECASE,
)
_HAN_STREET: Final = re.compile(
    r"[路街段巷弄道村里]\s*[\d一二三四五六七八九十]+|\d+\s*[號号樓楼弄巷室层層階]|[\d一二三四五六七八九十]\s*(?:丁目|番地|番|段)"
)
_HAN_PLACE: Final = re.compile(
    r"[\u4e00-\u9fff]{1,4}[縣县市省都道府][\u4e00-\u9fff]{1,5}[區区鄉乡鎮镇市町村郡路街]|[\u4e00-\u9fff]{2,3}[都府県][\u4e00-\u9fff]"
)
_JAPANESE_BLOCK: Final = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]\d+(?:-\d+){1,3}")
_POSTCODE: Final = re.compile(
    r"〒\s*\d{3}-?\d{4}|\b\d{3}-\d{4}\b|\b\d{5}(?:-\d{3,4})?\b|\b\d{3} ?\d{3}\b|"
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2} \d{4}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|^\d{3}(?:\d{2,3})?(?=[\u4e00-\u9fff])"
)
_HOUSE: Final = re.compile(
    r"^\W*(?:no\.?\s*)?\d+[a-z]?(?:[-/]\d+[a-z]?)*,?\s+[a-z]|[a-z.]\s*,\s*(?:nº?\s*)?\d+\b|^[a-z]?-?\d+[a-z]?(?:-\d+)*,",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    r"\b(?:japan|usa|u\.s\.a\.?|india|taiwan|vietnam|uk|hong kong|brasil|china)\W*$", re.IGNORECASE
)


def take_addresses(segments: Sequence[Segment]) -> tuple[list[Address], list[Segment]]:
    """Addresses, and the segments that are not part of one."""
    rest = list(segments)
    addresses: list[Address] = []
    for group in _groups(segments):
        addresses.append(_address(group))
        rest = [s for s in rest if s not in group]
    return addresses, [s for s in rest if not _BARE_LABEL.match(s.text)]


def evidence(text: str) -> float:
    """How much a line looks like part of an address; 3 and more is sure, 1 is a hint."""
    if _LABEL.match(text):
        return 3 + _plain_evidence(_LABEL.sub("", text))
    return _plain_evidence(text)


def _plain_evidence(text: str) -> float:
    score = 0.0
    digits = any(map(str.isdigit, text))
    if _HAN_STREET.search(text):
        score += 2
    if _HAN_PLACE.search(text):
        score += 2 if digits else 1.2
    if _JAPANESE_BLOCK.search(text):
        score += 1
    if _POSTCODE.search(text):
        score += 1.2
    if not any(map(texts.is_cjk, text)):
        score += _latin_evidence(text, digits=digits)
    return score


def _latin_evidence(text: str, *, digits: bool) -> float:
    score = 0.0
    if dictionaries.has("streets", text):
        score += 1.5 if digits else 0.8
    if dictionaries.table_pattern("regions").search(dictionaries.flat(text)):
        score += 1.0
    if _HOUSE.search(text):
        score += 1.0
    if "," in text.strip(","):
        score += 0.5
    return score


def _groups(segments: Sequence[Segment]) -> list[list[Segment]]:
    weights = {id(s): evidence(s.text) for s in segments}
    ordered = sorted(segments, key=lambda s: (s.top, s.left))
    groups: list[list[Segment]] = []
    for segment in ordered:
        if weights[id(segment)] < 1:
            continue
        home = next((g for g in groups if _continues(g, segment)), None)
        if home is None:
            groups.append([segment])
        else:
            home.append(segment)
    return [g for g in groups if _is_address(g, weights)]


def _continues(group: Sequence[Segment], segment: Segment) -> bool:
    last = group[-1]
    if _LABEL.match(segment.text) or _ENDS.search(last.text):
        return False
    similar = 0.6 < segment.height / last.height < 1.6
    aligned = (
        abs(segment.left - group[0].left) < 3 * segment.height
        or abs(segment.centre - last.centre) < 2 * segment.height
    )
    return similar and aligned and segment.is_below(last)


def _is_address(group: Sequence[Segment], weights: dict[int, float]) -> bool:
    text = " ".join(s.text for s in group)
    total = sum(weights[id(s)] for s in group)
    if _LABEL.match(text):
        return total >= 3.5
    return total >= 2 and any(map(str.isdigit, text))


def _address(group: Sequence[Segment]) -> Address:
    cjk = any(map(texts.is_cjk, group[0].text))
    whole = joined(group, "" if cjk else " ")
    value = _LABEL.sub("", whole.text)
    return Address(value=value, confidence=round(0.85 * whole.score, 3), boxes=whole.sources)
