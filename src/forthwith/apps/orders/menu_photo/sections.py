"""A draft as the parts of a menu, which a person looks at and keeps."""

import itertools
import re
from collections.abc import Mapping
from typing import Final

from forthwith.apps.orders.menu_photo import glossary
from forthwith.apps.orders.menu_photo.draft import DraftItem, DraftPrice, DraftSection, MenuDraft
from forthwith.apps.orders.menus import Choice, Dish, Names, Option, Section

_UNNAMED: Final = "菜單"
_SIZE: Final = "大小"


def sections(draft: MenuDraft, translated: Mapping[str, Names]) -> tuple[Section, ...]:
    """The sections of a draft, each dish and size with an id of its own.

    Names are those that were `translated`, else of the glossary, else the menu's own.
    """
    making = _Making(translated, draft.title or _UNNAMED)
    return tuple(making.section(each) for each in draft.sections)


def names_on(draft: MenuDraft) -> tuple[str, ...]:
    """Every name of the menu once, in order."""
    every = itertools.chain.from_iterable(
        (section.name, *(item.name for item in section.items)) for section in draft.sections
    )
    return tuple(dict.fromkeys(filter(None, every)))


class _Making:
    """Makes parts of one menu, and their ids."""

    def __init__(self, translated: Mapping[str, Names], unnamed: str) -> None:
        self._translated = translated
        self._unnamed = unnamed
        self._taken: set[str] = set()

    def section(self, section: DraftSection) -> Section:
        names = self._names(section.name or self._unnamed)
        dishes = tuple(self._dish(item) for item in section.items)
        return Section(self._id(names, "section"), names, dishes)

    def _dish(self, item: DraftItem) -> Dish:
        names = self._names(item.name)
        choices = (_size_choice(item.prices),) if len(item.prices) > 1 else ()
        unit = glossary.unit_of(names.chinese or "")
        return Dish(self._id(names, "dish"), names, item.price, unit, choices=choices)

    def _names(self, text: str) -> Names:
        return self._translated.get(text) or glossary.names_of(text)

    def _id(self, names: Names, kind: str) -> str:
        """The English name, or a number; with a number behind it, where it is taken."""
        words = re.sub(r"[^a-z0-9]+", "-", (names.english or "").lower()).strip("-")[:48]
        bare = [words] if words else []
        numbered = (f"{words or kind}-{number}" for number in itertools.count(2 if words else 1))
        free = next(each for each in itertools.chain(bare, numbered) if each not in self._taken)
        self._taken.add(free)
        return free


def _size_choice(prices: tuple[DraftPrice, ...]) -> Choice:
    """One of the sizes has to be taken; the smallest costs nothing more."""
    options = tuple(
        Option(f"size-{number}", glossary.names_of(each.size or str(number)), more)
        for number, each in enumerate(prices, start=1)
        for more in (each.amount - prices[0].amount,)
    )
    return Choice("size", glossary.names_of(_SIZE), options, least=1, most=1)
