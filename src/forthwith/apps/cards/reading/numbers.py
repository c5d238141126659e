# ruff: noqa: PLR2004  # weights, letters and ratios are written where they act
"""Telephone numbers: found by label and numbering plan, typed, and brought to E.164."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from forthwith.integrations.ocr.page import Box
from forthwith.platform import text as texts

from . import dictionaries, labels, look_alikes
from .fields import Number, NumberKind
from .lines import Segment

_RUN: Final = re.compile(
    r"(?:(?<![\d@A-Za-z#])|(?<=\b[TMFPDHC])|(?=[(+])|"
    r"(?<=[A-Za-z])(?=\d{3}[-.·]\d{3}[-.·]\d{4}))(?:\+\s?)?[(]?\s?\+?"
    r"(?:0\d{1,4}\)?\s?/\s?\d|\d)(?:[\d\s().·•\-]|[,_/](?=\d{4}))*\d\)?(?![\d@])"
)
_EXTENSION: Final = re.compile(
    r"^[\s,;(~]*(?:ext(?:ension|n)?|x|#|分機|分机|轉|转|内線|內線|ramal|máy lẻ)"
    r"\s*[.:#]?\s*(\d{1,6})\)?",
    re.IGNORECASE,
)
_OTHER_NUMBER: Final = re.compile(
    r"(?:〒|\bcep\b|\bzip\b|\biso\b|統編|統一編號|税号|稅號|\bmst\b|\bgstin?\b|\bvat\b|\breg\b\.?|"
    r"郵便番号|邮编|郵編|郵遞區號|法人番号|登録番号|字第|\bcnpj\b|\babn\b|帳號|账号|\bqq\b|"
    r"p\.?\s?o\.?\s?box|\blicen[cs]e\b|\blic\b\.?|\bbuil[dt]\b|創立|since|登字|證號|証号)[^\d]{0,9}$",
    re.IGNORECASE,
)
_ADDRESS_AFTER: Final = re.compile(
    r"^\s*[號号樓楼巷弄室段丁目番街路]|^-?\d*F\b(?!\s*[:.(+\d])|^(?:st|nd|rd|th|f|º)\b"
)
_POSTAL_PREFIX: Final = re.compile(r"(?:^|\W)[A-Z]{1,3}\s?-\s?$")  # D-10999, CH-8001
# Vietnam gave the old area codes of its cities, (04) and (08), to mobiles in 2017.
_OLD_AREA_CODE: Final = re.compile(r"\(?\+?(?:84\W{0,2})?\(?0?[48]\)")
_UNLABELLED: Final = 0.86  # no number without a label is surer
_ALONE: Final = re.compile(r"[\W_]*")
_NORTH_AMERICA: Final = frozenset({"US", "CA"})
_TRUNK_ZERO: Final = frozenset(
    {"TW", "JP", "CN", "VN", "GB", "AU", "NZ", "DE", "AT", "CH", "FR", "NL", "BE", "MY", "TH"}
    | {"ID", "PH", "KR", "IN", "SE", "IE", "AE"}
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Digits that may be a number; `alone` when nothing else stands on their line."""

    printed: str
    segment: Segment
    span: tuple[int, int]
    label: NumberKind | None
    alone: bool

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.printed.partition("#")[0])


def take_numbers(
    segments: Sequence[Segment], regions: Sequence[str]
) -> tuple[list[Number], list[Segment]]:
    """Telephone numbers with their kinds, and the segments without numbers and labels."""
    numbers: list[Number] = []
    rest: list[Segment] = []
    used: list[Segment] = []
    for whole in map(labels.separated, segments):
        beside = _label_beside(whole, segments)
        segment, taken, spans = _taken(whole, beside, regions)
        numbers.extend(taken)
        rest.extend(segment.without(*spans) if taken else [segment])
        if taken and beside is not None:
            used.append(beside)
    rest = [s for s in rest if s not in used and not labels.is_only_label(s.text)]
    return _last_is_fax(_distinct(numbers)), rest


def told(
    kind: NumberKind, value: str, region: str, confidence: float, boxes: tuple[Box, ...]
) -> Number:
    """A number that a code tells together with its kind."""
    parsed = _parse(value, [region], labelled=True)
    if kind == "phone" and parsed is not None and parsed.valid and parsed.kind == "mobile":
        kind = "mobile"
    e164 = parsed.e164 if parsed is not None and parsed.possible else None
    return Number(kind, value, e164, confidence, boxes)


def significant(number: Number) -> str:
    """The digits by which two writings of one number are the same."""
    return re.sub(r"\D", "", number.e164 or number.printed)[-8:]


def _last_is_fax(numbers: list[Number]) -> list[Number]:
    """Behind icons that nobody reads, telephone, mobile and fax stand in this order."""
    shape = [(n.kind, n.confidence < _UNLABELLED) for n in numbers]
    if shape != [("phone", True), ("mobile", True), ("phone", True)]:
        return numbers
    last = numbers[-1]
    fax = msgspec.structs.replace(last, kind="fax", confidence=round(0.7 * last.confidence, 3))
    return [*numbers[:-1], fax]


