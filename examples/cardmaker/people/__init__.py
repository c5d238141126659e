"""Fictional people, one module per language of their cards."""

from collections.abc import Callable
from random import Random

from examples.cardmaker.identity import Identity
from examples.cardmaker.people import en, ja, zh_hant

INVENT: dict[str, Callable[[Random], Identity]] = {
    "zh-Hant": zh_hant.identity,
    "ja": ja.identity,
    "en": en.identity,
}
