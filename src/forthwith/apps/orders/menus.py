"""What a shop and its menu are: names in up to four languages, prices in minor units.

All of it is frozen, so that one copy in memory serves every request.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec


class Language(StrEnum):
    """The languages that menus, pages and messages speak."""

    CHINESE = "zh-TW"
    ENGLISH = "en"
    JAPANESE = "ja"
    KOREAN = "ko"


_MEMBERS: Final = {
    Language.CHINESE: "chinese",
    Language.ENGLISH: "english",
    Language.JAPANESE: "japanese",
    Language.KOREAN: "korean",
}


class Names(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={member: language.value for language, member in _MEMBERS.items()},
):
    """One name in the languages that somebody has written it in."""

    chinese: str | None = None
    english: str | None = None
    japanese: str | None = None
    korean: str | None = None

    def all(self) -> Iterator[str]:
        """Every name there is, in the order of the languages."""
        for language in Language:
            name = self.own(language)
            if name:
                yield name

    def own(self, language: Language) -> str | None:
        """The name in this language and no other."""
        name: str | None = getattr(self, _MEMBERS[language])
        return name

    def into(self, language: Language) -> str:
        """The name in this language; else in English for people of elsewhere, else in any."""
        return self.own(language) or self.english or next(self.all(), "")


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that can be added to a dish or changed about it, for `price` more."""

    id: str
    names: Names
    price: int = 0


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of which a guest takes at least `least` and at most `most`."""

    id: str
    names: Names
    options: tuple[Option, ...]
    least: int = 0
    most: int = 1


class Dish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be ordered. `unit` is its Chinese measure word: 碗, 杯, 份."""

    id: str
    names: Names
    price: int
    unit: str = "份"
    is_available: bool = True
    choices: tuple[Choice, ...] = ()


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the menu."""

    id: str
    names: Names
    items: tuple[Dish, ...] = ()


class Menu(msgspec.Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """A shop as it is kept: what it is called, what it takes, what it sells.

    `currency` is an ISO 4217 code, `timezone` an IANA name: order numbers begin anew at its
    midnight.
    """

    names: Names
    currency: str = "TWD"
    timezone: str = "Asia/Taipei"
    sections: tuple[Section, ...] = ()

    def dishes(self) -> Iterator[Dish]:
        """Every dish, in the order of the menu."""
        for section in self.sections:
            yield from section.items

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which every dish has a name; Chinese comes first where it does."""
        dishes = list(self.dishes())
        return tuple(each for each in Language if all(dish.names.own(each) for dish in dishes)) or (
            Language.CHINESE,
        )
