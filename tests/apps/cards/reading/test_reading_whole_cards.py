"""Fictional cards of many countries and layouts, read as a whole."""

from collections.abc import Callable

from forthwith.apps.cards.reading import CardReading, Text, extract
from forthwith.integrations.ocr.page import Line, Page

Read = Callable[..., CardReading]


def value(field: Text | None) -> str | None:
    return None if field is None else field.value


def numbers(card: CardReading) -> list[tuple[str, str | None]]:
    return [(number.kind, number.e164) for number in card.phones]


def test_taiwanese_card_is_read_in_full(read: Read) -> None:
    card = read(
        ("雲杉精密股份有限公司", 44),
        "研發部",
        ("林語晴", 60),
        "資深工程師",
        "電話 02-2345-6789 分機 12",
        "手機 0912-345-678",
        "傳真 02-2345-6790",
        "E-mail: yuching.lin@spruce-tw.com",
        "網址 www.spruce-tw.com",
        "地址 台北市大安区和平東路二段100號5樓",
        "統一編號 04595257",
    )

    assert value(card.name) == "林語晴"
    assert value(card.company) == "雲杉精密股份有限公司"
    assert value(card.department) == "研發部"
    assert value(card.title) == "資深工程師"
    assert numbers(card) == [
        ("phone", "+886223456789"),
        ("mobile", "+886912345678"),
        ("fax", "+886223456790"),
    ]
    assert [mail.value for mail in card.emails] == ["yuching.lin@spruce-tw.com"]
    assert [site.value for site in card.websites] == ["www.spruce-tw.com"]
    assert card.addresses[0].normalised == "106 臺北市大安區和平東路二段100號5樓"
    assert card.tax_id is not None
    assert card.tax_id.valid


def test_title_and_name_on_one_line_are_parted(read: Read) -> None:
    card = read("業務專員陳語彤", "0932-111-222", ("青禾商行", 70))

    assert (value(card.title), value(card.name)) == ("業務專員", "陳語彤")


def test_name_and_title_parted_by_a_slash_are_read(read: Read) -> None:
    card = read(("溪石藝術", 70), ("吳佳蓉/經理", 50), "0911-222-333")

    assert (value(card.name), value(card.title)) == ("吳佳蓉", "經理")


def test_japanese_card_is_read_in_full(read: Read) -> None:
    card = read(
        ("株式会社あさぎり工務店", 36),
        "営業部",
        "課長",
        ("高橋 美咲", 54),
        "Misaki Takahashi",
        "〒100-0005 東京都千代田区丸の内1-2-3 あさぎりビル4F",
        "TEL 03-3456-7890 FAX 03-3456-7891",
        "携帯 090-1234-5678",
        "m.takahashi@asagiri-koumuten.co.jp",
        "https://www.asagiri-koumuten.co.jp",
    )

    assert value(card.name) == "高橋 美咲"
    assert card.name is not None
    assert [other.value for other in card.name.other_languages] == ["Misaki Takahashi"]
    assert value(card.company) == "株式会社あさぎり工務店"
    assert (value(card.department), value(card.title)) == ("営業部", "課長")
    assert numbers(card) == [
        ("phone", "+81334567890"),
        ("fax", "+81334567891"),
        ("mobile", "+819012345678"),
    ]
    assert card.addresses[0].normalised is not None
    assert card.addresses[0].normalised.startswith("〒100-0005 東京都千代田区丸の内1-2-3")


def test_simplified_chinese_card_with_title_glued_to_the_name_is_read(read: Read) -> None:
    card = read(
        ("赵晓彤产品经理", 50),
        "上海云杉信息技术有限公司",
        "电话：021-6234 5678",
        "手机：138 1234 5678",
        "邮箱：zhaoxiaotong@yunshan.cn",
        "地址：上海市浦东新区张江路88号3号楼502室",
    )

    assert (value(card.name), value(card.title)) == ("赵晓彤", "产品经理")
    assert value(card.company) == "上海云杉信息技术有限公司"
    assert numbers(card) == [("phone", "+862162345678"), ("mobile", "+8613812345678")]
    assert card.addresses[0].value == "上海市浦东新区张江路88号3号楼502室"


