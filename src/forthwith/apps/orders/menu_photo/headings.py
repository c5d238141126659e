"""What stands on a menu without a price: its title, headings of sections, notes of dishes."""

import re
import statistics
from collections.abc import Sequence
from typing import Final

import msgspec

from forthwith.apps.orders.menu_photo.pairing import Item
from forthwith.apps.orders.menu_photo.pieces import Name, width

_NOTE_HEIGHT: Final = 0.85  # of the name's: notes are smaller
_NOTE_GAP: Final = 0.8  # of the name's height, at most, between both
_HEADING_HEIGHT: Final = 1.12  # of the usual name's
_TITLE_HEIGHT: Final = 1.25  # of the usual heading's
_APART: Final = 1.8  # times the gap below is the gap above
_LONGEST_HEADING: Final = 16.0  # Chinese characters
_OWN: Final = 0.3  # of the narrower one, that a heading shares with its column
_SAME_COLUMN: Final = 0.5  # of the narrower one
_NO_HEADING: Final = re.compile(
    r"[0-9]{4}|電話|營業|時間|地址|公休|外送|低消|服務費|訂位|歡迎|謝謝|www|http|@|tel\b|line\b",
    re.IGNORECASE,
)


class Headings(msgspec.Struct, frozen=True):
    """The title, the headings, and the notes of items by the item's place in the list."""

    title: str
    sections: tuple[Name, ...]
    notes: dict[int, str]


def headings(names: Sequence[Name], items: Sequence[Item]) -> Headings:
    """Tell apart what has no price."""
    priced = {item.name for item in items}
    rest = [name for name in names if name not in priced]
    notes: dict[int, str] = {}
    found: list[Name] = []
    for name in rest:
        of = _item_above(name, items)
        if of is not None:
            notes[of] = f"{notes.get(of, '')} {name.text}".strip()
        elif _is_heading(name, names, items):
            found.append(name)
    title = _title(found, items)
    return Headings(
        title.text if title else "", tuple(each for each in found if each is not title), notes
    )


def heading_of(item: Item, sections: Sequence[Name], columns: Sequence[Item]) -> Name | None:
    """The nearest heading above an item, of its own column if it has any."""
    above = [each for each in sections if each.place.middle < item.place.top]
    in_column = [
        each for each in above if any(other.place.covers(each.place) >= _OWN for other in columns)
    ]
    return max(in_column or above, key=lambda each: each.place.middle, default=None)


def columns(items: Sequence[Item]) -> list[list[Item]]:
    """Items by the column of the page that they stand in, from the left."""
    found: list[list[Item]] = []
    for item in sorted(items, key=lambda each: each.place.left):
        column = next((each for each in found if _is_in(item, each)), None)
        if column is None:
            found.append([item])
        else:
            column.append(item)
    return found


def _is_in(item: Item, column: Sequence[Item]) -> bool:
    return any(item.place.covers(other.place) >= _SAME_COLUMN for other in column)


def _item_above(name: Name, items: Sequence[Item]) -> int | None:
    """The item whose note this is, if it is one."""
    for number, item in enumerate(items):
        place = item.name.place
        gap = name.place.top - place.bottom
        is_near = -_NOTE_GAP * place.height <= gap <= _NOTE_GAP * place.height
        is_below = name.place.middle > place.middle and place.covers(name.place) > 0
        if is_near and is_below and name.place.height <= _NOTE_HEIGHT * place.height:
            return number
    return None


def _is_heading(name: Name, names: Sequence[Name], items: Sequence[Item]) -> bool:
    """Larger than dishes are, or apart from those above it; and some stand below it."""
    if width(name.text) > _LONGEST_HEADING or _NO_HEADING.search(name.text):
        return False
    heights = [item.name.place.height for item in items]
    if not any(item.place.middle > name.place.middle for item in items):
        return False
    is_large = name.place.height >= _HEADING_HEIGHT * statistics.median(heights)
    return is_large or _stands_apart(name, names)


def _stands_apart(name: Name, names: Sequence[Name]) -> bool:
    """Whether it begins its column, or the gap above is much larger than the one below."""
    column = [each.place for each in names if each.place.covers(name.place) >= _OWN]
    above = max((each.bottom for each in column if each.middle < name.place.top), default=None)
    below = min((each.top for each in column if each.middle > name.place.bottom), default=None)
    if above is None or below is None:
        return below is not None
    return name.place.top - above > _APART * max(1.0, below - name.place.bottom)


def _title(found: Sequence[Name], items: Sequence[Item]) -> Name | None:
    """What stands above everything: another heading comes before the first dish, or is smaller."""
    if not found:
        return None
    top, *others = sorted(found, key=lambda each: each.place.middle)
    first = min((item.place.middle for item in items), default=0.0)
    has_equal = any(each.place.is_in_row_of(top.place) for each in others)
    if has_equal or top.place.middle > first:
        return None
    if not others or any(each.place.bottom < first for each in others):
        return top
    usual = statistics.median(each.place.height for each in others)
    return top if top.place.height >= _TITLE_HEIGHT * usual else None
