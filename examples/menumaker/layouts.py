"""Ways to set a menu. Each fills a page from the top and says how many dishes it takes."""

from collections.abc import Iterator
from itertools import islice

from examples.menumaker.printed import Dish, Menu, Section
from examples.menumaker.sheet import HEIGHT, MARGIN, WIDTH, Sheet

TITLE_SIZE, HEADING_SIZE, BODY_SIZE = 66, 44, 34
TOP = 230


def title(sheet: Sheet, menu: Menu) -> None:
    """The shop's name, in the middle."""
    sheet.text((WIDTH / 2, 120), menu.title, TITLE_SIZE, bold=True, anchor="mm", accent=True)


def listed(sheet: Sheet, menu: Menu) -> None:
    """Names left, prices right."""
    title(sheet, menu)
    _column(sheet, menu, menu.sections, MARGIN, WIDTH - MARGIN, leader="")


def dotted(sheet: Sheet, menu: Menu) -> None:
    """The same with dots between."""
    title(sheet, menu)
    _column(sheet, menu, menu.sections, MARGIN, WIDTH - MARGIN, leader=".")


def columned(sheet: Sheet, menu: Menu) -> None:
    """Two columns of names and prices."""
    title(sheet, menu)
    middle = -(-len(menu.sections) // 2)
    _column(sheet, menu, menu.sections[:middle], MARGIN, WIDTH / 2 - 50, leader="")
    _column(sheet, menu, menu.sections[middle:], WIDTH / 2 + 50, WIDTH - MARGIN, leader="")


def beside(sheet: Sheet, menu: Menu) -> None:
    """Prices a blank behind the names, in two columns."""
    title(sheet, menu)
    middle = -(-len(menu.sections) // 2)
    for sections, left in ((menu.sections[:middle], MARGIN), (menu.sections[middle:], WIDTH / 2)):
        y = float(TOP)
        for section in sections:
            y = _heading(sheet, section, left, y)
            for dish in section.dishes:
                sheet.text((left, y), f"{dish.name} {menu.price(dish.prices[0])}", BODY_SIZE)
                y += BODY_SIZE * 1.7
            y += BODY_SIZE


def gridded(sheet: Sheet, menu: Menu) -> None:
    """Three dishes in a row, each price below its name."""
    title(sheet, menu)
    width = (WIDTH - 2 * MARGIN) / 3
    y = float(TOP)
    for section in menu.sections:
        y = _heading(sheet, section, MARGIN, y)
        for row in _threes(section.dishes):
            for place, dish in enumerate(row):
                x = MARGIN + width * (place + 0.5)
                sheet.text((x, y), dish.name, BODY_SIZE, anchor="mm")
                price = menu.price(dish.prices[0])
                sheet.text((x, y + BODY_SIZE * 1.35), price, BODY_SIZE, anchor="mm", accent=True)
            y += BODY_SIZE * 3.3
        y += BODY_SIZE * 0.4


def sized(sheet: Sheet, menu: Menu) -> None:
    """Two columns of prices under the names of the sizes."""
    title(sheet, menu)
    y = float(TOP)
    places = (WIDTH - MARGIN - 220, WIDTH - MARGIN - 40)
    for section in menu.sections:
        for x, size in zip(places, menu.sizes, strict=True):
            sheet.text((x, y), size, BODY_SIZE, bold=True, anchor="mm")
        y = _heading(sheet, section, MARGIN, y)
        for dish in section.dishes:
            sheet.text((MARGIN, y), dish.name, BODY_SIZE)
            for x, price in zip(places, dish.prices, strict=True):
                sheet.text((x, y), menu.price(price), BODY_SIZE, anchor="mm")
            y += BODY_SIZE * 1.75
        y += BODY_SIZE * 0.8


def inline_sized(sheet: Sheet, menu: Menu) -> None:
    """The sizes beside their prices: 小60/大80."""
    title(sheet, menu)
    y = float(TOP)
    for section in menu.sections:
        y = _heading(sheet, section, MARGIN, y)
        for dish in section.dishes:
            sheet.text((MARGIN, y), dish.name, BODY_SIZE)
            prices = "/".join(
                f"{size}{price}" for size, price in zip(menu.sizes, dish.prices, strict=True)
            )
            sheet.text((WIDTH - MARGIN, y), prices, BODY_SIZE, anchor="rm")
            y += BODY_SIZE * 1.75
        y += BODY_SIZE * 0.8


def bilingual(sheet: Sheet, menu: Menu) -> None:
    """A second name in smaller type below the first."""
    title(sheet, menu)
    y = float(TOP)
    for section in menu.sections:
        y = _heading(sheet, section, MARGIN, y)
        for dish in section.dishes:
            sheet.text((MARGIN, y), dish.name, BODY_SIZE)
            sheet.text((MARGIN, y + BODY_SIZE), dish.second_name, BODY_SIZE * 0.62)
            sheet.text((WIDTH - MARGIN, y), menu.price(dish.prices[0]), BODY_SIZE, anchor="rm")
            y += BODY_SIZE * 2.1
        y += BODY_SIZE * 0.3


def _heading(sheet: Sheet, section: Section, left: float, y: float) -> float:
    sheet.text((left, y), section.name, HEADING_SIZE, bold=True, accent=True)
    return y + HEADING_SIZE * 1.5


def _column(
    sheet: Sheet,
    menu: Menu,
    sections: tuple[Section, ...],
    left: float,
    right: float,
    *,
    leader: str,
) -> None:
    rows = sum(len(section.dishes) for section in sections) + 2.5 * len(sections)
    step = min(BODY_SIZE * 2, (HEIGHT - TOP - MARGIN) / rows)
    y = float(TOP)
    for section in sections:
        y = _heading(sheet, section, left, y)
        for dish in section.dishes:
            _row(sheet, dish, menu.price(dish.prices[0]), left, right, y, leader)
            y += step
        y += step * 0.7


def _row(
    sheet: Sheet, dish: Dish, price: str, left: float, right: float, y: float, leader: str
) -> None:
    name = sheet.text((left, y), dish.name, BODY_SIZE)
    cost = sheet.text((right, y), price, BODY_SIZE, anchor="rm")
    if leader:
        dot = sheet.font(BODY_SIZE).getlength(leader)
        count = int((right - left - name - cost - 30) / dot)
        sheet.text((left + name + 15, y), leader * count, BODY_SIZE)


def _threes(dishes: tuple[Dish, ...]) -> Iterator[tuple[Dish, ...]]:
    rest = iter(dishes)
    while row := tuple(islice(rest, 3)):
        yield row
