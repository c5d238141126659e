# ruff: noqa: PLR2004  # weights of evidence and ratios of letters are written where they act
"""Postal addresses: lines that look like one, grouped by where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries, organisations, postal, titles
from .fields import Address
from .lines import Segment, joined, reading_order

_LABEL: Final = re.compile(
    r"^\W*(?:(?:mailing |office |company |postal )?address|addr|add|a|adresse|endereço|end|dirección|"
    r"địa chỉ|[đd]i?a ch[iỉ]|trụ sở(?: chính)?|vpđd|vpgd|đ/?c|vp|"
    r"(?:head |main |branch |registered |regd\.? |corp(?:orate)?\.? )?(?:office|factory|works)|ho|"
    r"resi|res|residence|lojas?|matriz|filial|"
    r"[\u3041-\u30ff\u4e00-\u9fff]{0,4}(?:地\s*址|住\s*所|所在地|本社|本店|支店|工場|工廠|公司|總部|总部|門市|"
    r"辦事處|營業所|営業所|事務所|オフィス))\s*(?:[.:;/]+\s*)+|"
    r"^\W*(?:地\s*址|住\s*所|所在地)\s*(?=[\d〒\u4e00-\u9fff])|^\W*address\s+(?=[\d〒])|"
    r"^\W*(?:[a-z]{3,12} )?(?:office|branch|factory|campus address)\s+(?=\S)",
    re.IGNORECASE,
)
_LABEL_ALONE: Final = re.compile(
    r"\W*(?:address|addr?|(?:head |main )?office|factory|地\s*址|公司地址|住\s*所|所在地|本社|địa chỉ|endereço|"
    r"adresse|dirección)\W*",
    re.IGNORECASE,
)
_HAN_STREET: Final = re.compile(
    r"[路街段巷弄道村里]\s*[\d一二三四五六七八九十]+|\d+\s*[號号樓楼弄巷室層层階栋棟]|"
    r"[\d一二三四五六七八九十]\s*(?:丁目|番地|番|段)"
)
_HAN_PLACE: Final = re.compile(
    r"[\u4e00-\u9fff]{1,4}[縣县市省都道府県][\u4e00-\u9fff]{1,5}[區区鄉乡鎮镇市町村郡路街]|"
    r"[\u4e00-\u9fff]{2,3}[都府県][\u4e00-\u9fff]"
)
_KANA_BLOCK: Final = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]\s?\d+(?:-\d+){1,3}(?!\d)")
_HAN_BUILDING: Final = re.compile(
    r"(?:ビル|ビルディング|マンション|タワー|ハイツ|プラザ|大樓|大楼|大厦|大廈|中心|廣場|园区|園區|工業區)"
    r"\s*(?:[\dB-Z].*)?$|\d+F\b"
)
_POSTCODE: Final = re.compile(
    r"〒\s*\d{3}-?\d{4}|(?<![\d-])\d{3}-\d{4}(?![\d-])|\b\d{5}(?:-\d{3,4})?\b|\b\d{3} ?\d{3}\b|"
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2,3} \d{4}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|"
    r"^\d{3}(?:\d{2,3})?(?=\s?[\u4e00-\u9fff])"
)
_HOUSE: Final = re.compile(
    r"^\W*(?:no\.?\s*)?\d+[a-z]?(?:[-/]\d+[a-z]?)*(?:,\s*|\s+)[a-z]|[a-z.]\s*,\s*(?:nº?\s*)?\d+\b|"
    r"^[a-z]?-?\d+[a-z]?(?:[-/]\d+)*,",
    re.IGNORECASE,
)
_COMPOUND_STREET: Final = re.compile(
    r"[a-zäöüß](?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|markt|bach|graben|berg|"
    r"laan|straat|plein|kade|gatan|vägen|gade|vej)\s+\d|\bD-\d{5}\b|^(?:Am|An|Im|Zum|Zur) [A-ZÄÖÜ]\w+ \d",
)
_COUNTRY_AT_END: Final = re.compile(
    r"\b(?:japan|u\.?s\.?a\.?|united states|india|taiwan|vietnam|viet nam|uk|united kingdom|brasil|"
    r"hong kong|china|r\.o\.c\.?|australia|new zealand|canada|singapore|malaysia|germany|france|portugal)\W*$",
    re.IGNORECASE,
)
_SEED: Final = 1.5


@dataclass(slots=True)
class _Block:
    """Lines under one another, or beside one another on one row, with their weights."""

    members: list[Segment] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


def take_addresses(segments: Sequence[Segment], region: str) -> tuple[list[Address], list[Segment]]:
    """Addresses, and the segments that are not part of one."""
    rest = list(segments)
    addresses: list[Address] = []
    for block in _blocks(segments):
        for group in _runs(block):
            addresses.append(_address(group, region))
            rest = [s for s in rest if s not in group]
    return addresses, [s for s in rest if not _LABEL_ALONE.fullmatch(s.text)]


def evidence(text: str) -> float:
    """How much a line looks like part of an address; 3 and more is sure, 0.5 is a hint."""
    label = _LABEL.match(text)
    bare = text[label.end() :] if label else text
    weight = _cjk_evidence(bare) if any(map(texts.is_cjk, bare)) else _latin_evidence(bare)
    if label:
        return weight + (2 if weight or len(bare) > 3 else 0)
    if organisations.has_legal_form(text) and weight < 2.5:
        return 0.0
    return weight if weight >= 2 or titles.evidence(text) < 0.6 else 0.0


def _cjk_evidence(text: str) -> float:
    digits = any(map(str.isdigit, text))
    weight = 0.0
    if _HAN_STREET.search(text):
        weight += 2
    if _HAN_PLACE.search(text) or postal.names_place(text):
        weight += 2 if digits else 1.2
    if _KANA_BLOCK.search(text):
        weight += 1.2
    if _POSTCODE.search(text):
        weight += 1.2
    if _HAN_BUILDING.search(text):
        weight += 0.6
    return weight


def _latin_evidence(text: str) -> float:
    digits = any(map(str.isdigit, text))
    region = dictionaries.table_pattern("regions").search(dictionaries.flat(text)) is not None
    weight = 0.0
    if dictionaries.has("streets", text) or _COMPOUND_STREET.search(text):
        weight += 1.5 if digits else 0.8
    if region:
        weight += 1.0
    if _POSTCODE.search(text) or (region and re.search(r"\b\d{3,4}\b", text)):
        weight += 1.2
    if _HOUSE.search(text):
        weight += 1.0
    if weight and "," in text.strip(","):
        weight += 0.5
    return weight


def _blocks(segments: Sequence[Segment]) -> list[_Block]:
    blocks: list[_Block] = []
    for segment in reading_order(segments):
        homes = [b for b in blocks if _joins(b.members[-1], segment)]
        home = next((b for b in homes if not segment.on_row_of(b.members[-1])), None)
        home = home or next(iter(homes), None)
        if home is None:
            blocks.append(home := _Block())
        home.members.append(segment)
        home.weights.append(evidence(segment.text))
    return blocks


def _joins(last: Segment, segment: Segment) -> bool:
    if not 0.6 < segment.height / last.height < 1.6:
        return False
    if segment.on_row_of(last):
        return -0.5 * last.height < segment.left - last.right < 1.5 * last.height
    aligned = (
        abs(segment.left - last.left) < 3 * segment.height
        or abs(segment.centre - last.centre) < 2 * segment.height
        or abs(segment.right - last.right) < segment.height
    )
    within = last.left <= segment.left and segment.right <= last.right + segment.height
    both = evidence(last.text) >= 1 and evidence(segment.text) >= 1
    return (aligned or (within and both)) and segment.is_below(last, 1.0)


def _runs(block: _Block) -> list[list[Segment]]:
    """Maximal runs of a block that look like an address each."""
    runs: list[list[int]] = []
    for index, weight in enumerate(block.weights):
        if weight < 0.5 and not _is_bridged(block, index):
            runs.append([])
        elif not runs or _starts_anew(block, index):
            runs.append([index])
        else:
            runs[-1].append(index)
    return [[block.members[i] for i in run] for run in runs if _is_address(block, run)]


def _is_bridged(block: _Block, index: int) -> bool:
    """A line without evidence between two lines of one address, such as a building's name."""
    if not 0 < index < len(block.weights) - 1:
        return False
    text = block.members[index].text
    if titles.evidence(text) >= 0.6 or organisations.has_legal_form(text):
        return False
    above, below = block.weights[index - 1], block.weights[index + 1]
    return above >= _SEED and below >= _SEED and not _starts_anew(block, index + 1)


