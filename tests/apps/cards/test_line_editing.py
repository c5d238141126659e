from datetime import UTC, datetime

import pytest

from forthwith.apps.cards.conversation.commands import Field
from forthwith.apps.cards.editing import corrected, merged, noted
from forthwith.apps.cards.errors import ValueRefused
from forthwith.apps.cards.reading import Alternative, CardReading, Contact, Number, Text
from forthwith.apps.cards.schemas import Position, Reading, Upright

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _reading(card: CardReading) -> Reading:
    return Reading((card,), "local", 1.0, Upright(10, 10, 0))


def test_a_corrected_text_is_sure_and_keeps_its_other_languages() -> None:
    other = Alternative("Wang", 0.9)
    card = CardReading(name=Text("玉小明", 0.5, other_languages=(other,)))

    assert corrected(card, Field.NAME, "王小明").name == Text(
        "王小明", 1.0, other_languages=(other,)
    )


def test_a_corrected_number_takes_the_place_of_the_first_of_its_kind() -> None:
    card = CardReading(
        phones=(
            Number("phone", "02-2345-6780", "+886223456780", 0.9),
            Number("mobile", "0912 345 670", "+886912345670", 0.5),
        )
    )
    changed = corrected(card, Field.MOBILE, "0912-345-678")

    assert [each.e164 for each in changed.phones] == ["+886223456780", "+886912345678"]
    assert changed.phones[1].confidence == 1.0


def test_a_field_that_was_not_read_is_added() -> None:
    changed = corrected(CardReading(), Field.EMAIL, "ann@firm.example")

    assert [each.value for each in changed.emails] == ["ann@firm.example"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.EMAIL, "not an address"),
        (Field.PHONE, "no number"),
        (Field.MOBILE, "1"),
        (Field.WEBSITE, "no web"),
        (Field.NAME, "   "),
        (Field.NAME, "x" * 301),
    ],
)
def test_what_cannot_be_a_value_is_refused(field: Field, value: str) -> None:
    with pytest.raises(ValueRefused):
        corrected(CardReading(), field, value)


@pytest.mark.parametrize(
    "field", [each for each in Field if each not in ("phone", "mobile", "fax")]
)
def test_every_field_can_be_corrected(field: Field) -> None:
    value = {"email": "a@b.example", "website": "firm.example"}.get(field, "12345675")

    assert corrected(CardReading(), field, value) != CardReading()


def test_notes_stand_below_one_another() -> None:
    assert noted(noted(CardReading(), "one"), " two ").notes == "one\ntwo"


def test_a_merged_contact_keeps_the_position_that_the_person_had() -> None:
    before = CardReading(
        name=Text("Ann", 1.0), company=Text("Old Ltd", 1.0), title=Text("Clerk", 1.0)
    )
    after = CardReading(
        name=Text("Ann", 1.0), company=Text("New Ltd", 1.0), title=Text("Head", 1.0)
    )
    whole = merged(_reading(before), _reading(after), NOW)

    assert whole.cards[0].company == after.company
    assert whole.history == (Position("2026-11-22", "Old Ltd", None, "Clerk"),)


def test_a_merged_contact_has_the_values_of_both_cards_once() -> None:
    before = CardReading(emails=(Contact("a@b.example", 1.0),), notes="met")
    after = CardReading(emails=(Contact("A@b.example", 1.0), Contact("c@d.example", 1.0)))
    whole = merged(_reading(before), _reading(after), NOW)

    assert [each.value for each in whole.cards[0].emails] == ["A@b.example", "c@d.example"]
    assert whole.cards[0].notes == "met"
    assert whole.history == ()
