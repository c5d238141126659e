"""Menus as they are sent and edited, with prices as people write them, and as they are kept."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forthwith.apps.orders import money
from forthwith.apps.orders.bodies import (
    ChoiceBody,
    DishBody,
    NamesBody,
    OptionBody,
    SectionBody,
    ShopBody,
)
from forthwith.apps.orders.errors import MenuRefused
from forthwith.apps.orders.menus import Choice, Dish, Menu, Names, Option, Section
from forthwith.platform.errors import Fault


class _Reading:
    """Reads bodies in one currency, and collects what is wrong in which place."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.faults: list[Fault] = []

    def sections(self, bodies: Sequence[SectionBody]) -> tuple[Section, ...]:
        self._once((each.id for each in bodies), "#/sections")
        self._once((dish.id for each in bodies for dish in each.items), "#/sections")
        return tuple(self._section(each, f"#/sections/{n}") for n, each in enumerate(bodies))

    def _section(self, body: SectionBody, at: str) -> Section:
        items = tuple(self._dish(each, f"{at}/items/{n}") for n, each in enumerate(body.items))
        return Section(body.id, names(body.names), items)

    def _dish(self, body: DishBody, at: str) -> Dish:
        self._once((option.id for each in body.choices for option in each.options), f"{at}/choices")
        return Dish(
            id=body.id,
            names=names(body.names),
            price=self._price(body.price, f"{at}/price"),
            unit=body.unit,
            is_available=body.is_available,
            choices=tuple(
                self._choice(each, f"{at}/choices/{n}") for n, each in enumerate(body.choices)
            ),
        )

    def _choice(self, body: ChoiceBody, at: str) -> Choice:
        if not body.least <= body.most:
            self.faults.append(Fault(f"{at}/most", "is below `least`"))
        if body.least > len(body.options):
            self.faults.append(Fault(f"{at}/least", "is more than there are options"))
        options = tuple(
            self._option(each, f"{at}/options/{n}") for n, each in enumerate(body.options)
        )
        return Choice(body.id, names(body.names), options, body.least, body.most)

    def _option(self, body: OptionBody, at: str) -> Option:
        return Option(body.id, names(body.names), self._price(body.price, f"{at}/price"))

    def _price(self, price: Decimal, at: str) -> int:
        try:
            return money.minor(price, self._currency)
        except ValueError as error:
            self.faults.append(Fault(at, str(error)))
            return 0

    def _once(self, identifiers: Iterable[str], at: str) -> None:
        for each, times in Counter(identifiers).items():
            if times > 1:
                self.faults.append(Fault(at, f"has the id {each} {times} times"))


def names(body: NamesBody) -> Names:
    """Names as they are kept."""
    return Names(**body.model_dump())


def menu_of(body: ShopBody) -> Menu:
    """A new shop's menu. Raises `MenuRefused` with every wrong place."""
    try:
        ZoneInfo(body.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong = Fault("#/timezone", "is no IANA name such as Asia/Taipei")
        raise MenuRefused("The time zone is not known.", faults=[wrong]) from None
    sections = sections_of(body.sections, body.currency)
    return Menu(names(body.names), body.currency, body.timezone, sections)


def sections_of(bodies: Sequence[SectionBody], currency: str) -> tuple[Section, ...]:
    """The parts of a menu as they are kept. Raises `MenuRefused` with every wrong place."""
    reading = _Reading(currency)
    sections = reading.sections(bodies)
    if reading.faults:
        raise MenuRefused("The menu contradicts itself; see errors.", faults=reading.faults)
    return sections


def written(sections: Iterable[Section], currency: str) -> tuple[dict[str, Any], ...]:
    """The parts of a menu as `SectionBody` takes them."""
    return tuple(
        {
            "id": section.id,
            "names": section.names,
            "items": [_written_dish(dish, currency) for dish in section.items],
        }
        for section in sections
    )


def _written_dish(dish: Dish, currency: str) -> dict[str, Any]:
    return {
        "id": dish.id,
        "names": dish.names,
        "price": money.major(dish.price, currency),
        "unit": dish.unit,
        "is_available": dish.is_available,
        "choices": [_written_choice(each, currency) for each in dish.choices],
    }


def _written_choice(choice: Choice, currency: str) -> dict[str, Any]:
    options = [
        {"id": each.id, "names": each.names, "price": money.major(each.price, currency)}
        for each in choice.options
    ]
    return {
        "id": choice.id,
        "names": choice.names,
        "options": options,
        "least": choice.least,
        "most": choice.most,
    }