def test_hong_kong_card_in_two_languages_keeps_both_names(read: Read) -> None:
    card = read(
        ("Harbour Pine Company Limited", 40),
        ("海松有限公司", 40),
        ("CHEUNG Ka Yan", 50),
        ("張嘉欣", 50),
        "Marketing Manager",
        "12/F, Pine Tower, 88 Queen's Road Central, Hong Kong",
        "Tel: (852) 2345 6789  Fax: (852) 2345 6780",
        "Email: kayan.cheung@harbourpine.com.hk",
    )

    names = (
        {value(card.name), *(o.value for o in card.name.other_languages)} if card.name else set()
    )
    assert names == {"CHEUNG Ka Yan", "張嘉欣"}
    assert value(card.title) == "Marketing Manager"
    assert numbers(card) == [("phone", "+85223456789"), ("fax", "+85223456780")]


def test_american_card_with_numbers_on_one_line_is_read(read: Read) -> None:
    card = read(
        ("Larkspur Dental, Inc", 50),
        ("Nora Whitfield", 44),
        "Office Manager",
        "1420 Birch Street - Salem, OR 97301",
        "Phone (503) 555-0142 Fax (503) 555-0143",
        "www.larkspurdental.com",
    )

    assert value(card.name) == "Nora Whitfield"
    assert value(card.company) == "Larkspur Dental, Inc"
    assert numbers(card) == [("phone", "+15035550142"), ("fax", "+15035550143")]
    assert card.addresses[0].value == "1420 Birch Street - Salem, OR 97301"


def test_indian_card_with_degree_and_honorific_keeps_them_in_the_name(read: Read) -> None:
    card = read(
        ("Dr. Ramesh K. Iyer, Ph.D", 50),
        "Associate Professor",
        "Department of Physics",
        "Tel: +91 40 6630 1234",
        "Mob: 98480 12345",
        "Email: rkiyer@physics.lotus.ac.in",
        "Lotus Institute of Technology",
        "Jawahar Nagar, Hyderabad 500 078, India",
    )

    assert value(card.name) == "Dr. Ramesh K. Iyer, Ph.D"
    assert value(card.title) == "Associate Professor"
    assert value(card.department) == "Department of Physics"
    assert value(card.company) == "Lotus Institute of Technology"
    assert numbers(card) == [("phone", "+914066301234"), ("mobile", "+919848012345")]


def test_brazilian_card_with_mobile_without_label_is_read(read: Read) -> None:
    card = read(
        ("Marina Duarte", 44),
        "Gerente de Vendas",
        "marina@serraclara.com.br",
        "11 99123-4567",
        "Serra Clara Soluções Ltda.",
        "Rua das Acácias, 210 | Centro | São Paulo | SP",
        "Fone 55 11 3105-1234",
    )

    assert value(card.name) == "Marina Duarte"
    assert value(card.title) == "Gerente de Vendas"
    assert value(card.company) == "Serra Clara Soluções Ltda."
    assert numbers(card) == [("mobile", "+5511991234567"), ("phone", "+551131051234")]


def test_vietnamese_card_gets_back_the_letters_the_reader_leaves_out(read: Read) -> None:
    """The recogniser drops letters with two marks: `Giám đốc` comes as `Giám đc`."""
    card = read(
        ("Lê Thu Hà", 50),
        "Giám đc",
        "Công ty TNHH Sông Lam",
        "ĐT: 028 3586 0764",
        "Email: ha.le@songlam.vn",
        "Đa chi: 12 Nguyn Trãi, Phưng 5, Qun 3, TP.HCM",
    )

    assert value(card.title) == "Giám đốc"
    assert value(card.company) == "Công ty TNHH Sông Lam"
    assert card.addresses[0].value == "12 Nguyn Trãi, Phường 5, Quận 3, TP.HCM"


