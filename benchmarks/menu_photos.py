"""Menus drafted from photos of made menus: `python -m benchmarks.menu_photos [--quick] [--json]`.

`artwork` is the page itself, `scan` and `photo` what a scanner and an ordinary telephone make of
it; `hard` adds tilt, shadow, blur and noise up to what a person would take again. Each picture is
drawn and read for real, which takes a second or two. `python -m benchmarks.cards_document
menu_photos` puts the figures into docs/menus.md.
"""

import io
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from benchmarks.harness import Goal, Report, Table, main, versions
from examples.menumaker import LAYOUTS, LEVELS, Menu, generate
from forthwith.apps.orders.menu_photo.draft import MenuDraft
from forthwith.apps.orders.menu_photo.drafting import draft
from forthwith.integrations.ocr.reader import read_page

MENUS: Final = (1, 8)  # per layout and level: quick, full
FIRST_SEED: Final = 2_000  # menus at which nobody looked
MINUTES: Final = 20.0
PROCESSES: Final = 2
RIGHT_ON_ARTWORK: Final = 95.0  # percent

Said = tuple[str, tuple[int, ...]]
"""A dish as it is compared: its name, its prices from the lowest."""


class Outcome(NamedTuple):
    """One menu: how many dishes it has, and what was found of them."""

    layout: str
    level: str
    dishes: int
    drafted: int
    right: int
    """With name and all prices."""
    priced: int
    """With all prices, and a name of which at most one letter is another."""
    placed: int
    """Right, and in the right section."""
    is_titled: bool


def read_menu(layout: str, level: str, seed: int) -> Outcome:
    """Draw a menu, read it, and compare the draft with what it says."""
    picture, menu = generate(seed, layout, level)
    photo = io.BytesIO()
    picture.save(photo, "JPEG", quality=90)
    return compared(layout, level, menu, draft(read_page(photo.getvalue())))


def compared(layout: str, level: str, menu: Menu, drafted: MenuDraft) -> Outcome:
    """What a draft has right of a menu."""
    truth = {
        (plain(dish.name), dish.prices): plain(section.name)
        for section in menu.sections
        for dish in section.dishes
    }
    found: dict[Said, str] = {
        (plain(item.name), tuple(price.amount for price in item.prices)): plain(section.name)
        for section in drafted.sections
        for item in section.items
    }
    return Outcome(
        layout,
        level,
        dishes=len(truth),
        drafted=sum(len(section.items) for section in drafted.sections),
        right=len(truth.keys() & found.keys()),
        priced=sum(any(is_nearly(dish, other) for other in found) for dish in truth),
        placed=sum(found.get(dish) == section for dish, section in truth.items()),
        is_titled=plain(drafted.title) == plain(menu.title),
    )


def plain(text: str) -> str:
    """Without spaces and in the usual forms of letters."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def is_nearly(dish: Said, other: Said) -> bool:
    """Whether prices agree, and names but for one letter."""
    name, other_name = dish[0], other[0]
    if dish[1] != other[1] or len(name) != len(other_name):
        return False
    return sum(a != b for a, b in zip(name, other_name, strict=True)) <= 1


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it so
    """Read all menus and put the tables together."""
    outcomes = _read_all(MENUS[not quick])
    report = Report(
        name="Menus drafted from photos",
        arrival="one picture after another in each of two processes",
        versions=versions("rapidocr", "onnxruntime"),
    )
    report.tables += [
        _table("By level", outcomes, LEVELS, 1),
        _table("By layout: artwork", [each for each in outcomes if each.level == "artwork"]),
        _table("By layout: photo", [each for each in outcomes if each.level == "photo"]),
        _table("By layout: hard", [each for each in outcomes if each.level == "hard"]),
    ]
    artwork = [each for each in outcomes if each.level == "artwork"]
    right = _percent(sum(each.right for each in artwork), sum(each.dishes for each in artwork))
    report.goals.append(Goal("name and price right, artwork", right, RIGHT_ON_ARTWORK, "%", False))
    report.notes += [
        f"{MENUS[not quick]} menus of each layout and level, seeds from {FIRST_SEED} on.",
        "Right: the name letter by letter, and every price. Nearly: one letter is another.",
        "Wrong: drafted dishes that the menu does not have so, in percent of those drafted.",
    ]
    return report


def _read_all(count: int) -> list[Outcome]:
    """Every layout and level in turns; after MINUTES no menu is begun any more."""
    wanted = [
        (layout, level, seed)
        for seed in range(FIRST_SEED, FIRST_SEED + count)
        for level in LEVELS
        for layout in LAYOUTS
    ]
    until = time.monotonic() + 60 * MINUTES
    found: list[Outcome] = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for start in range(0, len(wanted), len(LAYOUTS)):
            if time.monotonic() > until:
                break
            batch = wanted[start : start + len(LAYOUTS)]
            found += pool.map(read_menu, *zip(*batch, strict=True))
    return found


def _table(
    title: str, outcomes: Sequence[Outcome], names: Iterable[str] = LAYOUTS, member: int = 0
) -> Table:
    rows = [
        _row(name, group)
        for name in names
        if (group := [each for each in outcomes if each[member] == name])
    ]
    columns = ("", "menus", "dishes", "right %", "nearly %", "in section %", "wrong %", "titles")
    return Table(title, columns, rows)


def _row(name: str, group: Sequence[Outcome]) -> list[str]:
    sums: Counter[str] = Counter()
    for each in group:
        sums.update({key: getattr(each, key) for key in ("dishes", "drafted", "right", "priced")})
        sums.update(placed=each.placed, titles=each.is_titled)
    shares = [_percent(sums[key], sums["dishes"]) for key in ("right", "priced", "placed")]
    shares.append(_percent(sums["drafted"] - sums["right"], sums["drafted"]))
    figures = [f"{share:.1f}" for share in shares]
    return [name, str(len(group)), str(sums["dishes"]), *figures, f"{sums['titles']}"]


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")


if __name__ == "__main__":
    sys.exit(main(measure))
