"""From a seed to a picture and its labels.

One seed is one person: the same seed in another layout gives the same person on another card.
"""

from dataclasses import replace
from random import Random
from typing import Any

from PIL import Image

from examples.cardmaker import photo
from examples.cardmaker.blocks import Design
from examples.cardmaker.identity import Identity, chance
from examples.cardmaker.labels import label
from examples.cardmaker.layouts import LAYOUTS, Plan
from examples.cardmaker.logos import LOGOS
from examples.cardmaker.people import INVENT
from examples.cardmaker.sheet import Palette, Sheet, Typeface
from examples.cardmaker.words import LABELS

CARD_MM = {"US": (88.9, 50.8), "GB": (85, 55), "DE": (85, 55), "JP": (91, 55), "TW": (90, 54)}
OTHER_MM = (90, 54)
LATIN_FAMILIES = ("grotesque", "grotesque", "display", "condensed", "book", "book", "slab")


def languages() -> tuple[str, ...]:
    """List the languages of cards, as BCP 47 tags; two joined by "+" stand on one card."""
    return tuple(INVENT)


def layouts(language: str | None = None) -> tuple[str, ...]:
    """List the layouts, or only those that suit the language."""
    return tuple(
        name
        for name, plan in LAYOUTS.items()
        if language is None or not plan.languages or language in plan.languages
    )


def levels() -> tuple[str, ...]:
    """List the kinds of picture, from clean to difficult."""
    return tuple(photo.LEVELS)


def invent(seed: int, language: str) -> Identity:
    """Make the person of a seed, before any layout; raises KeyError for an unknown language."""
    return INVENT[language](_dice(seed, language))


def generate(
    seed: int, language: str, layout: str, level: str = "photo"
) -> tuple[Image.Image, dict[str, Any]]:
    """Make one card and its label in the form of cards-dev/labels.json.

    The picture is RGB, long side about 1280 pixels. The same arguments give the same pixels on one
    machine. Raises ValueError for an unknown language, layout or level, or a pair that does not go
    together, and FontsMissing with the command that installs the fonts.
    """
    if level not in photo.LEVELS:
        raise ValueError(f"level is one of {', '.join(levels())}, not {level}")
    sheet, truth = compose(seed, language, layout)
    picture = photo.take(sheet.image, _dice(seed, language, layout, level), photo.LEVELS[level])
    return picture, {**truth, "kind": photo.LEVELS[level].kind}


def compose(seed: int, language: str, layout: str) -> tuple[Sheet, dict[str, Any]]:
    """Set the flat card and its label; raises as `generate` does."""
    if layout not in layouts(language) or language not in INVENT:
        raise ValueError(f"no layout {layout} for language {language}: see languages(), layouts()")
    plan = LAYOUTS[layout]
    dice = _dice(seed, language, layout)
    person = _chosen(invent(seed, language), plan, dice)
    sheet = _paper(person, plan, dice)
    plan.draw(sheet, person, _design(person, dice))
    truth = label(person, brand=plan.brand, source=f"fictional, seed {seed}, {layout}")
    return sheet, truth


def _chosen(person: Identity, plan: Plan, dice: Random) -> Identity:
    """Leave out what this card does not print."""
    if plan.bilingual:
        return replace(person, slogan="")
    person = replace(person, second_title="", second_address=())
    if plan.hides_company:
        person = replace(person, company=person.brand, second_company="", slogan="")
    if not plan.brand or chance(dice, 0.6):
        person = replace(person, slogan="")
    if chance(dice, 0.5):
        person = replace(person, second_name="")
    if chance(dice, 0.6):
        person = replace(person, second_company="")
    return person


def _paper(person: Identity, plan: Plan, dice: Random) -> Sheet:
    width, height = CARD_MM.get(person.region, OTHER_MM)
    if plan.upright:
        width, height = height, width
    face = Typeface(
        dice.choice(LATIN_FAMILIES), dice.choice(["sans", "sans", "serif"]), person.language
    )
    return Sheet(width, height, face, dice.choice(DARK if plan.dark else LIGHT))


def _design(person: Identity, dice: Random) -> Design:
    return Design(
        labels=dice.choice(LABELS[person.language]),
        badges=chance(dice, 0.35),
        logo=dice.choice(list(LOGOS)),
        name_size=dice.uniform(11, 16),
        body_size=dice.uniform(6.3, 8.2),
        address_first=chance(dice, 0.5),
        bold_company=chance(dice, 0.6),
    )


def _dice(*parts: object) -> Random:
    return Random("/".join(map(str, parts)))  # noqa: S311 - a picture to repeat, not a secret


LIGHT = [
    Palette((252, 252, 250), (30, 30, 32), (96, 96, 100), (176, 42, 48)),
    Palette((250, 247, 238), (44, 38, 34), (110, 98, 86), (146, 104, 52)),
    Palette((255, 255, 255), (22, 40, 72), (84, 98, 122), (24, 88, 164)),
    Palette((244, 247, 246), (28, 46, 42), (90, 106, 100), (22, 124, 104)),
    Palette((255, 255, 255), (20, 20, 20), (120, 120, 120), (232, 132, 30)),
    Palette((248, 246, 250), (50, 34, 66), (112, 98, 124), (112, 62, 146)),
    Palette((238, 232, 218), (40, 40, 40), (104, 98, 88), (60, 92, 62)),
    Palette((232, 238, 244), (24, 32, 48), (88, 98, 112), (40, 66, 110)),
]
DARK = [
    Palette((28, 30, 34), (240, 238, 232), (178, 176, 170), (214, 170, 92)),
    Palette((20, 40, 66), (236, 240, 246), (164, 178, 198), (96, 178, 220)),
    Palette((54, 28, 36), (246, 236, 228), (204, 180, 172), (226, 140, 110)),
    Palette((30, 54, 46), (240, 244, 234), (176, 196, 182), (176, 204, 104)),
    Palette((64, 64, 66), (250, 250, 250), (200, 200, 202), (250, 204, 60)),
]
