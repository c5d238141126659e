"""What guests and the counter read and hear."""

import pytest

from forthwith.apps.orders import wording
from forthwith.apps.orders.carts import Cart, Line
from forthwith.apps.orders.menus import Language, Names

NOODLES = Line(
    Names(chinese="紅燒牛肉麵", english="Beef noodles", japanese="牛肉麺", korean="우육면"),
    2,
    160,
    "碗",
    (Names(chinese="大碗", english="Large", japanese="大盛り", korean="대"),),
)
TEA = Line(Names(chinese="珍珠奶茶", english="Bubble tea"), 1, 60, "杯")


def _cart(*lines: Line, language: Language = Language.ENGLISH, table: str | None = None) -> Cart:
    names = Names(chinese="林家麵館", english="Lin's Noodles")
    return Cart(names, "lin", "TWD", "Asia/Taipei", language, lines, True, table=table)


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "A-001"), (17, "A-017"), (999, "A-999"), (1_000, "B-001")]
)
def test_numbers_are_short(number: int, shown: str) -> None:
    assert wording.order_number(number) == shown


def test_no_number_is_given_twice_in_twenty_thousand() -> None:
    assert len({wording.order_number(each) for each in range(1, 25_975)}) == 25_974


def test_an_order_is_said_as_one_says_it_at_a_counter() -> None:
    said = wording.spoken_order(_cart(NOODLES, TEA, table="5"))

    assert said == (
        "您好，我要點餐。紅燒牛肉麵，大碗，2碗。珍珠奶茶，1杯。桌號5。一共380元。謝謝。"
    )


def test_an_order_that_is_too_long_to_be_said_is_summed_up() -> None:
    """A voice takes a thousand characters."""
    said = wording.spoken_order(_cart(*[NOODLES] * 100))

    assert said == "您好，我要點餐。一共100種餐點，200份，請看螢幕上的訂單。一共32000元。謝謝。"


@pytest.mark.parametrize(
    ("language", "row", "total"),
    [
        (Language.CHINESE, "紅燒牛肉麵（大碗） ×2  NT$320", "合計：NT$320"),
        (Language.ENGLISH, "Beef noodles (Large) ×2  NT$320", "Total: NT$320"),
        (Language.JAPANESE, "牛肉麺（大盛り） ×2  NT$320", "合計：NT$320"),
        (Language.KOREAN, "우육면 (대) ×2  NT$320", "합계: NT$320"),
    ],
)
def test_a_summary_is_in_the_guests_language(language: Language, row: str, total: str) -> None:
    told = wording.summary(_cart(NOODLES, language=language), 17)

    assert told.translated.splitlines()[1:] == [row, total]
    assert told.chinese.splitlines()[0] == "林家麵館 A-017"


def test_a_dish_without_a_name_in_the_language_has_the_english_one() -> None:
    told = wording.summary(_cart(TEA, language=Language.KOREAN), 1)

    assert "Bubble tea ×1" in told.translated


@pytest.mark.parametrize("language", list(Language))
def test_every_stage_has_words_in_every_language(language: Language) -> None:
    stages = wording.WORDS[language].stages

    assert set(stages) == set(wording.WORDS[Language.ENGLISH].stages)
    assert all(stages.values())
