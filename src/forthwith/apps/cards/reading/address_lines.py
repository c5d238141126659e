# ruff: noqa: PLR2004  # weights of evidence are written where they act
"""What a line of a postal address looks like, in the languages of the cards."""

import re
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries, organisations, postal, titles

LABEL: Final = re.compile(
    r"^\W*(?:(?:mailing |office |company |postal )?address|addr|add|a|adresse|endereço|end|"
    r"dirección|"
    r"[đd][iị]?a ?ch[iỉ]|trụ ?sở(?: ?chính)?|vpđd|vpgd|đ/?c|vp|"
    r"(?:head |main |branch |registered |regd\.? |corp(?:orate)?\.? )?(?:office|factory|works)|ho|"
    r"off|resi|res|residence|lojas?|matriz|filial|"
    r"[\u3041-\u30ff\u4e00-\u9fff]{0,4}(?:地\s*址|住\s*所|所在地|本社|本店|支店|工場|"
    r"工廠|公司|總部|总部|門市|辦事處|營業所|営業所|事務所|オフィス))\s*(?:[.:;/]+\s*)+|"
    r"^\W*(?:地\s*址|住\s*所|所在地)\s*(?=[\d〒\u4e00-\u9fffA-Z])|^\W*A\s+(?=\d)|"
    r"^\W*(?:本社|本店|支店|支社|工場|[\u3041-\u30ff\u4e00-\u9fff]{1,4}営業所)\s*(?=〒)|"
    r"^\W*address\s+(?=[\d〒])",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    r"^\W*(?:[a-z]{3,12} )?(?:office|branch|factory)\s+(?=\S)", re.IGNORECASE
)
LABEL_ALONE: Final = re.compile(
    r"\W*(?:address|addr?|(?:head |main )?office|factory|地\s*址|公司地址|住\s*所|所在地|本社|"
    r"địa chỉ|endereço|adresse|dirección)\W*",
    re.IGNORECASE,
)
_PLACE_WITH_COLON: Final = re.compile(r"^\W*[\u3041-\u30ff\u4e00-\u9fff]{2,8}\s*:\s*(?=\S)")
_LICENCE: Final = re.compile(
    r"字第|\b(?:CRM|CRO|CRP|CRC|CRMV|CREA|CRECI|OAB|DRE|NMLS|CRICOS|ISO)\b[^\d\n]{0,12}\d"
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
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b(?!ISO )[A-Z]{2,3} \d{4}\b|"
    r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|^\d{3}(?:\d{2,3})?(?=\s?[\u4e00-\u9fff])"
)
_HOUSE: Final = re.compile(
    r"^\W*(?:no\.?\s*)?\d+[a-z]?(?:[-/]\d+[a-z]?)*(?:,\s*|\s+)[a-z]|[a-z.]\s*,\s*(?:nº?\s*)?\d+\b|"
    r"^\d+(?:[-/]\d+)*(?-i:[A-ZĐ])[a-zà-ỹ]{2}|"
    r"^[a-z]?-?\d+[a-z]?(?:[-/]\d+)*,",
    re.IGNORECASE,
)
_COMPOUND_STREET: Final = re.compile(
    r"[a-zäöüß](?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|markt|bach|graben|"
    r"berg|laan|straat|plein|kade|gatan|vägen|gade|vej)\s*\d|\bD-\d{5}\b|"
    r"^(?:Am|An|Im|Zum|Zur) [A-ZÄÖÜ]\w+ \d",
)
_UNIT_FIRST: Final = re.compile(
    r"^\W*(?:unit|room|rm|flat|suite|ste|shop|office|level|lvl|floor|fl|apt|block|blk)\b|"
    r"^\W*\d+(?:st|nd|rd|th)?\s*/?\s*F(?:l|loor)?\b",
    re.IGNORECASE,
)
_STATE: Final = re.compile(
    # The states of the United States and Canada before a postcode, those of Brazil at the end.
    r"\b(?:A[BKLRZ]|BC|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ABDEINOST]|N[BCDEHJLMSTVY]|O[HKNR]|"
    r"P[AER]|QC|RI|S[CDK]|T[NX]|UT|V[AIT]|W[AIVY]|NSW|VIC|QLD|TAS|ACT)\.?,?\s*\d{4,5}\b|"
    r"[-–/]\s*(?:A[CLMP]|BA|CE|DF|ES|GO|M[AGST]|P[ABEIR]|R[JNORS]|S[CEP]|TO)\b(?=\W*(?:$|CEP\b|\d))",
)
COUNTRY_AT_END: Final = re.compile(
    r"\b(?:japan|u\.?s\.?a\.?|united states|india|taiwan|vietnam|viet nam|uk|united kingdom|brasil|"
    r"hong kong|china|r\.o\.c\.?|australia|new zealand|canada|singapore|malaysia|germany|"
    r"france|portugal)\W*$",
    re.IGNORECASE,
)


def evidence(text: str) -> float:
    """How much a line looks like part of an address; 3 and more is sure, 0.5 is a hint."""
    if _LICENCE.search(text):
        return 0.0
    text = dictionaries.spaced(text)
    bare = without_label(text)
    weight = _bare_evidence(bare)
    if bare != text:
        return weight + (2 if weight or len(bare) > 3 else 0)
    if organisations.has_legal_form(_STATE.sub("", text)) and weight < 2.5:
        return 0.0
    return weight if weight >= 2 or titles.evidence(text) < 0.6 else 0.0


def without_label(text: str) -> str:
    """The line without `Address:`, `地址` or `Head Office` in front of it."""
    label = LABEL.match(text)
    if label:
        return text[label.end() :]
    office = _OFFICE.match(text) or _PLACE_WITH_COLON.match(text)
    bare = text[office.end() :] if office else text
    return bare if office and _bare_evidence(bare) >= 1 else text


def _bare_evidence(text: str) -> float:
    return _cjk_evidence(text) if any(map(texts.is_cjk, text)) else _latin_evidence(text)


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
    sure = _STATE.search(text) is not None or _names_only_places(text)
    region = sure or dictionaries.table_pattern("regions").search(dictionaries.flat(text))
    weight = 0.5 if sure else 0.0
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


def _names_only_places(text: str) -> bool:
    """`Kanazawa, Ishikawa 920-0061, Japan`: nothing but places and numbers, parted by commas."""
    parts = (re.sub(r"[\d-]+$|^[\d-]+", "", part).strip(" .") for part in re.split("[,/|]", text))
    named = [dictionaries.flat(part) for part in parts if part]
    places = dictionaries.words("places")
    return bool(named) and all(name in places or f"{name}." in places for name in named)


def is_street(text: str) -> bool:
    """Whether a line is a whole address by itself: a street with a house number, no postcode."""
    if _POSTCODE.search(text) or _UNIT_FIRST.search(without_label(text)):
        return False
    return evidence(text) >= 2.5 and _HOUSE.search(text) is not None