def _label_beside(segment: Segment, segments: Sequence[Segment]) -> Segment | None:
    """A label that stands in a box of its own to the left on the same row."""
    left = [
        s
        for s in segments
        if s.text != segment.text and s.right <= segment.left + s.height and s.on_row_of(segment)
    ]
    nearest = max(left, key=lambda s: s.right, default=None)
    if nearest is None or segment.left - nearest.right > 12 * segment.height:
        return None
    return nearest if labels.is_only_label(nearest.text) else None


def _taken(
    segment: Segment, beside: Segment | None, regions: Sequence[str]
) -> tuple[Segment, list[Number], list[tuple[int, int]]]:
    """The numbers of a segment; letters count as digits where that makes a number of a plan."""
    mended = look_alikes.mended(segment, labelled=beside is not None)
    if mended is not segment:
        numbers, spans = _numbers_of(mended, beside, regions)
        if numbers and all(number.e164 for number in numbers):
            return mended, numbers, spans
    return segment, *_numbers_of(segment, beside, regions)


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
    found: list[_Candidate] = []
    end = 0
    for match in _RUN.finditer(segment.text):
        if match.start() < end:
            continue  # digits of an extension
        candidate = _candidate(segment, match, end, beside, found)
        end = match.end()
        if candidate is not None:
            found.append(candidate)
            end = candidate.span[1]
    return found


def _candidate(
    segment: Segment,
    match: re.Match[str],
    end: int,
    beside: Segment | None,
    earlier: Sequence[_Candidate],
) -> _Candidate | None:
    text = segment.text
    if _POSTAL_PREFIX.search(text[: match.start()]) and len(match[0]) <= 6:
        return None
    if _OTHER_NUMBER.search(text[: match.start()]) or _ADDRESS_AFTER.match(text[match.end() :]):
        return None
    between = text[end : match.start()]
    named = labels.before(between)
    kind = labels.kind(named[0]) if named else None
    if kind is None and earlier and _carries_on(between):
        kind = earlier[-1].label
    if kind is None and beside is not None and not earlier:
        kind = labels.kind(beside.text)
    long = sum(map(str.isdigit, match[0])) >= 7
    if named and not long and _is_house_letter(text[: end + named.start()], named[0]):
        return None
    behind = labels.after(text[match.end() :]) if kind is None and long else None
    if behind is not None:
        kind = labels.kind(behind[0])
    extension = _EXTENSION.match(text[match.end() :])
    last = extension or behind
    stop = match.end() + (last.end() if last else 0)
    start = end + named.start() if named else match.start()
    printed = match[0].strip() + (f" #{extension[1]}" if extension else "")
    outside = text[:start] + text[stop:]
    return _Candidate(printed, segment, (start, stop), kind, _ALONE.fullmatch(outside) is not None)


def _is_house_letter(before: str, label: str) -> bool:
    """`Bahnhofstraße 111 b | 80331 München`: the letter belongs to the house."""
    return before.strip()[-1:].isdigit() and sum(map(str.isalpha, label)) == 1


def _carries_on(between: str) -> bool:
    """`/`, `,` or a note such as `(D)` between two numbers: the first one's label holds on."""
    return re.fullmatch(r"[\s,;/、|&~]*(?:\([^)]{0,8}\))?[\s,;/、|&]*", between) is not None


def _read(candidate: _Candidate, regions: Sequence[str]) -> list[Number]:
    count = len(candidate.digits)
    # An extension of an office is a short run of digits; `2-10-14` behind `Office` is a street.
    least = 5 if candidate.label and candidate.printed.isdigit() else 7
    if not least <= count <= 30:
        return []
    parsed = _parse(candidate.printed, regions, labelled=candidate.label is not None)
    if parsed is None or not parsed.valid:
        shorter = _without_inner_extension(candidate, regions)
        if shorter is not None:
            return [shorter]
        if count >= 14:
            return _split_glued(candidate, regions)
    if not _is_believable(candidate, parsed, regions):
        return []
    return [_number(candidate, parsed)]


def _is_believable(
    candidate: _Candidate, parsed: texts.PhoneNumber | None, regions: Sequence[str]
) -> bool:
    if regions[0] == "JP" and re.fullmatch(r"\d{3}-\d{4}", candidate.printed):
        return False  # a postcode; its mark is read as T
    if candidate.label is not None:
        return not _is_cut_off(candidate, parsed)
    international = _is_international(candidate, parsed)
    if parsed is None or not parsed.valid:
        whole = parsed is not None and parsed.possible and candidate.printed.startswith(("(0", "0"))
        if candidate.alone and whole and len(candidate.digits) >= 9:
            return True
        return _is_local(candidate, regions) or (international and len(candidate.digits) >= 10)
    if dictionaries.has("streets", candidate.segment.text):
        return international or candidate.printed.startswith(("(", "0"))
    return international or _is_dialled_so(candidate.digits, parsed, regions)


