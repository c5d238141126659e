"""Prices inside a line of text: `牛肉麵 $120`, `小60/大80`, `八十元`."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import msgspec

_SIGNS: Final = {
    **dict.fromkeys(("NT$", "NTS", "元", "圓", "塊"), "TWD"),
    **dict.fromkeys(("¥", "円"), "JPY"),
    **dict.fromkeys(("₩", "원"), "KRW"),
    "US$": "USD",
    "HK$": "HKD",
    "€": "EUR",
    "£": "GBP",
    "$": "",
}
_SIZES: Final = "特大|超大|大盛|[大中小][杯碗份]|大|中|小|並|單點|套餐|半份|全份|熱|冰|冷|XL|[LMS]"
_DIGITS: Final = r"[0-9][0-9,]{0,6}[0-9]|[0-9]"
_CHINESE: Final = "〇零一二三四五六七八九"
_PLACES: Final = {"十": 10, "百": 100, "千": 1_000}
_BEFORE: Final = r"NT\s?[$S]|US\$|HK\$|[$¥₩€£]"
_BEHIND: Final = r"元整?|圓|円|원|塊|(?:NTD|TWD)\b"
_TAG: Final = re.compile(
    rf"(?P<size>(?:(?<![A-Za-z])(?:{_SIZES})(?![A-Za-z])|[(](?:{_SIZES})[)])\s*[:.]?\s*)?"
    rf"(?:(?P<before>{_BEFORE})\s*)?"
    rf"(?:(?P<digits>{_DIGITS})(?P<cents>\.[0-9]{{1,2}})?|(?P<words>[{_CHINESE}兩十百千]{{1,9}}))"
    rf"(?:\s*(?P<behind>{_BEHIND}))?(?:\s*/\s*[份個碗杯盤支串顆])?(?:\s*[(/]?[税稅][^0-9)]{{0,2}}[)]?)?"
)
_ONLY_SIZE: Final = re.compile(rf"[(]?(?P<size>{_SIZES})[)]?")
_DOLLAR_AS_S: Final = re.compile(r"(?<![A-Za-z0-9])S(?=\s?[0-9]{2,4}\s*$)")
_AMOUNT_AS_LETTERS: Final = re.compile(
    r"(?<=[$¥])\s?[0-9OolI,]+|[0-9][0-9OolI]+(?=\s*(?:元|円|$))|[0-9]\s?[兀无]"
)
_SEPARATORS: Final = re.compile(r"[\s./,|、·・…_\-—–]*")
_CONFUSED: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "兀": "元", "无": "元"})
_DATE: Final = re.compile(r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}")
_LEAST_BARE, _MOST_BARE = 10, 9_999
"""Without a currency, what is smaller or larger counts something else."""


class Tag(msgspec.Struct, frozen=True):
    """A price. `amount` is in hundredths; `currency` is "" where no sign says it.

    `start` and `end` are characters of the line; `is_bare` without a sign of money.
    """

    amount: int
    currency: str
    size: str
    start: int
    end: int
    is_bare: bool


def plain(text: str) -> str:
    """The text in the usual forms of its characters, as tags count them."""
    return unicodedata.normalize("NFKC", text).strip()


def tags(text: str) -> tuple[Tag, ...]:
    """The prices at the end of a line, or all there is of it; none of one that counts or dates."""
    if _DATE.search(text):
        return ()
    found = [tag for match in _TAG.finditer(_mended(text)) if (tag := _tag(match))]
    return tuple(_last_run(text, found))


def name_before(text: str, found: tuple[Tag, ...]) -> str:
    """What stands before the prices, without the dots that lead to them."""
    name = text[: found[0].start] if found else text
    return name.rstrip(" .·・…‧。:_-—–~=|/、").strip()


def size_of(text: str) -> str | None:
    """The size that a heading of a column of prices names, if it is one."""
    match = _ONLY_SIZE.fullmatch(text.replace(" ", ""))
    return match["size"] if match else None


def _mended(text: str) -> str:
    """Letters that readers take for digits, where only digits can stand; as long as the text."""
    pattern = re.compile(
        r"(?<=[$¥])\s?[0-9OolI,]+|[0-9][0-9OolI]+(?=\s*(?:元|円|$))|[0-9]\s?[兀无]"
    )
    return pattern.sub(lambda match: match[0].translate(_CONFUSED), text)


def _tag(match: re.Match[str]) -> Tag | None:
    sign = re.sub(r"\s", "", match["behind"] or match["before"] or "").removesuffix("整")
    if match["words"]:
        amount = _number(match["words"]) if match["behind"] else None
    else:
        amount = int(match["digits"].replace(",", ""))
    if amount is None or (not sign and not _LEAST_BARE <= amount <= _MOST_BARE):
        return None
    hundredths = amount * 100 + int((match["cents"] or ".0")[1:].ljust(2, "0"))
    size = re.sub(r"[\s():.]", "", match["size"] or "")
    currency = _SIGNS.get(sign, "TWD" if sign else "")
    return Tag(hundredths, currency, size, match.start(), match.end(), is_bare=not sign)


def _number(words: str) -> int | None:
    """The number of words such as 一百二十; None where they are none."""
    total = digit = 0
    for word in words.replace("兩", "二"):
        if word in _CHINESE:
            digit = max(0, _CHINESE.index(word) - 1)
        else:
            total += (digit or 1) * _PLACES[word]
            digit = 0
    return total + digit or None


def _last_run(text: str, found: list[Tag]) -> Iterator[Tag]:
    """Tags that follow one another up to the end of the line; the first stands free."""
    run: list[Tag] = []
    end = len(text)
    for tag in reversed(found):
        if not _SEPARATORS.fullmatch(text[tag.end : end]):
            break
        run.insert(0, tag)
        end = tag.start
    while run and run[0].is_bare and not run[0].size and not _stands_free(text[: run[0].start]):
        run.pop(0)
    return iter(run)


def _stands_free(before: str) -> bool:
    """Whether a bare number behind this is no part of a name, a time or a telephone."""
    return not re.search(r"[0-9:/+\-A-Za-z#]$", before)