def test_german_card_with_compound_words_is_read(read: Read) -> None:
    card = read(
        ("Annegret Holm", 50),
        "Vertriebsleiterin",
        "Fuchsbau Werkzeuge GmbH",
        "Lindenweg 12",
        "D-20459 Hamburg",
        "Tel. 040 66969-154",
        "Mobil 0171 3920075",
        "holm@fuchsbau-werkzeuge.de",
    )

    assert value(card.name) == "Annegret Holm"
    assert value(card.title) == "Vertriebsleiterin"
    assert card.addresses[0].value == "Lindenweg 12 D-20459 Hamburg"
    assert [number.kind for number in card.phones] == ["phone", "mobile"]


def test_empty_page_has_no_card() -> None:
    assert extract(Page(800, 600)) == []


def test_picture_without_a_card_yields_no_invented_fields(read: Read) -> None:
    card = read("the quick brown fox", "jumps over the lazy dog")

    assert value(card.name) is None
    assert not card.phones
    assert not card.emails
    assert not card.addresses


def test_two_cards_on_one_picture_are_read_one_by_one(page_of: Callable[..., Page]) -> None:
    page = page_of(
        ("Nora Whitfield", 44, 80, 40),
        ("Larkspur Inc", 30, 80, 100),
        ("Phone (503) 555-0142", 30, 80, 140),
        ("nora@larkspur.com", 30, 80, 180),
        ("Victor Stone", 44, 80, 440),
        ("Quillmark Corp", 30, 80, 500),
        ("Phone (503) 555-0177", 30, 80, 540),
        ("victor@quillmark.com", 30, 80, 580),
    )

    assert [value(card.name) for card in extract(page)] == ["Nora Whitfield", "Victor Stone"]


def test_scanner_watermark_is_dropped_and_flagged(read: Read) -> None:
    card = read(("Nora Whitfield", 44), "nora@larkspur.com", "Scanned with CamScanner")

    assert card.flags == ("watermark_dropped",)
    assert card.notes is None


def turned(line: Line) -> Line:
    """The line on a picture taken five degrees askew."""
    first, second, third, fourth = ((x - 0.09 * y, y + 0.09 * x) for x, y in line.box)
    return Line(line.text, line.score, (first, second, third, fourth))


def test_tilted_picture_reads_as_a_level_one(page_of: Callable[..., Page]) -> None:
    """Addresses are grouped by place, so the lines are turned level first."""
    level = page_of(
        ("Rupert Kellerman", 40),
        "Alder Engineering Inc.",
        "1875 Bramble Lane,",
        "Suite 625, New York, NY 10013",
        "T 608-555-0122",
    )
    tilted = Page(level.width, level.height, tuple(map(turned, level.lines)))

    assert [a.value for a in extract(tilted)[0].addresses] == [
        "1875 Bramble Lane, Suite 625, New York, NY 10013"
    ]


def test_latin_text_whose_spaces_were_lost_is_still_understood(read: Read) -> None:
    card = read(
        ("NoraWhitfield", 44),
        "GroupSalesDirector",
        "HarbourPineCompanyLimited",
        "12/F,PineTower,88SalisburyRoad,Kowloon,HongKong",
        "T:(852)23456789",
    )

    assert value(card.name) == "NoraWhitfield"
    assert value(card.title) == "GroupSalesDirector"
    assert value(card.company) == "HarbourPineCompanyLimited"
    assert len(card.addresses) == 1


def test_labels_that_stand_apart_from_their_values_are_no_notes(
    page_of: Callable[..., Page],
) -> None:
    (card,) = extract(
        page_of(
            ("Nora Whitfield", 44, 80, 40),
            ("E-mail", 30, 80, 200),
            ("Website 网站", 30, 80, 260),
            ("nora@larkspur.com", 30, 600, 230),
            ("larkspur.com", 30, 600, 290),
            ("Mon-Fri 9:00-18:00", 30, 80, 400),
        )
    )

    assert card.notes == "Mon-Fri 9:00-18:00"
