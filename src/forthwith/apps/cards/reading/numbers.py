# ruff: noqa: PLR2004  # letters, words and ratios are counted here; a name for each would hide them
"""Telephone numbers: found by label and numbering plan, typed, and brought to E.164."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries
from .fields import Number, NumberKind
from .lines import Segment

_RUN: Final = re.compile(
    r"(?<![\d@#A-Za-z.])(?:\+\s?)?\(?\s?\+?\d(?:[\d\s().·•\-]|(?<=\d)[,_](?=\d{3}))*\d\)?(?![\d@A-Za-z號号樓楼])"
)
_EXTENSION: Final = re.compile(
    r"^[\s,;(~]*(?:ext(?:ension)?|extn|x|#|分機|分机|轉|转|内線|內線|ramal|máy lẻ)\s*[.:#]?\s*(\d{1,6})\)?",
    re.IGNORECASE,
)
_LABELS: Final[tuple[tuple[NumberKind, str], ...]] = (
    (
        "fax",
        r"tele?fax|facsimile|fax|télécopie|傳真|传真|ファックス|ファクシミリ|ファクス|số fax|f",
    ),
    (
        "mobile",
        r"mobile|mobil|mob|cellular|cellphone|celular|cell|cel|handphone|hand phone|h/p|gsm|"
        r"whatsapp|zalo|viber|handy|portable|móvil|móvel|movel|di động|dđ|đtdđ|m|"
        r"行動電話|行動|手機號碼|手機|手机|移动电话|移动|携帯電話|携帯|携带|攜帶|大哥大|手提",
    ),
    (
        "phone",
        r"telephone|telefone|teléfono|telefon|téléphone|tel|phone|fone|fon|ph|pabx|pbx|direct line|"
        r"direct|dir|dl|office|main|switchboard|hotline|toll[\s-]?free|appts?|res|resi|"
        r"điện thoại|đt|tél|t|p|d|o|"
        r"聯絡電話|联系电话|連絡電話|服務電話|客服專線|服務專線|專線|电话|電話|直線|直线|直通|代表|熱線|热线|總機|总机|市話|免付費",
    ),
)
_LABEL: Final = re.compile(
    "|".join(rf"(?P<{kind}>(?<![^\W\d_])(?:{label})(?![a-zà-ỹ]))" for kind, label in _LABELS),
    re.IGNORECASE,
)
_NOT_A_NUMBER: Final = re.compile(
    r"(?:〒|\bcep\b|\bzip\b|\biso\b|統編|統一編號|税号|稅號|\bmst\b|\bgstin?\b|\bvat\b|\breg\.?|\bno\.|"
    r"郵便番号|邮编|郵編|郵遞區號|法人番号|登録番号|字第|\bcnpj\b|\babn\b|帳號|账号|\bqq\b|p\.?\s?o\.?\s?box)"
    r"[^\d]{0,8}$",
    re.IGNORECASE,
)
_ADDRESS_AFTER: Final = re.compile(r"^\s*(?:[號号樓楼巷弄室段丁目番]|F\b|\d*\s?(?:st|nd|rd|th)\b)")


@dataclass(frozen=True, slots=True)
class _Candidate:
    printed: str
    segment: Segment
    span: tuple[int, int]
    label: NumberKind | None
    words: str


def take_numbers(
    segments: Sequence[Segment], regions: Sequence[str]
) -> tuple[list[Number], list[Segment]]:
    """Telephone numbers with their kinds, and the segments without numbers and labels."""
    numbers: list[Number] = []
    rest: list[Segment] = []
    used_labels: set[int] = set()
    for segment in segments:
        beside = _label_beside(segment, segments)
        taken, spans = _numbers_of(segment, beside, regions)
        numbers.extend(taken)
        rest.extend(segment.without(*spans) if taken else [segment])
        if taken and beside is not None:
            used_labels.add(id(beside))
    rest = [s for s in rest if id(s) not in used_labels]
    return _distinct(numbers), rest


def _numbers_of(
    segment: Segment, beside: Segment | None, regions: Sequence[str]
) -> tuple[list[Number], list[tuple[int, int]]]:
    numbers: list[Number] = []
    spans: list[tuple[int, int]] = []
    for candidate in _candidates(segment, beside):
        read = _read(candidate, regions)
        if read:
            numbers.extend(read)
            spans.append(candidate.span)
    return numbers, spans


def _candidates(segment: Segment, beside: Segment | None) -> list[_Candidate]:
    candidates: list[_Candidate] = []
    end = 0
    for match in _RUN.finditer(segment.text):
        before = segment.text[end : match.start()]
        after = segment.text[match.end() :]
        if _NOT_A_NUMBER.search(segment.text[: match.start()]) or _ADDRESS_AFTER.match(after):
            end = match.end()
            continue
        labels = list(_LABEL.finditer(before))
        context = beside.text if beside is not None and end == 0 and not labels else before
        label = _kind_of_labels(context)
        if label is None and candidates and _continues(before):
            label = candidates[-1].label
        extension = _EXTENSION.match(after)
        stop = match.end() + (extension.end() if extension else 0)
        start = (
            end + labels[0].start()
            if labels and _is_label_only(before[labels[0].start() :])
            else match.start()
        )
        printed = match[0].strip() + (f" #{extension[1]}" if extension else "")
        candidates.append(_Candidate(printed, segment, (start, stop), label, context))
        end = stop
    return candidates


def _continues(between: str) -> bool:
    """`/`, `,` and `;` between numbers carry the label on; so does a note such as `(D)`."""
    return re.fullmatch(r"[\s,;/、|()A-Z]*", between) is not None


def _is_label_only(text: str) -> bool:
    return re.fullmatch(r"[\W_]*", _LABEL.sub("", text)) is not None or len(text) < 24


def _kind_of_labels(text: str) -> NumberKind | None:
    """The kind the nearest labels name; `Tel/Fax` is a telephone, `TEL (mobile)` a mobile."""
    kinds = [match.lastgroup for match in _LABEL.finditer(text)]
    if not kinds:
        return None
    if "mobile" in kinds:
        return "mobile"
    return "phone" if "phone" in kinds else "fax"


def _label_beside(segment: Segment, segments: Sequence[Segment]) -> Segment | None:
    """A label standing in a box of its own to the left on the same row."""
    left = [
        s
        for s in segments
        if s is not segment and s.right <= segment.left + s.height and s.on_row_of(segment)
    ]
    nearest = max(left, key=lambda s: s.right, default=None)
    if nearest is None or segment.left - nearest.right > 12 * segment.height:
        return None
    plain = re.fullmatch(r"[\W_]*", _LABEL.sub("", nearest.text)) is not None
    return nearest if plain and _LABEL.search(nearest.text) else None


def _read(candidate: _Candidate, regions: Sequence[str]) -> list[Number]:
    digits = re.sub(r"\D", "", candidate.printed.partition("#")[0])
    minimum = 5 if candidate.label else 7
    if len(digits) < minimum:
        return []
    whole = _parse(candidate.printed, regions)
    if (whole is None or not whole.valid) and len(digits) >= 14:
        halves = _split_glued(candidate, digits, regions)
        if halves:
            return halves
    if not _believable(candidate, whole, digits):
        return []
    return [_number(candidate, whole)]


def _believable(candidate: _Candidate, parsed: texts.PhoneNumber | None, digits: str) -> bool:
    if candidate.label is not None:
        return len(digits) <= 15
    if parsed is None or not parsed.valid:
        return False
    if dictionaries.has("streets", candidate.segment.text):
        return candidate.printed.startswith(("+", "("))
    return True


def _parse(printed: str, regions: Sequence[str]) -> texts.PhoneNumber | None:
    printed = re.sub(
        r"^\(?\+?00\s*(?=[1-9])|^\+0+", "+", printed.replace("·", "-").replace("•", "-")
    )
    printed = re.sub(r"(?<=[\s)-])\(0\)", "", printed)
    first: texts.PhoneNumber | None = None
    for region in regions[:3]:
        for form in (printed, "+" + printed):
            number = texts.phone_number(form, region)
            if number is not None and number.valid:
                return number
        first = first or texts.phone_number(printed, region)
    return first


def _split_glued(candidate: _Candidate, digits: str, regions: Sequence[str]) -> list[Number]:
    """Two numbers run together where an icon stood between them."""
    for cut in sorted(range(7, len(digits) - 6), key=lambda at: abs(at - len(digits) / 2)):
        first, second = _parse(digits[:cut], regions[:1]), _parse(digits[cut:], regions[:1])
        if first and second and first.valid and second.valid:
            return [
                _number(replace(candidate, printed=digits[:cut]), first),
                _number(replace(candidate, printed=digits[cut:], label=None), second),
            ]
    return []


def _number(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> Number:
    sound = parsed is not None and parsed.valid
    confidence = (0.97 if sound else 0.7) if candidate.label else 0.8
    return Number(
        kind=_kind(candidate, parsed),
        printed=candidate.printed,
        e164=parsed.e164 if parsed is not None and (parsed.valid or parsed.possible) else None,
        confidence=round(confidence * candidate.segment.score, 3),
        boxes=candidate.segment.sources,
    )


def _kind(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> NumberKind:
    if candidate.label in ("fax", "mobile"):
        return candidate.label
    if parsed is not None and parsed.valid and parsed.kind == "mobile":
        return "mobile"
    return "phone"


def _distinct(numbers: Sequence[Number]) -> list[Number]:
    seen: dict[str, Number] = {}
    for number in numbers:
        seen.setdefault(re.sub(r"\D", "", number.printed), number)
    return list(seen.values())
