"""Who is who on a card: name, title, department, company."""

from collections.abc import Callable

import pytest

from forthwith.apps.cards.reading import CardReading, Text

Read = Callable[..., CardReading]


def value(field: Text | None) -> str | None:
    return None if field is None else field.value


def others(field: Text | None) -> list[str]:
    return [] if field is None else [other.value for other in field.other_languages]


def test_latin_name_title_and_comma_on_one_line_are_parted(read: Read) -> None:
    card = read("Mike Torres, Owner", "415-555-0123")

    assert (value(card.name), value(card.title)) == ("Mike Torres", "Owner")


def test_name_before_a_title_without_any_sign_between_is_parted(read: Read) -> None:
    card = read("Bernard Whitlock Founder & CEO", "bwhitlock@quillmark.com")

    assert (value(card.name), value(card.title)) == ("Bernard Whitlock", "Founder & CEO")


def test_names_in_two_scripts_on_one_line_are_parted(read: Read) -> None:
    card = read(("林語晴 Lin Yu-ching", 44), "經理", "台北市信義路1號")

    assert value(card.name) == "林語晴"
    assert others(card.name) == ["Lin Yu-ching"]


def test_title_in_two_languages_keeps_both(read: Read) -> None:
    card = read(("林語晴", 44), "資深經理 Senior Manager", "台北市信義路1號")

    assert value(card.title) == "資深經理"
    assert others(card.title) == ["Senior Manager"]


def test_department_title_and_name_on_one_line_are_parted(read: Read) -> None:
    card = read("営業部 課長 高橋 美咲", "株式会社あさぎり")

    assert (value(card.department), value(card.title)) == ("営業部", "課長")
    assert value(card.name) == "高橋 美咲"


def test_department_glued_behind_a_company_is_parted(read: Read) -> None:
    card = read("雲杉精密股份有限公司研發部", ("林語晴", 44), "經理")

    assert value(card.company) == "雲杉精密股份有限公司"
    assert value(card.department) == "研發部"


def test_letters_printed_apart_are_one_name(read: Read) -> None:
    card = read(("鄭 雅 文", 44), "設計總監", "台北市信義路1號")

    assert value(card.name) == "鄭雅文"


def test_letters_in_boxes_of_their_own_are_one_name(read: Read) -> None:
    card = read(("鄭", 44, 80, 40), ("雅", 44, 150, 40), ("文", 44, 220, 40), ("總監", 30, 80, 120))

    assert value(card.name) == "鄭雅文"


def test_single_letters_under_one_another_are_one_name(read: Read) -> None:
    card = read(("鄭", 44, 80, 40), ("雅", 44, 80, 100), ("文", 44, 80, 160), ("總監", 30, 300, 40))

    assert value(card.name) == "鄭雅文"


def test_rare_name_is_found_beside_its_latin_form(read: Read) -> None:
    card = read(("荷花", 70, 80, 40), ("Miss He", 34, 240, 60), ("电话：021-62345678", 34, 80, 140))

    assert value(card.name) == "荷花"


def test_surname_with_a_form_of_address_is_a_name(read: Read) -> None:
    card = read(("余小姐", 44), "0988-777-666", "台北市信義路1號")

    assert value(card.name) == "余小姐"


def test_professor_in_front_of_a_name_is_not_the_title(read: Read) -> None:
    card = read("Professor Ann Leeward", "Chair of Department of Civil and", "Building Engineering")

    assert value(card.name) == "Professor Ann Leeward"
    assert value(card.title) == "Chair of Department of Civil and Building Engineering"


def test_name_of_unknown_words_is_believed_by_its_mail_address(read: Read) -> None:
    card = read("Quillon Vexmoor", "Harbour Pine Ltd", "qvexmoor@harbourpine.com")

    assert value(card.name) == "Quillon Vexmoor"


def test_two_unknown_capital_words_alone_stay_an_alternative(read: Read) -> None:
    card = read("Disk Entrega", "(11) 3222-1234", "São Paulo")

    assert value(card.name) is None
    assert card.name is not None
    assert [other.value for other in card.name.alternatives] == ["Disk Entrega"]


def test_company_over_three_lines_is_joined(read: Read) -> None:
    card = read("ELMWOOD", "ENGINEERING &", "CONSTRUCTION", ("ann@elmwoodgroup.in", 30, 600, 40))

    assert value(card.company) == "ELMWOOD ENGINEERING & CONSTRUCTION"


