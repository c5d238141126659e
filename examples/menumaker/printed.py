"""A menu before it is set: sections, dishes, and prices as they are to be printed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from examples.menumaker.kitchens import Kind, Kitchen


@dataclass(frozen=True, slots=True)
class Dish:
    """One dish; `prices` has two of them where there are two sizes."""

    name: str
    prices: tuple[int, ...]
    second_name: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the menu."""

    name: str
    dishes: tuple[Dish, ...]


@dataclass(frozen=True, slots=True)
class Menu:
    """What a menu says; `sizes` are those of two prices, `price` is how one is printed."""

    language: str
    title: str
    sections: tuple[Section, ...]
    sizes: tuple[str, ...]
    price: Callable[[int], str]


CHINESE_DIGITS = "零一二三四五六七八九"


def chinese_price(price: int) -> str:
    """80 is 八十元, 120 一百二十元: without 兩, as menus are painted."""
    hundreds, tens = divmod(price // 10, 10)
    words = f"{CHINESE_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        words += ("" if tens == 1 and not hundreds else CHINESE_DIGITS[tens]) + "十"
    return f"{words}元"


PRICES: dict[str, tuple[Callable[[int], str], ...]] = {
    "zh-Hant": ("${}".format, "{}元".format, "{}".format, "NT${}".format, "$ {}".format),
    "ja": ("{}円".format, "¥{}".format, "{}円(税込)".format),
    "en": ("${}".format, "NT${}".format, "{}".format),
}


def invent(
    rng: Random, kitchen: Kitchen, dishes: int, sizes: Sequence[str], *, painted: bool = False
) -> Menu:
    """A menu of about so many dishes."""
    kinds = list(kitchen.kinds)
    most = -(-dishes // len(kinds))
    sections = tuple(_section(rng, kitchen, kind, most, len(sizes)) for kind in kinds)
    price = chinese_price if painted else rng.choice(PRICES[kitchen.language])
    return Menu(kitchen.language, rng.choice(kitchen.titles), sections, tuple(sizes), price)


def _section(rng: Random, kitchen: Kitchen, kind: Kind, most: int, sizes: int) -> Section:
    names = rng.sample(kind.dishes, min(most, len(kind.dishes)))
    return Section(kind.name, tuple(_dish(rng, kitchen, kind, name, sizes) for name in names))


def _dish(rng: Random, kitchen: Kitchen, kind: Kind, name: str, sizes: int) -> Dish:
    price = 10 * rng.randint(kind.least, kind.most) + (rng.choice((0, 0, 5)) if sizes else 0)
    prices = tuple(price + 10 * step for step in range(max(1, sizes)))
    return Dish(name, prices, kitchen.second_names.get(name, ""))
