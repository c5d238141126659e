"""One menu, one script: readers mix Japanese and simplified letters into Traditional Chinese."""

import re
from collections import Counter
from typing import Final

import msgspec

from forthwith.integrations.ocr.page import Page
from forthwith.platform import text as texts

_JAPANESE_KANA: Final = 5
"""From so many on a menu is Japanese; the one in a Chinese shop sign is not."""
_JAPANESE_FORMS: Final = str.maketrans("麺鶏黒塩", "麵雞黑鹽")
"""Of dishes; conversions from simplified letters do not know them."""
_KANA_TAKEN_FOR_OTHERS: Final = (
    (re.compile(r"^っ|っ(?=[^ぁ-ゖァ-ヺー]|$)"), "つ"),  # the small one stands inside words only
    (re.compile(r"^ッ|ッ(?=[^ぁ-ゖァ-ヺー]|$)"), "ツ"),
    (re.compile(r"(?<=[ァ-ヺー])[一—-](?=[ァ-ヺー]|$)"), "ー"),
    (re.compile(r"(?<=\w)·(?=\w)"), "・"),
)


def in_one_script(page: Page) -> Page:
    """The page with single letters that its script does not have put right."""
    region = _region("".join(line.text for line in page.lines))
    lines = tuple(
        msgspec.structs.replace(line, text=_mended(line.text, region)) for line in page.lines
    )
    return msgspec.structs.replace(page, lines=lines)


def _mended(text: str, region: str) -> str:
    mended = texts.mend_variants(text, region)
    if region == "TW":
        return mended.translate(_JAPANESE_FORMS)
    return _with_kana_put_right(mended) if region == "JP" else mended


def _with_kana_put_right(text: str) -> str:
    """Readers tell kana of one shape apart by their size, which they often get wrong."""
    for pattern, kana in _KANA_TAKEN_FOR_OTHERS:
        text = pattern.sub(kana, text)
    return text


def _region(text: str) -> str:
    if sum(map(texts.is_kana, text)) >= _JAPANESE_KANA:
        return "JP"
    scripts = Counter(_script(sign) for sign in text if texts.is_han(sign))
    return "CN" if scripts["gb2312"] > scripts["big5"] else "TW"


def _script(sign: str) -> str:
    """The one script that has a letter, or "" for those that both have."""
    own = [encoding for encoding in ("gb2312", "big5") if _is_in(sign, encoding)]
    return own[0] if len(own) == 1 else ""


def _is_in(sign: str, encoding: str) -> bool:
    try:
        sign.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