def _starts_anew(block: _Block, index: int) -> bool:
    text, above = block.members[index].text, block.members[index - 1].text
    if _LABEL.match(text) or _COUNTRY_AT_END.search(above):
        return True
    # Two full addresses of one shape under one another, as on the card of a chain of shops.
    return _is_street(text) and _is_street(above)


def _is_street(text: str) -> bool:
    return evidence(text) >= 2.5 and not _POSTCODE.search(text) and _HOUSE.search(text) is not None


def _is_address(block: _Block, run: Sequence[int]) -> bool:
    weights = [block.weights[i] for i in run]
    text = " ".join(block.members[i].text for i in run)
    if not weights or max(weights) < _SEED:
        return False
    return _LABEL.match(text) is not None or (sum(weights) >= 2 and any(map(str.isdigit, text)))


def _with_comma(segment: Segment) -> Segment:
    """The comma at the end of a line, which was trimmed with the other signs there."""
    printed = f"{segment.text}," in segment.whole
    return replace(segment, text=f"{segment.text},") if printed else segment


def _spelt(value: str, region: str) -> str:
    if region == "JP":
        value = re.sub(r"^T(?=\d{3}-\d{4}\b)", "〒", value)
    if region == "VN":
        value = dictionaries.restored("streets", value)
    return texts.mend_variants(value, region)


def _address(group: Sequence[Segment], region: str) -> Address:
    cjk = any(map(texts.is_cjk, group[-1].text))
    whole = joined([s if cjk else _with_comma(s) for s in group], "" if cjk else " ")
    value = _spelt(_LABEL.sub("", whole.text).rstrip(","), region)
    weight = sum(evidence(s.text) for s in group)
    return Address(
        value=value,
        confidence=round(min(0.95, 0.6 + 0.06 * weight) * whole.score, 3),
        boxes=whole.sources,
        normalised=postal.normalise(value, region),
    )
