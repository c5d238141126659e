"""Text that people print: Unicode forms, phone numbers, mail, web addresses, tax ids.

Everything here is pure and offline. The heavy libraries are imported at first use, so that a
process which reads no text does not pay for them.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from tldextract import TLDExtract

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"), "-")

_RAISED: Final = ("º", "ª", "™", "²", "³")
_RAISED_SIGN: Final = re.compile("([ºª™²³])")


def nfkc(text: str) -> str:
    """Compatibility form (full width to half), invisible signs gone, runs of space made one.

    The raised signs º, ª, ™, ² and ³ stay: `2º` is a floor, not `2o`.
    """
    parts = (
        part if part in _RAISED else unicodedata.normalize("NFKC", part)
        for part in _RAISED_SIGN.split(text)
    )
    return " ".join("".join(parts).translate(_INVISIBLE).translate(_DASHES).split())


def fold(text: str) -> str:
    """A form for comparing only: NFKC, case folded, Han variants of one character made equal.

    `營`, `営` and `营` fold to the same character. Without OpenCC installed the Han characters
    stay as they are. Never show the result to anybody.
    """
    return "".join(map(_fold_character, nfkc(text).casefold()))


def unaccented(text: str) -> str:
    """Latin letters without their marks, `đ` as `d`: for comparing `Negócios` with `Negocios`."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return bare.replace("đ", "d").replace("Đ", "D")


def comparable(text: str) -> str:
    """Fold, then drop everything but letters and digits."""
    return "".join(filter(str.isalnum, fold(text)))


def is_han(sign: str) -> bool:
    """Whether a character is a Han ideograph (or the iteration mark 々)."""
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf" or sign == "々"


def is_kana(sign: str) -> bool:
    """Whether a character is hiragana or katakana, the long vowel sign included."""
    return "\u3041" <= sign <= "\u30ff"


def is_cjk(sign: str) -> bool:
    """Whether a character is a Han ideograph or kana."""
    return is_han(sign) or is_kana(sign)


_HOME_ENCODINGS: Final = {
    "TW": ("big5", "s2tw"),
    "HK": ("big5hkscs", "s2hk"),
    "JP": ("cp932", "s2t jp"),
    "CN": ("gb2312", "t2s"),
}


def mend_variants(text: str, region: str) -> str:
    """Replace single Han characters that do not belong to the script of `region`.

    A character is foreign when the national character set lacks it (Big5 for TW, Big5-HKSCS for
    HK, CP932 for JP, GB 2312 for CN); only such a character is converted, so that names with
    后 or 干, which both scripts have, stay as printed. Other regions: the text is returned as is.
    """
    if region not in _HOME_ENCODINGS:
        return text
    return "".join(_mend_character(sign, region) for sign in text)


def modern_japanese(text: str) -> str:
    """Old and Chinese forms of Han letters in their Japanese form: `專務` as `専務`.

    For words only: names of people and companies keep their old letters.
    """
    return _convert(text, "t2jp")


@functools.lru_cache(maxsize=8192)
def _mend_character(sign: str, region: str) -> str:
    encoding, conversion = _HOME_ENCODINGS[region]
    if not is_han(sign) or _encodes(sign, encoding):
        return sign
    if conversion == "s2t jp":
        mended = _convert(_convert(sign, "s2t"), "t2jp")
    else:
        mended = _convert(sign, conversion)
    return mended if _encodes(mended, encoding) else sign


