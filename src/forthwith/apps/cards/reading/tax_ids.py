"""The number under which a company is registered for tax, behind its label."""

import functools
import re
from collections.abc import Sequence
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries
from .fields import TaxId
from .lines import Segment

_LABELS: Final[tuple[tuple[str, str, str], ...]] = (
    ("TW", r"統一編號|統一編号|统一编号|統編|统编|營利事業|vat\s*no|tax\s*id|gui|ubn", r"\d{8}"),
    ("JP", r"法人番号|登録番号|インボイス", r"T?\d{13}"),
    ("CN", r"统一社会信用代码|信用代码|纳税人识别号|税号", r"[0-9A-Z]{18}"),
    ("BR", r"cnpj", r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}"),
    ("VN", r"mst|mã số thuế|ma so thue|tax code", r"\d{10}(?:-?\d{3})?"),
    ("IN", r"gstin?|gst\s*no", r"\d{2}[A-Z]{5}\d{4}[A-Z]\w[A-Z]\w"),
    ("AU", r"abn", r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    ("GB", r"vat(?:\s*reg)?(?:istration)?", r"(?:GB ?)?\d{3} ?\d{4} ?\d{2}"),
    ("DE", r"ust-?\s?id-?\s?(?:nr)?|vat(?:\s*id)?", r"DE ?\d{9}"),
    ("PT", r"nif|nipc|contribuinte", r"\d{3} ?\d{3} ?\d{3}"),
    ("FR", r"siret", r"\d{3} ?\d{3} ?\d{3} ?\d{5}"),
    ("ES", r"cif|nif", r"[A-Z]-?\d{7,8}-?[A-Z]?"),
    ("IT", r"p\.?\s?iva|partita iva", r"(?:IT ?)?\d{11}"),
    ("KR", r"사업자등록번호|business reg", r"\d{3}-?\d{2}-?\d{5}"),
    ("SG", r"uen", r"\d{8,9}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z]"),
)
_LABEL_ALONE: Final = re.compile(
    r"(?:统一编号|统编|法人番号|登录番号|统一社会信用代码|cnpj|mst)\W*", re.IGNORECASE
)


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Compiled at first use: flattening the words loads the conversion of Han letters."""
    return tuple((region, _pattern(label, form)) for region, label, form in _LABELS)


def _pattern(label: str, form: str) -> re.Pattern[str]:
    words = dictionaries.flat(label)
    return re.compile(
        rf"(?<![a-z])(?:{words})[^\w\d]*(?:no|nr|番号)?[^\w\d]*(?P<id>{form})(?!\d)", re.IGNORECASE
    )


def take_tax_id(segments: Sequence[Segment]) -> tuple[TaxId | None, list[Segment]]:
    """The first labelled number that has the form of its country, and the other segments."""
    for segment in segments:
        label = _label_beside(segment, segments)
        prefix = f"{label.text} " if label else ""
        found = _find(prefix + segment.text)
        if found is None:
            continue
        region, match = found
        printed = (prefix + segment.text)[match.start("id") : match.end("id")]
        span = max(0, match.start() - len(prefix)), match.end() - len(prefix)
        others = [s for s in segments if s is not label and s is not segment]
        return _tax_id(printed, region, segment), [*others, *segment.without(span)]
    return None, list(segments)


def region_of(number: str, likely: str) -> str | None:
    """The country whose form a number has: the likely one, else one whose check digit holds."""
    forms = {region: form for region, _, form in _LABELS}
    fits = [region for region, form in forms.items() if re.fullmatch(form, number, re.IGNORECASE)]
    if likely in fits:
        return likely
    return next((region for region in fits if texts.tax_id_holds(number, region)), None)


def _label_beside(segment: Segment, segments: Sequence[Segment]) -> Segment | None:
    """A label in a box of its own to the left."""
    labels = (s for s in segments if _LABEL_ALONE.fullmatch(dictionaries.flat(s.text)))
    left = (s for s in labels if s.right <= segment.left + s.height)
    return next((s for s in left if s.on_row_of(segment)), None)


def _find(text: str) -> tuple[str, re.Match[str]] | None:
    flat = dictionaries.flat(text)
    matches = ((region, pattern.search(flat)) for region, pattern in _patterns())
    return next(((region, match) for region, match in matches if match), None)


def _tax_id(printed: str, region: str, segment: Segment) -> TaxId:
    valid = texts.tax_id_holds(printed, region)
    confidence = (0.97 if valid else 0.7) * segment.score
    return TaxId(printed, round(confidence, 3), segment.sources, valid=valid)
