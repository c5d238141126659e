"""Fictional people, one module per language of their cards."""

from collections.abc import Callable
from random import Random

from examples.cardmaker.identity import Identity
from examples.cardmaker.people import de, en, hong_kong, ja, pt, vi, zh_hans, zh_hant

INVENT: dict[str, Callable[[Random], Identity]] = {
    "zh-Hant": zh_hant.identity,
    "zh-Hans": zh_hans.identity,
    "ja": ja.identity,
    "en": en.identity,
    "en+zh-Hant": hong_kong.identity,
    "pt": pt.identity,
    "vi": vi.identity,
    "de": de.identity,
}
