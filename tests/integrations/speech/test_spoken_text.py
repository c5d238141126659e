"""What becomes of an order's text before a voice gets it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.integrations.speech.chinese import spoken

SAID = {
    "NT$1,280": "一千兩百八十元",
    "總共NT$1,280元": "總共一千兩百八十元",
    "$80": "八十元",
    "80.00元": "八十元",
    "$80.00": "八十元",
    "$12.50": "十二點五元",
    "US$5": "五美元",
    "¥500": "五百日圓",
    "折扣 -20元": "折扣 負二十元",
    "2元": "兩元",
    "2份": "兩份",
    "2碗": "兩碗",
    "22碗": "二十二碗",
    "102杯": "一百零二杯",
    "12個": "十二個",
    "200個": "兩百個",
    "牛肉麵 x2": "牛肉麵 兩份",
    "珍珠奶茶×3": "珍珠奶茶 三份",
    "牛肉麵 x2份": "牛肉麵 兩份",
    "第2份": "第二份",
    "2號桌": "二號桌",
    "12月2日": "十二月二日",
    "14:30": "下午兩點三十分",
    "14：30取餐": "下午兩點三十分取餐",
    "下午2:05": "下午兩點零五分",
    "2:00 PM": "下午兩點",
    "00:05": "凌晨十二點零五分",
    "12:00": "中午十二點",
    "18:20": "晚上六點二十分",
    "電話0912-345-678": "電話，零九一二，三四五，六七八",
    "(02)2345-6789": "零二，二三四五，六七八九",
    "+886 912 345 678": "加八八六，九一二，三四五，六七八",
    "手機:0912345678": "手機，零九一二三四五六七八",
    "訂單編號:A7K2-91": "訂單編號，A 七 K 二，九一",
    "訂單號碼 20261122001": "訂單號碼，二零二六一一二二零零一",
    "#0042": "零零四二",
    "取餐號碼 7": "取餐號碼，七",
    "123456789": "一二三四五六七八九",
    "3.5公斤": "三點五公斤",
    "0.5杯": "零點五杯",
    "10%服務費": "百分之十服務費",
    "12.5%": "百分之十二點五",
    "1/2份": "二分之一份",
    "11/22": "十一月二十二日",
    "2026-11-22": "二零二六年十一月二十二日",
    "2026年": "二零二六年",
    "10-15分鐘": "十到十五分鐘",
    "500ml": "五百毫升",
    "A餐": "A餐",
    "VIP": "V I P",
    "LINE Pay": "LINE Pay",
    "７份": "七份",
    "٣份": "三份",
    "請不要加辣！謝謝🙏": "請不要加辣！謝謝",
    "微糖/少冰（大）": "微糖、少冰，大",
    "牛肉麵 x2\n紅茶 x1\n": "牛肉麵 兩份，紅茶 一份",
}


@pytest.mark.parametrize(("text", "words"), SAID.items())
def test_an_orders_text_is_said_so(text: str, words: str) -> None:
    assert spoken(text) == words


def test_markup_is_not_said() -> None:
    """A guest's note must not reach a voice as instructions, of SSML or of espeak-ng."""
    text = '<speak><break time="9s"/>你好</speak> [[h@l\'oU]] {ms=9}'

    assert not re.search(r"[<>\[\]{}=\"/]", spoken(text))


def test_control_characters_are_left_out() -> None:
    assert spoken("牛\x00肉\x1b[31m麵\u202e\u200b") == "牛 肉，三十一m麵"


@given(st.text(max_size=200))
def test_no_digit_and_no_markup_is_left_of_any_text(text: str) -> None:
    words = spoken(text)

    assert not re.search(r"[0-9<>\[\]{}\x00-\x1f]", words)


@given(st.text(alphabet="0123456789 -.:/,$%xNT#A份元月第點", max_size=40))
def test_saying_what_is_said_changes_nothing(text: str) -> None:
    words = spoken(text)

    assert spoken(words) == words


def test_a_hostile_text_takes_no_time() -> None:
    texts = ("1," * 500, "#" * 1_000, "0-" * 500, "編號" * 500, " x" * 500, "<" * 1_000)
    began = time.process_time()
    for text in texts:
        spoken(text)

    assert time.process_time() - began < 1
