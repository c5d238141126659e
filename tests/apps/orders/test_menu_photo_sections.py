"""Drafts as parts of a menu."""

from forthwith.apps.orders.bodies import SectionBody
from forthwith.apps.orders.menu_bodies import sections_of, written
from forthwith.apps.orders.menu_photo.draft import DraftItem, DraftPrice, DraftSection, MenuDraft
from forthwith.apps.orders.menu_photo.glossary import names_of, unit_of
from forthwith.apps.orders.menu_photo.sections import names_on, sections
from forthwith.apps.orders.menus import Names

BOX = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))


def item(name: str, *amounts: int, sizes: tuple[str, ...] = ()) -> DraftItem:
    """A dish of a draft."""
    names = sizes or ("",) * len(amounts)
    prices = (DraftPrice(*each) for each in zip(amounts, names, strict=True))
    return DraftItem(name, tuple(prices), 0.9, BOX)


DRAFT = MenuDraft(
    (
        DraftSection("麵類", (item("牛肉麵", 120), item("阿嬤的祕密麵", 90))),
        DraftSection("", (item("紅茶", 20, 30, sizes=("小", "大")),)),
    )
)


def test_common_dishes_have_names_in_four_languages() -> None:
    (noodles, _) = sections(DRAFT, {})

    assert noodles.names.english == "Noodles"
    assert noodles.items[0].names == names_of("牛肉麵")
    assert all((names_of("牛肉麵").japanese, names_of("牛肉麵").korean))


def test_other_dishes_keep_their_own_name_alone() -> None:
    (noodles, _) = sections(DRAFT, {})

    assert noodles.items[1].names == Names(chinese="阿嬤的祕密麵")


def test_translated_names_come_first() -> None:
    told = {"阿嬤的祕密麵": Names(chinese="阿嬤的祕密麵", english="Grandma's noodles")}
    (noodles, _) = sections(DRAFT, told)

    assert noodles.items[1].names.english == "Grandma's noodles"
    assert noodles.items[0].names == names_of("牛肉麵")


def test_every_name_is_to_be_translated_once() -> None:
    assert names_on(DRAFT) == ("麵類", "牛肉麵", "阿嬤的祕密麵", "紅茶")


def test_sizes_become_a_choice_with_what_each_costs_more() -> None:
    (_, drinks) = sections(DRAFT, {})
    tea = drinks.items[0]
    (choice,) = tea.choices

    assert tea.price == 20
    assert (choice.least, choice.most) == (1, 1)
    assert [(option.names.chinese, option.price) for option in choice.options] == [
        ("小", 0),
        ("大", 10),
    ]


def test_dishes_without_a_heading_stand_under_the_menus_title() -> None:
    titled = MenuDraft((DraftSection("", (item("牛肉麵", 1),)),), title="巷口麵館")
    (only,) = sections(titled, {})

    assert only.names.chinese == "巷口麵館"


def test_ids_are_said_once() -> None:
    twice = MenuDraft(
        (DraftSection("麵類", (item("牛肉麵", 1), item("牛肉麵", 2), item("謎", 3))),)
    )
    (noodles,) = sections(twice, {})

    assert [dish.id for dish in noodles.items] == [
        "beef-noodle-soup",
        "beef-noodle-soup-2",
        "dish-1",
    ]


def test_a_draft_can_be_kept_as_it_is() -> None:
    """What a person is shown is what the menu's own route takes."""
    made = sections(DRAFT, {})
    shown = written(made, "TWD")
    bodies = [SectionBody.model_validate(_plain(each)) for each in shown]

    assert sections_of(bodies, "TWD") == made


def _plain(value: object) -> object:
    if isinstance(value, Names):
        members = ("chinese", "english", "japanese", "korean")
        return {name: getattr(value, name) for name in members if getattr(value, name)}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def test_measure_words_go_by_the_end_of_a_name() -> None:
    assert [unit_of(name) for name in ("牛肉麵", "紅茶", "滷蛋", "")] == ["碗", "杯", "份", "份"]


def test_a_name_of_unknown_kind_is_in_its_own_language() -> None:
    assert names_of("謎の丼ぶり") == Names(japanese="謎の丼ぶり")
    assert names_of("비밀국수") == Names(korean="비밀국수")
    assert names_of("Secret noodles") == Names(english="Secret noodles")
