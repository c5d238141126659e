"""One menu: invented, set, photographed."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from PIL import Image

from examples.cardmaker import photo
from examples.menumaker import layouts
from examples.menumaker.kitchens import CAFE, DRINKS, IZAKAYA, NOODLES, Kitchen
from examples.menumaker.printed import Menu, invent
from examples.menumaker.sheet import Sheet, blank


class Layout(NamedTuple):
    """A way to set a menu, the shops that use it, and how many dishes a page takes."""

    draw: Callable[[Sheet, Menu], None]
    kitchens: tuple[Kitchen, ...]
    dishes: int
    sizes: tuple[tuple[str, ...], ...] = ((),)
    painted: bool = False


PHOTO_SIDE = 2000  # pixels: what the reader makes of a telephone's photo
LEVELS = tuple(photo.LEVELS)
ALL = (NOODLES, DRINKS, IZAKAYA, CAFE)
SIZES = (("小", "大"), ("中", "大"), ("M", "L"))
LAYOUTS: dict[str, Layout] = {
    "list": Layout(layouts.listed, ALL, 16),
    "dots": Layout(layouts.dotted, ALL, 16),
    "columns": Layout(layouts.columned, ALL, 24),
    "beside": Layout(layouts.beside, (NOODLES, DRINKS, IZAKAYA), 24),
    "grid": Layout(layouts.gridded, (NOODLES, DRINKS, IZAKAYA), 15),
    "sizes": Layout(layouts.sized, (NOODLES, DRINKS), 14, SIZES),
    "sizes-inline": Layout(layouts.inline_sized, (NOODLES, DRINKS), 14, SIZES),
    "bilingual": Layout(layouts.bilingual, (NOODLES,), 13),
    "painted": Layout(layouts.columned, (NOODLES,), 22, painted=True),
}


def generate(seed: int, layout: str, level: str) -> tuple[Image.Image, Menu]:
    """A picture of a menu, and what it says; the same for the same arguments."""
    rng = Random(f"{seed} {layout}")  # noqa: S311 - the same menu every time
    way = LAYOUTS[layout]
    kitchen = rng.choice(way.kitchens)
    menu = invent(rng, kitchen, way.dishes, rng.choice(way.sizes), painted=way.painted)
    sheet = blank(rng, menu.language)
    way.draw(sheet, menu)
    return photo.take(sheet.image, rng, photo.LEVELS[level], PHOTO_SIDE), menu