def test_last_words_of_a_company_belong_to_the_line_above(read: Read) -> None:
    card = read("Cloudharbour Technology", "Group Limited", "ann@cloudharbour.com.hk")

    assert value(card.company) == "Cloudharbour Technology Group Limited"


def test_slogan_below_a_logo_is_no_part_of_the_company(read: Read) -> None:
    card = read(("nethaven", 70), ("web solutions", 40), "ben@nethaven.com")

    assert value(card.company) == "nethaven"


def test_full_name_is_preferred_to_the_logo(read: Read) -> None:
    card = read(("CEDAR", 80, 600, 40), ("Cedar Projects Pvt. Ltd.", 30, 80, 40), "ann@cedar.in")

    assert value(card.company) == "Cedar Projects Pvt. Ltd."


def test_initials_in_the_domain_tell_the_company(read: Read) -> None:
    card = read("Techno Harbour Japan", ("Ann Leeward", 44), "ann@thj.co.jp")

    assert value(card.company) == "Techno Harbour Japan"


def test_public_mail_provider_is_not_the_company(read: Read) -> None:
    card = read(("Ann Leeward", 44), "ann.leeward@gmail.com", "415-555-0123")

    assert value(card.company) is None


def test_look_alike_letter_in_a_legal_form_is_mended(read: Read) -> None:
    card = read(("青禾高行", 80), "業務專員陳語彤", "0932-111-222")

    assert value(card.company) == "青禾商行"


def test_list_of_services_names_nobody(read: Read) -> None:
    card = read("專營：房屋買賣・租賃・代書", ("余小姐", 44), "0988-777-666")

    assert value(card.title) is None
    assert card.notes == "專營:房屋買賣・租賃・代書"


def test_social_handle_is_no_company(read: Read) -> None:
    card = read(("Ann Leeward", 44), "Twitter: @annleeward", "ann.leeward@gmail.com")

    assert value(card.company) is None


@pytest.mark.parametrize(
    "line", ["研發部", "営業本部", "Department of Physics", "Vertrieb", "phòng kinh doanh"]
)
def test_departments_are_told_in_many_languages(read: Read, line: str) -> None:
    assert value(read(("Ann Leeward", 44), line, "ann@harbourpine.com").department) == line


def test_surname_and_given_name_set_far_apart_are_one_name(read: Read) -> None:
    card = read(("森", 50, 80, 40), ("太郎", 50, 220, 40), ("株式会社あさぎり", 30, 80, 120))

    assert value(card.name) == "森 太郎"


def test_department_glued_in_front_of_the_title_is_told_too(read: Read) -> None:
    card = read(("林語晴", 44), "業務部副理", "台北市信義路1號")

    assert value(card.department) == "業務部"
    assert value(card.title) == "業務部副理"


def test_old_letters_in_a_japanese_title_become_modern(read: Read) -> None:
    pytest.importorskip("opencc")
    card = read(("吉田正樹", 44), "專務取締役", "株式会社あさぎり")

    assert value(card.title) == "専務取締役"


def test_college_is_the_employer_when_nothing_else_is(read: Read) -> None:
    card = read(("Dr. P. Rao", 44), "Professor", "LOTUS COLLEGE OF ENGINEERING", "rao@lotus.ac.in")

    assert value(card.company) == "LOTUS COLLEGE OF ENGINEERING"


def test_co_founder_is_a_title_and_no_legal_form(read: Read) -> None:
    card = read(("Akira Yonezawa", 44), "Chief Technology Officer / Co-Founder", "Logibeat Inc.")

    assert value(card.title) == "Chief Technology Officer / Co-Founder"
    assert value(card.company) == "Logibeat Inc."


def test_restaurant_is_no_person(read: Read) -> None:
    card = read(("LE BISTRO DU PORT", 50), "(415) 555-0166")

    assert value(card.name) is None
    assert value(card.company) == "LE BISTRO DU PORT"


def test_vietnamese_name_gets_back_its_marks(read: Read) -> None:
    card = read(("Đ THI PHÙNG", 50), "Giám đc", "12 Láng Hạ, Qun 3, Hà Ni")

    assert value(card.name) == "ĐỖ THỊ PHÙNG"


@pytest.mark.parametrize("name", ["Phạm Quốc Phúc", "Hoàng Xuân Trung"])
def test_vietnamese_name_that_was_read_in_full_stays_so(read: Read, name: str) -> None:
    """`Phước` and `Trường` lose letters at times, but not so that these are left."""
    card = read((name, 50), "Giám đốc", "Quận 3, Hà Nội")

    assert value(card.name) == name


