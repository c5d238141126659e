"""What counts as right on a drafted menu."""

from benchmarks.menu_photos import compared, is_nearly
from examples.menumaker.printed import Dish, Menu, Section
from forthwith.apps.orders.menu_photo.draft import DraftItem, DraftPrice, DraftSection, MenuDraft

BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
MENU = Menu(
    "zh-Hant",
    "好味 小吃",
    (
        Section("麵類", (Dish("牛肉麵", (120,)), Dish("乾麵", (50,)))),
        Section("湯", (Dish("茶", (20, 30)),)),
    ),
    (),
    "{}".format,
)


def drafted(*sections: tuple[str, list[tuple[str, tuple[int, ...]]]]) -> MenuDraft:
    """A draft with these sections."""
    return MenuDraft(
        tuple(
            DraftSection(
                name,
                tuple(
                    DraftItem(dish, tuple(map(DraftPrice, prices)), 0.9, BOX)
                    for dish, prices in dishes
                ),
            )
            for name, dishes in sections
        ),
        title="好味小吃",
    )


def test_a_draft_that_says_the_same_is_right() -> None:
    draft = drafted(("麵類", [("牛肉麵", (120,)), ("乾 麵", (50,))]), ("湯", [("茶", (20, 30))]))
    outcome = compared("list", "photo", MENU, draft)

    assert (outcome.dishes, outcome.drafted, outcome.right, outcome.placed) == (3, 3, 3, 3)
    assert outcome.is_titled


def test_a_wrong_price_letter_or_section_is_counted() -> None:
    draft = drafted(("麵類", [("午肉麵", (120,)), ("乾麵", (55,)), ("茶", (20, 30))]))
    outcome = compared("list", "photo", MENU, draft)

    assert (outcome.right, outcome.priced, outcome.placed) == (1, 2, 0)


def test_a_name_is_nearly_right_with_one_other_letter() -> None:
    assert is_nearly(("牛肉麵", (120,)), ("午肉麵", (120,)))
    assert not is_nearly(("牛肉麵", (120,)), ("午內麵", (120,)))
    assert not is_nearly(("牛肉麵", (120,)), ("牛肉麵", (12,)))
    assert not is_nearly(("牛肉麵", (120,)), ("牛肉", (120,)))
