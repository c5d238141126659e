from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.cards.conversation.commands import Command, Field, Language, Verb, parse
from forthwith.apps.cards.conversation.languages import words_of
from forthwith.apps.cards.conversation.taps import Tap, Tapped, parse_tap

ZH, EN, JA = Language.CHINESE, Language.ENGLISH, Language.JAPANESE


@pytest.mark.parametrize(
    ("said", "verb", "language"),
    [
        ("批次", Verb.BEGIN_BATCH, ZH),
        ("結束批次", Verb.END_BATCH, ZH),
        ("狀態", Verb.STATUS, ZH),
        ("說明", Verb.HELP, ZH),
        ("help", Verb.HELP, EN),
        ("  HELP ", Verb.HELP, EN),
        ("Batch", Verb.BEGIN_BATCH, EN),
        ("end  batch", Verb.END_BATCH, EN),
        ("status", Verb.STATUS, EN),
        ("バッチ", Verb.BEGIN_BATCH, JA),
        ("バッチ終了", Verb.END_BATCH, JA),
        ("状態", Verb.STATUS, JA),
        ("ヘルプ", Verb.HELP, JA),
        ("ﾍﾙﾌﾟ", Verb.HELP, JA),
        ("？", Verb.HELP, ZH),
    ],
)
def test_the_words_of_the_bot_are_understood(said: str, verb: Verb, language: Language) -> None:
    assert parse(said) == Command(verb, language)


@pytest.mark.parametrize("language", list(Language))
def test_what_the_quick_replies_say_is_understood_in_its_language(language: Language) -> None:
    for verb, said in words_of(language).say.items():
        assert parse(said) == Command(verb, language)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("搜尋 王", Command(Verb.SEARCH, ZH, "王")),
        ("搜尋王小明", Command(Verb.SEARCH, ZH, "王小明")),
        ("search Ann Lee", Command(Verb.SEARCH, EN, "Ann Lee")),
        ("検索 田中", Command(Verb.SEARCH, JA, "田中")),
        ("備註：展場認識", Command(Verb.NOTE, ZH, "展場認識")),
        ("note: met at the fair", Command(Verb.NOTE, EN, "met at the fair")),
        ("更正 職稱: 經理", Command(Verb.CORRECT, ZH, "經理", Field.TITLE)),
        ("correct title: X", Command(Verb.CORRECT, EN, "X", Field.TITLE)),
        ("correct job title: X", Command(Verb.CORRECT, EN, "X", Field.TITLE)),
        ("correct e-mail a@b.example", Command(Verb.CORRECT, EN, "a@b.example", Field.EMAIL)),
        ("訂正 役職：部長", Command(Verb.CORRECT, JA, "部長", Field.TITLE)),
        ("correct title", Command(Verb.CORRECT, EN, "", Field.TITLE)),
    ],
)
def test_a_command_takes_what_follows_it(said: str, expected: Command) -> None:
    assert parse(said) == expected


@pytest.mark.parametrize(
    "said", ["", "hello", "batches", "helpful", "searching", "改天再說", "correct horse", "notes"]
)
def test_what_only_looks_like_a_command_is_none(said: str) -> None:
    assert parse(said) is None


@given(st.text(max_size=300))
def test_any_text_can_be_read(said: str) -> None:
    command = parse(said)

    assert command is None or command.verb in Verb


CARD, OTHER = UUID(int=7), uuid4()


@pytest.mark.parametrize(
    "tapped",
    [
        Tapped(Tap.SHOW, CARD),
        Tapped(Tap.EDIT, CARD, 3, field=Field.TAX_ID),
        Tapped(Tap.MERGE, CARD, other=OTHER),
        Tapped(Tap.NOTE, CARD, 1),
    ],
)
def test_a_button_comes_back_as_it_was_made(tapped: Tapped) -> None:
    assert parse_tap(tapped.data()) == tapped


@given(st.text(max_size=300))
def test_data_of_no_button_of_ours_is_none(data: str) -> None:
    assert parse_tap(data) is None
    assert parse_tap(f"show|{data}|0|") is None or len(data) >= 32
