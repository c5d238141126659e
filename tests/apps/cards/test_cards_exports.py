"""Contacts as other programs take them."""

import csv
import io
import itertools

import numpy as np
import pytest
from PIL import Image

from forthwith.apps.cards.errors import NothingToExport
from forthwith.apps.cards.exports import (
    Contact,
    csv_head,
    csv_row,
    file_name,
    qr_code,
    vcard,
)
from forthwith.apps.cards.reading import Address, Alternative, CardReading, Number, Text
from forthwith.apps.cards.reading import Contact as Mail

CARD = CardReading(
    name=Text("林佳穎", 0.9, other_languages=(Alternative("Lin Chia-ying", 0.8),)),
    company=Text("遠方, 科技; 股份有限公司", 0.9),
    department=Text("業務部", 0.9),
    title=Text("經理", 0.9),
    phones=(
        Number("mobile", "0912-345-678", "+886912345678", 0.9),
        Number("phone", "(02) 2345 6789", "+886223456789", 0.9),
        Number("fax", "02-2345-6780", None, 0.5),
    ),
    emails=(Mail("lin@faraway.example", 0.9),),
    websites=(Mail("www.faraway.example", 0.9),),
    addresses=(Address("臺北市信義區信義路五段7號89樓之一，二樓後棟右側倉庫旁的小辦公室", 0.9),),
    notes="第一行\n第二行",
)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_a_vcard_holds_every_field_escaped() -> None:
    """RFC 6350: commas, semicolons and newlines inside values are escaped."""
    lines = unfolded(vcard(CARD))

    assert lines[:2] == ["BEGIN:VCARD", "VERSION:4.0"]
    assert "FN:林佳穎" in lines
    assert "FN:Lin Chia-ying" in lines
    assert "ORG:遠方\\, 科技\\; 股份有限公司;業務部" in lines
    assert 'TEL;VALUE=uri;TYPE="cell,voice":tel:+886912345678' in lines
    assert 'TEL;VALUE=uri;TYPE="work,fax":tel:0223456780' in lines
    assert "NOTE:第一行\\n第二行" in lines
    assert lines[-2:] == ["END:VCARD", ""]


def test_no_line_of_a_vcard_is_longer_than_75_octets_and_no_character_is_cut() -> None:
    """Folding counts bytes but breaks between characters."""
    lines = vcard(CARD).split("\r\n")

    assert all(len(line.encode()) <= 75 for line in lines)
    assert "".join(unfolded(vcard(CARD))).count("小辦公室") == 1


def test_a_card_without_a_name_still_has_the_required_fn() -> None:
    """FN is the company's name then, or a dash."""
    assert "FN:Acme" in unfolded(vcard(CardReading(company=Text("Acme", 0.9))))
    assert "FN:-" in unfolded(vcard(CardReading()))


def test_csv_opens_in_a_spreadsheet_with_its_columns() -> None:
    """UTF-8 with a byte order mark; a value with commas and newlines stays one cell."""
    text = csv_head() + csv_row(Contact(CARD, "2026-11-22T00:00:00+00:00"))
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    read = dict(zip(head, row, strict=True))

    assert text.startswith("\ufeff")
    assert read["name"] == "林佳穎"
    assert read["mobile"] == "+886 912 345 678"
    assert read["notes"] == "第一行\n第二行"


@pytest.mark.parametrize("printed", ["=1+1", "@SUM(A1)", "-cmd|' /C calc'!A0", "+1+cmd|x"])
def test_a_printed_formula_does_not_run(printed: str) -> None:
    """A name that begins like a formula is kept as text."""
    row = csv_row(Contact(CardReading(name=Text(printed, 0.9)), ""))

    assert next(csv.reader(io.StringIO(row)))[0] == f"'{printed}"


def test_the_qr_code_reads_back_as_the_contact() -> None:
    """What a phone scans is the vCard."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="needs the extra ocr")
    image = Image.open(io.BytesIO(qr_code(CARD)))
    found = zxingcpp.read_barcodes(np.asarray(image.convert("L")))

    assert 'TEL;VALUE=uri;TYPE="cell,voice":tel:+886912345678' in unfolded(found[0].text)


def test_an_empty_card_makes_no_qr_code() -> None:
    """A clear error instead of a code that says nothing."""
    with pytest.raises(NothingToExport, match="nothing on this card"):
        qr_code(CardReading())


def test_file_names_hold_no_separators() -> None:
    """Whatever is printed as a name cannot name another folder."""
    name = file_name(CardReading(name=Text("../../etc/passwd", 0.9)))

    assert not set(itertools.chain("/\\.")) & set(name)
    assert file_name(CardReading()) == "contact"
