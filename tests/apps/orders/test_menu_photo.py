"""Pages as a reader gives them, put into sections and dishes."""

import math
from io import BytesIO

import pytest

from forthwith.apps.orders.menu_photo.draft import MenuDraft
from forthwith.apps.orders.menu_photo.drafting import draft
from forthwith.integrations.ocr.page import Line, Page, Point

Piece = tuple[float, float, str] | tuple[float, float, str, float]


def page(*pieces: Piece, turned: float = 0.0, score: float = 0.99) -> Page:
    """Lines that begin at x with their middle at y, 20 pixels high, turned by so many degrees."""
    lines = tuple(_line(*piece, turned=turned, score=score) for piece in pieces)
    return Page(1_000, 1_400, lines)


def _line(
    x: float, y: float, text: str, height: float = 20.0, *, turned: float, score: float
) -> Line:
    width = sum(0.55 if character.isascii() else 1.0 for character in text) * height
    top, bottom = y - height / 2, y + height / 2
    corners = [(x, top), (x + width, top), (x + width, bottom), (x, bottom)]
    first, second, third, fourth = (_turned(corner, turned) for corner in corners)
    return Line(text, score, (first, second, third, fourth))


def _turned(point: Point, degrees: float) -> Point:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine


def said(menu: MenuDraft) -> dict[str, dict[str, list[int]]]:
    """Section, dish, prices."""
    return {
        section.name: {item.name: [price.amount for price in item.prices] for item in section.items}
        for section in menu.sections
    }


LIST: tuple[Piece, ...] = (
    (400, 60, "好味小吃店", 40),
    (100, 140, "麵類", 28),
    (100, 190, "牛肉麵"),
    (700, 190, "$120"),
    (100, 230, "乾麵"),
    (700, 230, "$50"),
    (100, 310, "湯類", 28),
    (100, 360, "貢丸湯"),
    (700, 360, "$40"),
)
TRUTH = {"麵類": {"牛肉麵": [120], "乾麵": [50]}, "湯類": {"貢丸湯": [40]}}


def test_a_price_belongs_to_the_name_in_its_row() -> None:
    menu = draft(page(*LIST))

    assert said(menu) == TRUTH
    assert menu.title == "好味小吃店"


@pytest.mark.parametrize("degrees", [-6.0, -2.0, 3.0, 6.0])
def test_a_page_askew_reads_the_same(degrees: float) -> None:
    assert said(draft(page(*LIST, turned=degrees))) == TRUTH


def test_dots_lead_from_a_name_to_its_price() -> None:
    menu = draft(page((100, 100, "牛肉麵.........."), (600, 100, "120")))

    assert said(menu) == {"": {"牛肉麵": [120]}}


def test_a_price_may_stand_below_its_name() -> None:
    names = ((100, 100, "牛肉麵"), (400, 100, "乾麵"), (700, 100, "湯麵"))
    prices = ((105, 130, "120元"), (405, 130, "50元"), (705, 130, "60元"))

    assert said(draft(page(*names, *prices))) == {"": {"牛肉麵": [120], "乾麵": [50], "湯麵": [60]}}


def test_columns_keep_their_own_headings() -> None:
    menu = draft(
        page(
            *((80, 100, "麵類", 28), (600, 100, "湯類", 28)),
            *((80, 150, "牛肉麵"), (380, 150, "120"), (600, 150, "貢丸湯"), (880, 150, "40")),
            *((80, 190, "乾麵"), (380, 190, "50"), (600, 190, "蛋花湯"), (880, 190, "30")),
        )
    )

    assert said(menu) == {
        "麵類": {"牛肉麵": [120], "乾麵": [50]},
        "湯類": {"貢丸湯": [40], "蛋花湯": [30]},
    }


def test_two_prices_are_two_sizes_of_the_columns_headings() -> None:
    menu = draft(
        page(
            *((600, 100, "小"), (800, 100, "大")),
            *((100, 140, "紅茶"), (600, 140, "20"), (800, 140, "30")),
            *((100, 180, "綠茶"), (600, 180, "25"), (800, 180, "35")),
        )
    )

    assert said(menu) == {"": {"紅茶": [20, 30], "綠茶": [25, 35]}}
    assert [price.size for price in menu.sections[0].items[0].prices] == ["小", "大"]


