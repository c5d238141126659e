"""What a menu seems to say, before a person has confirmed it."""

import msgspec

from forthwith.integrations.ocr.page import Box


class DraftPrice(msgspec.Struct, frozen=True):
    """A price in minor units of the draft's currency; `size` where a dish has several."""

    amount: int
    size: str = ""


class DraftItem(msgspec.Struct, frozen=True):
    """One dish. `confidence` is from 0 to 1; `box` is where its name stands.

    `prices` has at least one price, the lowest first; `note` is what stands below or behind
    the name.
    """

    name: str
    prices: tuple[DraftPrice, ...]
    confidence: float
    box: Box
    note: str = ""

    @property
    def price(self) -> int:
        """The lowest price, in minor units."""
        return self.prices[0].amount


class DraftSection(msgspec.Struct, frozen=True):
    """Dishes below one heading, which may be missing."""

    name: str
    items: tuple[DraftItem, ...]


class MenuDraft(msgspec.Struct, frozen=True):
    """A menu to be confirmed; `currency` is an ISO 4217 code, `title` what stands on top."""

    sections: tuple[DraftSection, ...]
    currency: str = "TWD"
    title: str = ""
