"""What was ordered: lines of a cart, checked against the menu or taken at the guest's word."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from forthwith.apps.orders import money
from forthwith.apps.orders.bodies import OrderedItem, QuickOrder
from forthwith.apps.orders.errors import OrderRefused
from forthwith.apps.orders.menus import Choice, Dish, Language, Menu, Names, Option
from forthwith.platform.errors import Fault

_MENUS_INDEXED: Final = 512


class Line(msgspec.Struct, frozen=True):
    """Some pieces of one dish; `price` is of one, options included, in minor units."""

    names: Names
    quantity: int
    price: int
    unit: str = "份"
    options: tuple[Names, ...] = ()

    @property
    def amount(self) -> int:
        """What all pieces cost."""
        return self.price * self.quantity


class Cart(msgspec.Struct, frozen=True):
    """An order as it is kept. `is_verified`: prices are the menu's, not the guest's."""

    shop_name: Names
    slug: str | None
    currency: str
    timezone: str
    language: Language
    lines: tuple[Line, ...]
    is_verified: bool
    guest_name: str | None = None
    table: str | None = None
    note: str | None = None

    @property
    def total(self) -> int:
        """What everything costs."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Card:
    """The dishes of a menu by id, and by any of their names."""

    by_id: Mapping[str, Dish]
    by_name: Mapping[str, tuple[Dish, ...]]


def same_name(name: str) -> str:
    """What two spellings of one name have in common: width, case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def at_shop(order: QuickOrder, slug: str, menu: Menu) -> Cart:
    """The cart at the menu's prices. Raises `OrderRefused` with every wrong place."""
    faults: list[Fault] = []
    card = _card(menu)
    lines = [_checked(card, menu, each, f"#/items/{n}", faults) for n, each in _numbered(order)]
    return _cart(order, menu, lines, faults, slug=slug)


def anywhere(order: QuickOrder, currency: str, timezone: str) -> Cart:
    """The cart at the guest's prices, at a shop nobody knows. Raises `OrderRefused`."""
    faults: list[Fault] = []
    name = order.store_name or ""
    shop = Menu(Names(chinese=name), order.currency or currency, timezone)
    lines = [_believed(each, shop.currency, f"#/items/{n}", faults) for n, each in _numbered(order)]
    return _cart(order, shop, lines, faults, slug=None)


def _numbered(order: QuickOrder) -> Sequence[tuple[int, OrderedItem]]:
    return list(enumerate(order.items))


def _cart(
    order: QuickOrder,
    menu: Menu,
    lines: Sequence[Line | None],
    faults: list[Fault],
    *,
    slug: str | None,
) -> Cart:
    cart = Cart(
        shop_name=menu.names,
        slug=slug,
        currency=menu.currency,
        timezone=menu.timezone,
        language=Language(order.language),
        lines=tuple(line for line in lines if line is not None),
        is_verified=slug is not None,
        guest_name=order.guest_name or None,
        table=order.table or None,
        note=order.note or None,
    )
    if not faults and not _agrees(order.total_amount, cart.total, cart.currency):
        right = money.text(cart.total, cart.currency)
        faults.append(Fault("#/total_amount", f"is not the sum of the items, {right}"))
    if faults:
        raise OrderRefused("The order does not fit; see errors for each place.", faults=faults)
    return cart


@lru_cache(maxsize=_MENUS_INDEXED)  # of menus, which are equal only to themselves
def _card(menu: Menu) -> _Card:
    by_name: dict[str, tuple[Dish, ...]] = {}
    for dish in menu.dishes():
        for name in {same_name(each) for each in dish.names.all()}:
            by_name[name] = (*by_name.get(name, ()), dish)
    return _Card({dish.id: dish for dish in menu.dishes()}, by_name)


def _checked(
    card: _Card, menu: Menu, item: OrderedItem, at: str, faults: list[Fault]
) -> Line | None:
    """The line at the menu's price, or None with what is wrong about it."""
    dish = _dish(card, item, at, faults)
    if dish is None:
        return None
    before = len(faults)
    if not dish.is_available:
        faults.append(Fault(at, "is sold out"))
    options = _options(dish, item.options, at, faults)
    if len(faults) > before:
        return None
    price = dish.price + sum(option.price for option in options)
    if not _agrees(item.price, price, menu.currency):
        right = money.text(price, menu.currency)
        faults.append(Fault(f"{at}/price", f"is not the menu's price, {right}"))
    return Line(dish.names, item.quantity, price, dish.unit, tuple(each.names for each in options))


def _dish(card: _Card, item: OrderedItem, at: str, faults: list[Fault]) -> Dish | None:
    if item.menu_item_id is not None:
        dish = card.by_id.get(item.menu_item_id)
        if dish is None:
            faults.append(Fault(f"{at}/menu_item_id", "is not on the menu"))
        return dish
    found = card.by_name.get(same_name(item.item_name or ""), ())
    if len(found) != 1:
        wrong = "is more than one dish; send its menu_item_id" if found else "is not on the menu"
        faults.append(Fault(f"{at}/item_name", wrong))
        return None
    return found[0]


def _options(dish: Dish, wanted: Sequence[str], at: str, faults: list[Fault]) -> list[Option]:
    """The options that were asked for, in the order of the menu."""
    offered = {option.id for choice in dish.choices for option in choice.options}
    for number, each in enumerate(wanted):
        if each not in offered:
            faults.append(Fault(f"{at}/options/{number}", "is no option of this dish"))
    if any(times > 1 for times in Counter(wanted).values()):
        faults.append(Fault(f"{at}/options", "names an option twice"))
    taken: list[Option] = []
    for choice in dish.choices:
        mine = [option for option in choice.options if option.id in wanted]
        if not choice.least <= len(mine) <= choice.most:
            faults.append(Fault(f"{at}/options", _how_many(choice)))
        taken += mine
    return taken


def _how_many(choice: Choice) -> str:
    name = choice.names.into(Language.ENGLISH)
    return f"take {choice.least} to {choice.most} of {name} ({choice.id})"


def _believed(item: OrderedItem, currency: str, at: str, faults: list[Fault]) -> Line | None:
    """The line as the guest wrote it, or None with what is missing."""
    before = len(faults)
    if item.item_name is None:
        faults.append(Fault(f"{at}/item_name", "is needed: this shop has no menu here"))
    if item.options:
        faults.append(Fault(f"{at}/options", "need a menu, which this shop does not have here"))
    price = _minor(item.price, currency, f"{at}/price", faults)
    if len(faults) > before:
        return None
    return Line(Names(chinese=item.item_name), item.quantity, price)


def _minor(price: Decimal | None, currency: str, at: str, faults: list[Fault]) -> int:
    if price is None:
        faults.append(Fault(at, "is needed: this shop has no menu here"))
        return 0
    try:
        return money.minor(price, currency)
    except ValueError as error:
        faults.append(Fault(at, str(error)))
        return 0


def _agrees(told: Decimal | None, right: int, currency: str) -> bool:
    """Whether an amount is right; one that was left out is."""
    if told is None:
        return True
    try:
        return money.minor(told, currency) == right
    except ValueError:
        return False