def test_small_type_below_a_name_is_its_note() -> None:
    menu = draft(page((100, 100, "牛肉麵"), (700, 100, "120"), (100, 118, "Beef Noodles", 12)))

    assert menu.sections[0].items[0].note == "Beef Noodles"


def test_a_heading_as_small_as_dishes_is_known_by_the_gap_above_it() -> None:
    menu = draft(
        page(
            *((100, 100, "麵類"), (100, 130, "牛肉麵"), (700, 130, "120")),
            *((100, 220, "湯類"), (100, 250, "貢丸湯"), (700, 250, "40")),
        )
    )

    assert list(said(menu)) == ["麵類", "湯類"]


def test_a_dish_whose_price_was_not_read_is_no_heading() -> None:
    rows = [(100, 100 + 40 * n, f"第{n}道菜") for n in range(5)]
    prices = [(700, 100 + 40 * n, "80") for n in range(5) if n != 2]

    assert list(said(draft(page(*rows, *prices)))) == [""]


def test_other_facts_of_a_shop_are_no_dishes() -> None:
    facts = ((100, 300, "電話 02-2345-6789"), (100, 340, "低消 100元"), (100, 380, "11:00-20:00"))

    assert said(draft(page(*LIST, *facts))) == TRUTH


def test_simplified_letters_are_put_right_on_a_traditional_menu() -> None:
    menu = draft(
        page((100, 100, "紅燒雞腿飯與貢丸湯"), (100, 140, "红烧牛肉麺"), (700, 140, "$120"))
    )

    assert list(said(menu)[""]) == ["紅燒牛肉麵"]


def test_a_simplified_menu_stays_as_it_is() -> None:
    menu = draft(page((100, 100, "红烧鸡腿饭"), (700, 100, "30元"), (100, 140, "鱼汤")))

    assert list(said(menu)[""]) == ["红烧鸡腿饭"]


@pytest.mark.parametrize(
    ("read", "name"),
    [
        ("とんかっ", "とんかつ"),
        ("っくね", "つくね"),
        ("カッ丼", "カツ丼"),
        ("生ビ一ル", "生ビール"),
    ],
)
def test_kana_of_one_shape_are_told_apart(read: str, name: str) -> None:
    others = ((100, 140, "コロッケ"), (700, 140, "380円"), (100, 180, "きつねうどん"))
    menu = draft(page((100, 100, read), (700, 100, "490円"), *others))

    assert list(said(menu)[""]) == [name, "コロッケ"]


def test_prices_are_minor_units_of_the_currency() -> None:
    dollars = draft(page((100, 100, "Apple Pie"), (700, 100, "US$8.50")))
    yen = draft(page((100, 100, "唐揚げ"), (700, 100, "680円")))

    assert (dollars.currency, dollars.sections[0].items[0].price) == ("USD", 850)
    assert (yen.currency, yen.sections[0].items[0].price) == ("JPY", 680)


def test_confidence_is_that_of_the_weakest_part() -> None:
    sure = draft(page((100, 100, "牛肉麵"), (700, 100, "$120"))).sections[0].items[0]
    unsure = draft(page((100, 100, "牛肉麵"), (700, 100, "$120"), score=0.6)).sections[0].items[0]

    assert 0.9 < sure.confidence <= 1
    assert unsure.confidence < 0.6


@pytest.mark.parametrize("pieces", [(), ((100, 100, "營業中"),), ((100, 100, "120"),)])
def test_a_page_without_dishes_is_an_empty_draft(pieces: tuple[Piece, ...]) -> None:
    assert draft(page(*pieces)).sections == ()


@pytest.mark.slow
def test_a_printed_menu_is_read() -> None:
    """Through the real reader, from a picture."""
    pytest.importorskip("rapidocr", reason="needs the extra: pip install 'forthwith[ocr]'")
    from examples.cardmaker import fonts  # noqa: PLC0415 - needs the extra
    from examples.menumaker import generate  # noqa: PLC0415 - the same
    from forthwith.integrations.ocr.reader import read_page  # noqa: PLC0415 - the same

    if fonts.missing():
        pytest.skip(fonts.INSTALL)
    picture, truth = generate(0, "dots", "artwork")
    file = BytesIO()
    picture.save(file, "JPEG", quality=92)
    menu = said(draft(read_page(file.getvalue())))

    assert menu == {
        section.name: {dish.name: list(dish.prices) for dish in section.dishes}
        for section in truth.sections
    }
