"""Words printed before a number that tell what kind of number follows."""

import functools
import re
from dataclasses import replace
from typing import Final, NamedTuple

from . import dictionaries
from .fields import NumberKind
from .lines import Segment

_WORDS: Final[dict[NumberKind, str]] = {
    "fax": (
        r"tele?fax|facsimile|fax|fx|télécopie|số fax|f|"
        r"傳真|传真|ファックス|ファクシミリ|ファクス"
    ),
    "mobile": (
        r"mobile|mobil|mob|cellular|cellphone|celular|cell|cel|hand\s?phone|h/p|hp|gsm|whatsapp|"
        r"zalo|viber|handy|portable|port|móvil|móvel|movel|tlm|tlf móvil|di đ[oôộ]?ng|đtdđ|dđ|m|c|"
        r"行動電話|行動|手機號碼|手機|手机号码|手机|移动电话|移动|携帯電話|携帯|携带|攜帶|手提電話|手提|大哥大"
    ),
    "phone": (
        r"telephone|telefone|teléfono|telefon|téléphone|telp|tele|tél|tel|phone|fone|fon|ph|pabx|pbx|"
        r"direct\s?(?:line|dial)|direct|dir|dl|ddi|did|office|off|main|switchboard|landline|hotline|"
        r"toll[\s-]?free|appts?|appointments|resi|res|work|home|call|"
        r"đi[eêệ]?n tho[aạ]?i|số điện thoại|[đd]t|t|p|d|o|b|"
        r"[\u4e00-\u9fff]{0,4}(?:電話|专线)|連絡先|公司|"
        r"电话号码|电话|電話番号|電話|直線|直线|直通|代表|熱線|热线|總機|总机|市話|免付費|座機|座机|固话"
    ),
}


class _Patterns(NamedTuple):
    one: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    glued: re.Pattern[str]
    only: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    """Compiled at first use: flattening the words loads the conversion of Han letters."""
    flat = {
        kind: rf"(?<![^\W\d_])(?:{dictionaries.flat(words)})(?![a-z])"
        for kind, words in _WORDS.items()
    }
    label, end = "|".join(flat.values()), r"[\s.:;/&,|_*-]*"
    note = r"(?:\([^)\d]{1,14}\)?|\[[^\]\d]{1,14}\])?"
    number = r"(?:\s*\.?\s*(?:no|number|番号|号码)\b)?"
    return _Patterns(
        one=re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in flat.items())),
        before=re.compile(rf"(?:(?:{label}){number}{end}{note}{end})+[(]?$"),
        after=re.compile(rf"(?:\s+[(\[]?|[(\[])(?:{label})[.)\]]*\s*(?=$|[|;,•])"),
        glued=re.compile(rf"(?:{label})(?<=[^\W\d_]{{2}})(?=[+(\d])(?!0[^\W\d_])"),
        only=re.compile(rf"[\W_]*(?:(?:{label}){number}[\W_]*)+"),
    )


def separated(segment: Segment) -> Segment:
    """`Fax+81 3` and `Tel2345`: the space between a label and its number, where it was lost."""
    flat, text = dictionaries.flat(segment.text), segment.text
    for match in reversed(list(_patterns().glued.finditer(flat))):
        text = f"{text[: match.end()]} {text[match.end() :]}"
    return replace(segment, text=text)


def before(text: str) -> re.Match[str] | None:
    """The labels that stand directly at the end of `text`, notes in brackets included."""
    return _patterns().before.search(dictionaries.flat(text))


def after(text: str) -> re.Match[str] | None:
    """A label that stands behind its number and ends the line: `555-0142 cell`, `555-0142 (f)`."""
    return _patterns().after.match(dictionaries.flat(text))


def is_only_label(text: str) -> bool:
    """Whether a piece of text is nothing but labels."""
    return _patterns().only.fullmatch(dictionaries.flat(text)) is not None


def kind(text: str) -> NumberKind | None:
    """The kind that labels name: `Tel/Fax` is a telephone, `TEL (mobile)` a mobile."""
    kinds = {match.lastgroup for match in _patterns().one.finditer(dictionaries.flat(text))}
    if "mobile" in kinds:
        return "mobile"
    if "phone" in kinds:
        return "phone"
    return "fax" if "fax" in kinds else None
