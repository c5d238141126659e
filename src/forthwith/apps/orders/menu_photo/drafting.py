"""From a page to a draft of a menu."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from forthwith.apps.orders import money
from forthwith.apps.orders.menu_photo import pairing
from forthwith.apps.orders.menu_photo.draft import DraftItem, DraftPrice, DraftSection, MenuDraft
from forthwith.apps.orders.menu_photo.headings import Headings, columns, heading_of, headings
from forthwith.apps.orders.menu_photo.pairing import Item
from forthwith.apps.orders.menu_photo.pieces import Name, pieces
from forthwith.apps.orders.menu_photo.scripts import in_one_script
from forthwith.integrations.ocr.page import Page

_USUAL_CURRENCY: Final = "TWD"
_NO_DISHES: Final = ("低消", "最低消費", "服務費", "外送", "滿額", "包廂")


def draft(page: Page) -> MenuDraft:
    """Put what a reader saw on a menu into sections and dishes. A page without prices is empty."""
    found = pieces(in_one_script(page))
    items = [each for each in pairing.items(found) if _is_dish(each)]
    said = headings(found.names, items)
    currency = _currency(items)
    return MenuDraft(tuple(_sections(items, said, currency)), currency, said.title)


def _is_dish(item: Item) -> bool:
    return not any(word in item.name.text for word in _NO_DISHES)


def _currency(items: Sequence[Item]) -> str:
    """That of most prices whose sign says it."""
    signs = Counter(each.price.tag.currency for item in items for each in item.prices)
    del signs[""]
    return signs.most_common(1)[0][0] if signs else _USUAL_CURRENCY


def _sections(items: Sequence[Item], said: Headings, currency: str) -> list[DraftSection]:
    """Columns from the left, each from top to bottom; items without a heading come first."""
    sections: dict[Name | None, list[tuple[int, Item]]] = {}
    numbers = {item.name: number for number, item in enumerate(items)}
    for column in columns(items):
        for item in sorted(column, key=lambda each: each.place.middle):
            heading = heading_of(item, said.sections, column)
            sections.setdefault(heading, []).append((numbers[item.name], item))
    return [
        DraftSection(
            heading.text if heading else "",
            tuple(
                _item(item, said.notes.get(number, ""), currency) for number, item in sorted(group)
            ),
        )
        for heading, group in sections.items()
    ]


def _item(item: Item, note: str, currency: str) -> DraftItem:
    prices = sorted(
        (DraftPrice(_minor(each.price.tag.amount, currency), each.size) for each in item.prices),
        key=lambda each: each.amount,
    )
    certainty = min(each.certainty * each.price.score for each in item.prices)
    confidence = round(min(item.name.score, certainty), 3)
    return DraftItem(item.name.text, tuple(prices), confidence, item.name.box, note)


def _minor(hundredths: int, currency: str) -> int:
    """Minor units; parts that the currency does not have are dropped."""
    return int(hundredths * 10 ** money.decimals(currency) // 100)
