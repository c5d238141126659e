"""Numbers in words: against a table checked by hand, and against a reader written apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.integrations.speech.numerals import END, cardinal, decimal, one_by_one

TABLE = {
    0: "零",
    2: "二",
    10: "十",
    12: "十二",
    20: "二十",
    22: "二十二",
    100: "一百",
    101: "一百零一",
    110: "一百一十",
    200: "兩百",
    202: "兩百零二",
    222: "兩百二十二",
    1_000: "一千",
    1_015: "一千零一十五",
    1_280: "一千兩百八十",
    2_002: "兩千零二",
    2_020: "兩千零二十",
    2_200: "兩千兩百",
    10_000: "一萬",
    10_010: "一萬零一十",
    10_500: "一萬零五百",
    12_000: "一萬兩千",
    20_002: "兩萬零二",
    100_000: "十萬",
    100_010: "十萬零一十",
    105_000: "十萬五千",
    220_000: "二十二萬",
    1_000_010: "一百萬零一十",
    1_002_000: "一百萬兩千",
    12_002_000: "一千兩百萬兩千",
    99_999_999: "九千九百九十九萬九千九百九十九",
    100_000_000: "一億",
    100_002_000: "一億零兩千",
    200_000_002: "兩億零二",
}


@pytest.mark.parametrize(("number", "words"), TABLE.items())
def test_a_number_is_said_as_in_taiwan(number: int, words: str) -> None:
    assert cardinal(number) == words


DIGITS = {
    "零": 0,
    "一": 1,
    "二": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
PLACES = {"十": 10, "百": 100, "千": 1_000}
GROUPS = {"萬": 10**4, "億": 10**8, "兆": 10**12}


def read(words: str) -> int:
    """The number that words say, read from left to right."""
    total = group = digit = 0
    for word in words:
        if word in DIGITS:
            digit = DIGITS[word]
        elif word in PLACES:
            group += (digit or 1) * PLACES[word]
            digit = 0
        else:
            total += (group + digit) * GROUPS[word]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**8))
def test_every_number_is_read_back_as_itself(number: int) -> None:
    assert read(cardinal(number)) == number


@given(st.integers(0, 10**8))
def test_no_number_says_zero_twice_or_last(number: int) -> None:
    words = cardinal(number)

    assert "零零" not in words
    assert number == 0 or not words.endswith("零")


@given(st.integers(0, 10**8))
def test_two_is_never_mixed_up_before_a_place(number: int) -> None:
    words = cardinal(number)

    assert not any(wrong in words for wrong in ("二百", "二千", "兩十"))
    assert not words.endswith("兩")


def test_what_has_no_words_is_refused() -> None:
    for number in (-1, END):
        with pytest.raises(ValueError, match="10\\^16"):
            cardinal(number)


def test_digits_are_said_one_by_one() -> None:
    assert one_by_one("0912") == "零九一二"


def test_digits_behind_the_point_are_said_one_by_one() -> None:
    assert decimal(3, "05") == "三點零五"
    assert decimal(20, "") == "二十"
