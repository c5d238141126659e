"""Which price is of which name: right of it, or below it."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from forthwith.apps.orders.menu_photo.pieces import Name, Pieces, Price
from forthwith.apps.orders.menu_photo.places import Place

_TOUCHING: Final = 0.3  # of a height, by which boxes of readers may overlap
_BELOW: Final = 1.5  # of a height, between a name and a price below it
_COVERED: Final = 0.3  # of the narrower one

_CERTAINTY: Final = {"inline": 1.0, "beside": 0.98, "below": 0.94}
_OF_BARE: Final = 0.97
"""A number without a sign of money may count something else."""


class Priced(msgspec.Struct, frozen=True):
    """A price with its size, and how certain it is that it belongs where it was put."""

    price: Price
    size: str
    certainty: float


class Item(msgspec.Struct, frozen=True):
    """A name and its prices, from left to right."""

    name: Name
    prices: tuple[Priced, ...]

    @property
    def place(self) -> Place:
        """From the name to the last price beside it."""
        place = self.name.place
        rights = [each.price.place.right for each in self.prices]
        return msgspec.structs.replace(place, right=max(place.right, *rights))


def items(found: Pieces) -> tuple[Item, ...]:
    """All names that have a price, as the page has them."""
    prices: dict[Name, list[Priced]] = {}
    for price in found.prices:
        owner, way = _owner(price, found.names)
        if owner is not None:
            size = price.tag.size or _heading(price.place, found.sizes)
            certainty = _CERTAINTY[way] * (_OF_BARE if price.tag.is_bare else 1.0)
            prices.setdefault(owner, []).append(Priced(price, size, certainty))
    return tuple(
        Item(name, tuple(sorted(prices[name], key=lambda each: each.price.place.left)))
        for name in found.names
        if name in prices
    )


def _owner(price: Price, names: Sequence[Name]) -> tuple[Name | None, str]:
    """The name that a price belongs to, and how it stands to it."""
    if price.name is not None:
        return price.name, "inline"
    reach = price.place.left + _TOUCHING * price.place.height
    beside = [
        each for each in names if each.place.right <= reach and each.place.is_in_row_of(price.place)
    ]
    if beside:
        return max(beside, key=lambda each: each.place.right), "beside"
    above = [each for each in names if _is_above(each.place, price.place)]
    return max(above, key=lambda each: each.place.middle, default=None), "below"


def _is_above(name: Place, price: Place) -> bool:
    gap = price.top - name.bottom
    is_near = -_TOUCHING * price.height <= gap <= _BELOW * price.height
    return is_near and name.covers(price) >= _COVERED


def _heading(price: Place, sizes: Iterable[Name]) -> str:
    """The size that stands at the head of a price's column."""
    above = [
        each for each in sizes if each.place.middle < price.middle and each.place.covers(price)
    ]
    nearest = max(above, key=lambda each: each.place.middle, default=None)
    return nearest.text if nearest is not None else ""