def test_vietnamese_name_printed_without_marks_stays_so(read: Read) -> None:
    card = read(("Nguyen Van Minh", 50), "Sales Director", "36 Le Loi, Ho Chi Minh City, Vietnam")

    assert value(card.name) == "Nguyen Van Minh"


def test_legal_form_on_a_line_of_its_own_ends_the_company_above(read: Read) -> None:
    """Alone, the first line ends in a word for a profession."""
    card = read(
        "Morgenstern Versicherungsmakler", "GmbH & Co. KG", ("Georg Sandmann", 50, 80, 220),
        "Bauleiter", "gsandmann@morgenstern.example",
    )  # fmt: skip

    assert value(card.company) == "Morgenstern Versicherungsmakler GmbH & Co. KG"
    assert value(card.title) == "Bauleiter"


def test_company_goes_on_below_the_word_of_its_brand(read: Read) -> None:
    card = read(
        "Holzwurm", "Feinmechanik GmbH", ("Gesine Habicht", 50, 80, 220), "www.holzwurm.example"
    )

    assert value(card.company) == "Holzwurm Feinmechanik GmbH"
    assert value(card.name) == "Gesine Habicht"


def test_vietnamese_company_goes_on_below_its_legal_form(read: Read) -> None:
    card = read(
        "Công ty CP Vận", "Tải Gió Nam", ("Phạm Quốc Phúc", 50, 80, 220), "phuc@gionam.example"
    )

    assert value(card.company) == "Công ty CP Vận Tải Gió Nam"
    assert value(card.name) == "Phạm Quốc Phúc"


def test_company_over_two_lines_may_end_flush_right(read: Read) -> None:
    card = read(
        ("Northmark", 40, 500, 40), ("Textiles Limited", 40, 360, 90),
        ("Elliot Brockhurst", 50, 80, 250), "elliot@northmark.example",
    )  # fmt: skip

    assert value(card.company) == "Northmark Textiles Limited"


def test_person_above_a_firm_of_common_words_is_no_part_of_it(read: Read) -> None:
    card = read(("Emma Wilson", 34), "Design Studio Ltd", "hello@atelier.example")

    assert value(card.name) == "Emma Wilson"
    assert value(card.company) == "Design Studio Ltd"


def test_words_before_a_rank_are_a_title_and_no_name(read: Read) -> None:
    card = read(("Emma Wilson", 50), "Customer Success Lead")

    assert value(card.title) == "Customer Success Lead"


def test_title_is_known_by_its_words_when_the_space_between_them_was_lost(read: Read) -> None:
    card = read(("Emma Wilson", 50), "Attorneyat Law")

    assert value(card.title) == "Attorneyat Law"


def test_digit_read_within_a_word_is_a_letter(read: Read) -> None:
    card = read(("Emma Wils0n", 50), "Marketing Direct0r")

    assert value(card.name) == "Emma Wilson"
    assert value(card.title) == "Marketing Director"


def test_division_that_begins_like_a_surname_is_no_person(read: Read) -> None:
    card = read("管理部", ("簡承君", 50), "課長", "電話 02-2304-0362")

    assert value(card.name) == "簡承君"
    assert value(card.department) == "管理部"


@pytest.mark.parametrize("title", ["管理顧問", "應用工程師", "項目主任", "金融分析師", "海外業務"])
def test_title_is_not_cut_though_it_begins_like_a_name(read: Read, title: str) -> None:
    """The name stands on a line of its own, in larger letters."""
    card = read(("王小明", 50), title, "電話 02-2304-0362")

    assert value(card.name) == "王小明"
    assert value(card.title) == title


def test_word_for_a_profession_in_larger_letters_than_the_name_is_a_logo(read: Read) -> None:
    card = read(("東岬顧問", 88), ("Wendy Ho", 50), "Managing Director", "Tel 2707-0714 Hong Kong")

    assert value(card.title) == "Managing Director"
    assert value(card.company) == "東岬顧問"


def test_company_of_one_trade_goes_on_below_without_a_legal_form(read: Read) -> None:
    card = read(
        "Jacarandá Móveis", "Planejados Soluções", ("Flávio Teixeira", 50, 80, 220),
        "www.jacaranda.com.br",
    )  # fmt: skip

    assert value(card.company) == "Jacarandá Móveis Planejados Soluções"


def test_name_glued_to_its_title_is_parted_though_its_reading_stands_below(read: Read) -> None:
    card = read(("陈小明Java开发工程师", 50), ("ChenXiaoming", 50), "xiaoming@gmail.com")

    assert value(card.name) == "陈小明"
    assert value(card.title) == "Java开发工程师"
