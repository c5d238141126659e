"""Made menus: the same every time, with the truth about them."""

import pytest
from PIL import ImageChops

from examples.menumaker import LAYOUTS, LEVELS, generate
from examples.menumaker.printed import chinese_price


def test_the_same_menu_is_made_every_time() -> None:
    first, truth = generate(3, "dots", "artwork")
    second, again = generate(3, "dots", "artwork")

    assert truth.sections == again.sections
    assert ImageChops.difference(first, second).getbbox() is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_dish_has_a_price_for_every_size(layout: str) -> None:
    _, menu = generate(1, layout, "artwork")
    dishes = [dish for section in menu.sections for dish in section.dishes]

    assert len(dishes) >= 13
    assert all(len(dish.prices) == max(1, len(menu.sizes)) for dish in dishes)
    assert len({dish.name for dish in dishes}) == len(dishes)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_a_menu_can_be_photographed(level: str) -> None:
    picture, _ = generate(1, "list", level)

    assert max(picture.size) >= 1_754


@pytest.mark.parametrize(
    ("price", "painted"),
    [(10, "十元"), (80, "八十元"), (100, "一百元"), (110, "一百一十元"), (220, "二百二十元")],
)
def test_prices_are_painted_in_words(price: int, painted: str) -> None:
    assert chinese_price(price) == painted