def _encodes(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@functools.lru_cache(maxsize=16384)
def _fold_character(sign: str) -> str:
    return _convert(_convert(sign, "jp2t"), "t2s") if is_han(sign) else sign


def _convert(text: str, conversion: str) -> str:
    convert = _converter(conversion)
    return text if convert is None else convert(text)


@functools.cache
def _converter(conversion: str) -> Callable[[str], str] | None:
    try:
        from opencc import OpenCC  # noqa: PLC0415  # part of the `ocr` extra, and slow to load
    except ImportError:
        return None
    converter: Callable[[str], str] = OpenCC(conversion).convert
    return converter


class PhoneNumber(msgspec.Struct, frozen=True):
    """One parsed number.

    `kind` is `mobile`, `fixed` or `unknown` by the numbering plan; `region` is the ISO 3166
    code of the plan; `valid` says the plan assigns such numbers, `possible` only that the length
    fits.
    """

    e164: str
    kind: str
    region: str
    valid: bool
    possible: bool
    extension: str | None = None


def phone_number(printed: str, region: str | None) -> PhoneNumber | None:
    """Parse a printed number as dialled in `region` (ISO 3166, or None when `+` is printed).

    Returns None when no plan can read it at all.
    """
    import phonenumbers as plan  # noqa: PLC0415  # 0.1 s and 10 MB

    try:
        number = plan.parse(printed, region)
    except plan.NumberParseException:
        return None
    kinds = {
        plan.PhoneNumberType.MOBILE: "mobile",
        plan.PhoneNumberType.PERSONAL_NUMBER: "mobile",
        plan.PhoneNumberType.FIXED_LINE: "fixed",
        plan.PhoneNumberType.TOLL_FREE: "fixed",
        plan.PhoneNumberType.SHARED_COST: "fixed",
        plan.PhoneNumberType.VOIP: "fixed",
        plan.PhoneNumberType.UAN: "fixed",
    }
    return PhoneNumber(
        e164=plan.format_number(number, plan.PhoneNumberFormat.E164),
        kind=kinds.get(plan.number_type(number), "unknown"),
        region=plan.region_code_for_number(number) or region or "",
        valid=plan.is_valid_number(number),
        possible=plan.is_possible_number(number),
        extension=number.extension,
    )


def email_address(text: str) -> str | None:
    """Return the address with its domain in lower case, or None when it cannot be one.

    Nothing is looked up: deliverability is not part of the answer. The domain must end in a
    public suffix.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # 50 ms

    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return checked.normalized if registered_domain(checked.ascii_domain) else None


_URL: Final = re.compile(
    r"(?:https?://)?(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})"
    r"(?::\d{2,5})?(?P<path>/\S*)?",
    re.IGNORECASE,
)


def web_address(text: str) -> str | None:
    """Return `text` when it is a web address with a public suffix, scheme optional."""
    match = _URL.fullmatch(text)
    if match is None or not registered_domain(match["host"]):
        return None
    return text


def registered_domain(host: str) -> str | None:
    """The registered part of a host, `firma.com.tw` of `mail.firma.com.tw`, or None.

    Uses the Public Suffix List as shipped with tldextract; nothing is fetched.
    """
    domain, suffix = _owner_and_suffix(host)
    return f"{domain}.{suffix}" if domain and suffix else None


def domain_label(host: str) -> str | None:
    """The owner's own word in a host: `firma` of `mail.firma.com.tw`, or None."""
    domain, suffix = _owner_and_suffix(host)
    return domain if suffix else None


_RESERVED: Final = frozenset({"example", "test", "invalid"})
"""Endings kept for documentation and tests (RFC 2606): nobody owns them, yet they are written."""


def _owner_and_suffix(host: str) -> tuple[str | None, str | None]:
    labels = host.lower().split(".")
    if labels[-1] in _RESERVED and len(labels) > 1:
        return labels[-2] or None, labels[-1]
    parts = _suffixes()(host)
    return parts.domain.lower() or None, parts.suffix.lower() or None


@functools.cache
def _suffixes() -> "TLDExtract":
    from tldextract import TLDExtract  # noqa: PLC0415  # pulls in an HTTP client: 0.4 s

    # No list URLs and no cache folder: the snapshot inside the package, never the network.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)


_TAX_NUMBERS: Final = {
    "AU": "abn", "BR": "cnpj", "CN": "uscc", "DE": "vat", "ES": "nif", "FR": "siret",
    "GB": "vat", "IN": "gstin", "IT": "iva", "JP": "cn", "KR": "brn", "PT": "nif",
    "SG": "uen", "TW": "ubn", "VN": "mst",
}  # fmt: skip


def tax_id_holds(number: str, region: str) -> bool:
    """Whether the check digits of a company's tax number hold, by the rules of its country.

    False where no rule is known. A printed number that fails is evidence of a misreading, not
    proof: people print wrong numbers too.
    """
    from stdnum.util import get_cc_module  # noqa: PLC0415  # loads a module per country

    name = _TAX_NUMBERS.get(region)
    rules = get_cc_module(region.lower(), name) if name else None
    compact = number.removeprefix("T") if region == "JP" else number
    return bool(rules is not None and rules.is_valid(compact))
