"""Prices inside a line of a menu."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.orders.menu_photo.tags import name_before, plain, size_of, tags

LINES: dict[str, tuple[str, list[int]]] = {
    "牛肉麵 $120": ("牛肉麵", [120]),
    "牛肉麵......120": ("牛肉麵", [120]),
    "牛肉麵……１２０元": ("牛肉麵", [120]),
    "牛肉麵120元": ("牛肉麵", [120]),
    "豬血糕30": ("豬血糕", [30]),
    "NT$1,280": ("", [1_280]),
    "NTS40": ("", [40]),
    "S80": ("", [80]),
    "$8O": ("", [80]),
    "80兀": ("", [80]),
    "一百二十元": ("", [120]),
    "珍珠奶茶五十元": ("珍珠奶茶", [50]),
    "唐揚げ 680円(税込)": ("唐揚げ", [680]),
    "唐揚げ 680円(税达)": ("唐揚げ", [680]),
    "¥680": ("", [680]),
    "Roast Chicken 340": ("Roast Chicken", [340]),
    "小60/大80": ("", [60, 80]),
    "紅茶 M 30 L 35": ("紅茶", [30, 35]),
    "滷肉飯(小)35(大)50": ("滷肉飯", [35, 50]),
    "水餃 10顆 60": ("水餃 10顆", [60]),
    "水餃 $60/份": ("水餃", [60]),
    "可樂 330ml 30": ("可樂 330ml", [30]),
    "三杯雞 180": ("三杯雞", [180]),
}


@pytest.mark.parametrize(("line", "truth"), LINES.items())
def test_a_line_is_a_name_and_its_prices(line: str, truth: tuple[str, list[int]]) -> None:
    text = plain(line)
    found = tags(text)

    assert (name_before(text, found), [tag.amount // 100 for tag in found]) == truth


@pytest.mark.parametrize(
    "line",
    [
        "電話 02-2345-6789",
        "營業時間 11:00-20:00",
        "2026/11/22",
        "水餃 10顆",
        "八寶冰",
        "千層麵",
        "A12",
        "第3頁",
        "……",
        "",
    ],
)
def test_other_numbers_are_no_prices(line: str) -> None:
    assert tags(plain(line)) == ()


def test_sizes_stand_with_their_prices() -> None:
    assert [tag.size for tag in tags(plain("中杯50／大杯６０"))] == ["中杯", "大杯"]


def test_signs_tell_the_currency() -> None:
    texts = ("NT$80", "80元", "¥80", "80円", "₩8000", "US$8.50", "$80", "80")

    assert [tags(plain(text))[0].currency for text in texts] == [
        *("TWD", "TWD", "JPY", "JPY", "KRW", "USD", "", ""),
    ]


def test_cents_are_kept() -> None:
    assert tags("US$8.5")[0].amount == 850


@pytest.mark.parametrize(
    ("text", "size"), [("大", "大"), ("（中）", "中"), ("L", "L"), ("麵", None)]
)
def test_a_heading_of_prices_is_a_size(text: str, size: str | None) -> None:
    assert size_of(plain(text)) == size


@given(st.text(alphabet="牛肉麵大小 .…/$元0123456789OlS一十百(),", max_size=30))
def test_every_tag_lies_inside_its_line(text: str) -> None:
    line = plain(text)
    found = tags(line)

    assert all(0 <= tag.start < tag.end <= len(line) for tag in found)
    assert [tag.start for tag in found] == sorted(tag.start for tag in found)