def _is_international(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> bool:
    if "+" in candidate.printed or candidate.printed.startswith("00"):
        return True
    # The plus is often left out, or read as a bracket or not at all.
    return (
        parsed is not None and len(candidate.digits) >= 10 and candidate.digits == parsed.e164[1:]
    )


def _is_cut_off(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> bool:
    """North American numbers have seven, ten or eleven digits: others lost their end."""
    american = parsed is not None and parsed.region in _NORTH_AMERICA
    return american and len(candidate.digits) in (8, 9)


def _is_dialled_so(digits: str, parsed: texts.PhoneNumber, regions: Sequence[str]) -> bool:
    """Whether people write the number in this form, so that it is no postcode or serial number."""
    if parsed.region not in regions[:2]:
        return False
    if parsed.region in _TRUNK_ZERO:
        return digits.startswith("0") or (parsed.kind == "mobile" and len(digits) >= 10)
    return len(digits) >= 8


def _is_local(candidate: _Candidate, regions: Sequence[str]) -> bool:
    """A number without its area code: only believed on a line of its own, written as one."""
    if not candidate.alone or regions[0] in ("JP", "IN"):
        return False
    return (
        re.fullmatch(r"\d[. ]?\d{3,4}[-. ]\d{4}|\d{3,4}[-. ]\d{4}", candidate.printed) is not None
    )


def _parse(printed: str, regions: Sequence[str], *, labelled: bool) -> texts.PhoneNumber | None:
    printed = re.sub(r"[·•/_,]", "-", printed)
    printed = re.sub(r"^\(?\+?\s?00\s*(?=[1-9])|^\(?\+\s*0*", "+", printed)
    printed = re.sub(r"\(0\)", "", printed)
    first: texts.PhoneNumber | None = None
    for region in regions[: 3 if labelled else 2]:
        for form in (printed, "+" + re.sub(r"\D", "", printed)):
            number = texts.phone_number(form, region)
            if number is not None and number.valid:
                return number
        first = first or texts.phone_number(printed, region)
    return first


def _without_inner_extension(candidate: _Candidate, regions: Sequence[str]) -> Number | None:
    """`0755-2345 6789-808`: the last group is the extension inside the office."""
    match = re.fullmatch(r"(.*\d)\s?-\s?(\d{2,5})", candidate.printed)
    if match is None or candidate.label is None:
        return None
    parsed = _parse(match[1], regions, labelled=True)
    if parsed is None or not parsed.valid:
        return None
    return _number(replace(candidate, printed=f"{match[1]} #{match[2]}"), parsed)


def _split_glued(candidate: _Candidate, regions: Sequence[str]) -> list[Number]:
    """Two numbers run together where an icon stood between them."""
    digits = candidate.digits
    for cut in sorted(range(7, len(digits) - 6), key=lambda at: abs(at - len(digits) / 2)):
        parts = digits[:cut], digits[cut:]
        parsed = [_parse(part, regions[:1], labelled=False) for part in parts]
        if all(number is not None and number.valid for number in parsed):
            return [
                _number(replace(candidate, printed=part, label=label), number)
                for part, number, label in zip(parts, parsed, (candidate.label, None), strict=True)
            ]
    return []


def _number(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> Number:
    told_so = candidate.label is not None or "+" in candidate.printed
    usable = parsed is not None and (parsed.valid or (parsed.possible and told_so))
    sound = parsed is not None and parsed.valid
    confidence = (0.97 if sound else 0.75) if candidate.label else (0.85 if sound else 0.6)
    return Number(
        kind=_kind(candidate, parsed),
        printed=candidate.printed,
        e164=parsed.e164 if parsed is not None and usable else None,
        confidence=round(confidence * candidate.segment.score, 3),
        boxes=candidate.segment.sources,
    )


def _kind(candidate: _Candidate, parsed: texts.PhoneNumber | None) -> NumberKind:
    if candidate.label in ("fax", "mobile"):
        return candidate.label
    if parsed is not None and parsed.valid and _is_mobile(candidate, parsed):
        return "mobile"
    # Brazilian mobile numbers are the only nine-digit ones, and start with 9.
    if candidate.label is None and re.fullmatch(r"9[. ]?\d{4}-\d{4}", candidate.printed):
        return "mobile"
    return "phone"


def _is_mobile(candidate: _Candidate, parsed: texts.PhoneNumber) -> bool:
    """What the plan says; where it cannot tell, unlabelled numbers abroad are mobiles."""
    if candidate.label == "phone" and _OLD_AREA_CODE.match(candidate.printed):
        return False
    if parsed.kind == "unknown":
        return candidate.label is None and parsed.region not in _NORTH_AMERICA
    return parsed.kind == "mobile"


def _distinct(numbers: Sequence[Number]) -> list[Number]:
    seen: dict[str, Number] = {}
    for number in numbers:
        key = number.e164 or re.sub(r"\D", "", number.printed)
        seen.setdefault(key, number)
    return list(seen.values())
