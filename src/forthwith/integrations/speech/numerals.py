"""Numbers in Chinese words, as they are said in Taiwan."""

from collections.abc import Iterator
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ((1_000, "千"), (100, "百"), (10, "十"))
_GROUPS: Final = ("", "萬", "億", "兆")
_GROUP: Final = 10_000
_LEAST_WITHOUT_ZERO: Final = 1_000
"""A lower group that is smaller leaves a place empty, and that is said."""

END: Final = _GROUP ** len(_GROUPS)
"""The least number without a word for its group."""


def cardinal(number: int) -> str:
    """A number from 0 to 10^16 - 1: 1,280 is 一千兩百八十.

    Two is 兩 before 百, 千, 萬 and higher, 二 elsewhere; before a measure word the caller
    knows better. Raises ValueError beyond.
    """
    if not 0 <= number < END:
        raise ValueError("a number from 0 to 10^16 - 1 has words")
    if number == 0:
        return _DIGITS[0]
    words = "".join(_groups(number))
    return words.removeprefix("一") if words.startswith("一十") else words


def one_by_one(digits: str) -> str:
    """Digits, each by itself, as numbers of telephones and orders are said."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def decimal(whole: int, fraction: str) -> str:
    """A number with the digits behind its point, which may be none."""
    return f"{cardinal(whole)}點{one_by_one(fraction)}" if fraction else cardinal(whole)


def _groups(number: int) -> Iterator[str]:
    """Groups of four digits from the highest, each with its word."""
    has_begun = has_gap = False
    for power in reversed(range(len(_GROUPS))):
        group = number // _GROUP**power % _GROUP
        if group == 0:
            has_gap = has_begun
            continue
        if has_begun and (has_gap or group < _LEAST_WITHOUT_ZERO):
            yield _DIGITS[0]
        yield ("兩" if group == 2 and power else _group(group)) + _GROUPS[power]  # noqa: PLR2004 - two
        has_begun, has_gap = True, False


def _group(number: int) -> str:
    """1 to 9,999; ten is 一十, as inside a number."""
    words = ""
    for size, word in _PLACES:
        digit, number = divmod(number, size)
        if digit:
            words += ("兩" if digit == 2 and size > 10 else _DIGITS[digit]) + word  # noqa: PLR2004 - two, and tens
        elif words and number and not words.endswith(_DIGITS[0]):
            words += _DIGITS[0]
    return words + (_DIGITS[number] if number else "")
