from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.cards.reading import Alternative, CardReading, Contact, Text
from forthwith.apps.cards.searching import digests, says, spoken, term_digests
from forthwith.platform.crypto import Codec

OWNER = UUID(int=1)
CODEC = Codec([bytes(32)])
CARD = CardReading(
    name=Text("王小明", 0.9, other_languages=(Alternative("Wang Xiao-Ming", 0.9),)),
    company=Text("Café Négoce GmbH", 0.9),
    emails=(Contact("ming@firm.example", 0.9),),
)


def _finds(term: str) -> bool:
    """By index and by looking, as a search does."""
    of_card = digests(CODEC, OWNER, "p", list(spoken(CARD)))
    return term_digests(CODEC, OWNER, "p", term) <= of_card and says(CARD, term)


def test_any_part_of_a_value_is_found_whatever_its_case_and_marks() -> None:
    assert all(
        map(_finds, ["小明", "王小明", "wang", "XIAO", "negoce", "firm.ex", "王", "wang cafe"])
    )


def test_what_stands_on_no_card_is_not_found() -> None:
    assert not any(map(_finds, ["王大", "lee", "wang lee", "明王", "%", "' or 1=1 --", ""]))


def test_persons_have_different_digests_for_the_same_words() -> None:
    assert not digests(CODEC, OWNER, "p", ["word"]) & digests(CODEC, OWNER, "q", ["word"])


@given(st.text(max_size=400))
def test_any_term_is_answered(term: str) -> None:
    assert _finds(term) in (True, False)
    assert len(term_digests(CODEC, OWNER, "p", term)) <= 40


@given(st.text(min_size=2, max_size=30))
def test_the_index_misses_nothing_that_a_card_says(value: str) -> None:
    card = CardReading(notes=value)
    of_card = digests(CODEC, OWNER, "p", list(spoken(card)))

    assert not says(card, value) or term_digests(CODEC, OWNER, "p", value) <= of_card
