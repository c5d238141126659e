import os
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.conversation.answers import Failed, Summary
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.conversation.commands import Language
from forthwith.apps.cards.conversation.languages import words_of
from forthwith.apps.cards.reading import CardReading, Contact, Number, Text
from forthwith.apps.cards.reading.advice import MESSAGES, Advice
from forthwith.apps.cards.schemas import Position, Reading, SamePerson, Upright
from forthwith.integrations.line.events import Event, Image
from forthwith.integrations.line.messages import Json
from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.rules import faults_of_messages

WORDS = [words_of(each) for each in Language]
EVENT = Event(type="message", message=Image(id="1", quote_token="q" * 20))
FULL = CardReading(
    name=Text("Ann Lee", 0.9),
    company=Text("Firm Ltd", 0.4),
    department=Text(None, 0.2),
    title=Text("Head", 0.9),
    phones=(Number("mobile", "0912-345-678", "+886912345678", 0.9),),
    emails=(Contact("ann@firm.example", 0.9),),
    notes="met at the fair",
)
READING = Reading((FULL,), "local", 1.0, Upright(10, 10, 0))


def _faults(messages: list[Json]) -> list[Json]:
    return faults_of_messages({"messages": messages})


@pytest.mark.parametrize("words", WORDS)
def test_every_answer_is_one_that_line_takes(words: answers.Words) -> None:
    card, other = uuid4(), uuid4()
    history = (Position("2026-11-22", "Old Ltd", None, "Clerk"),)
    advice = tuple(Advice(code, text) for code, text in MESSAGES.items())
    read = msgspec.structs.replace(READING, history=history, advice=advice)
    contact = answers.shown(card, read)[0]
    failed = [Failed(EVENT, code) for code in (*words.failures, "INTERNAL")]
    summary = Summary([contact] * 14, 14, failed, 3, 2, 12.3, False, (contact, other))
    said = [
        answers.photo_read(card, read, words, was_cached=True, same=[SamePerson(other, "email")]),
        answers.photo_failed(EVENT, "NO_TEXT_FOUND", words),
        answers.summed_up(summary, words),
        answers.summed_up(Summary([], 0, [], 0, 0, 0.0, True), words),
        answers.listed([contact] * 13, words.contacts, words),
        answers.said(words.help, words),
        answers.asked(words.ask_note, words),
        answers.changed(words.corrected, contact, words),
    ]

    assert [_faults(each) for each in said] == [[]] * len(said)


@pytest.mark.parametrize("words", WORDS)
def test_a_summary_tells_figures_and_quotes_what_failed(words: answers.Words) -> None:
    summary = Summary([], 0, [Failed(EVENT, "NO_TEXT_FOUND")], 0, 0, 1.0, False)
    figures, failure = answers.summed_up(summary, words)

    assert words.batch_done in figures["altText"]
    assert failure["quoteToken"] == "q" * 20
    assert words.failures["NO_TEXT_FOUND"] in failure["text"]


TEXTS = st.none() | st.builds(
    Text, value=st.none() | st.text(min_size=1, max_size=400), confidence=st.floats(0, 1)
)
NUMBERS = st.builds(
    Number,
    kind=st.sampled_from(["phone", "mobile", "fax"]),
    printed=st.text(max_size=40),
    e164=st.none(),
    confidence=st.floats(0, 1),
)
CONTACTS = st.builds(Contact, value=st.text(min_size=1, max_size=300), confidence=st.floats(0, 1))
CARDS = st.builds(
    CardReading,
    name=TEXTS,
    company=TEXTS,
    department=TEXTS,
    title=TEXTS,
    phones=st.lists(NUMBERS, max_size=9).map(tuple),
    emails=st.lists(CONTACTS, max_size=9).map(tuple),
    websites=st.lists(CONTACTS, max_size=9).map(tuple),
    notes=st.none() | st.text(max_size=3000),
)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (READING, ["由本機讀取", "Read by this server", "このサーバーが読み取り"]),
        (
            msgspec.structs.replace(READING, provider="gemini", cost_micros=225, currency="USD"),
            [
                f"{text} · 0.000225 USD"
                for text in ("由Gemini讀取", "Read by Gemini", "Geminiが読み取り")
            ],
        ),
    ],
    ids=["this machine", "a model"],
)
def test_a_contact_says_who_read_it_for_how_much(reading: Reading, said: list[str]) -> None:
    shown = [
        answers.photo_read(uuid4(), reading, words, was_cached=False, same=()) for words in WORDS
    ]

    assert all(text in str(message) for text, message in zip(said, shown, strict=True))


@given(CARDS)
def test_whatever_was_read_can_be_shown(card: CardReading) -> None:
    reading = msgspec.structs.replace(READING, cards=(card,))
    contact = Shown(UUID(int=1), 0, card)
    said = answers.photo_read(UUID(int=1), reading, WORDS[0], was_cached=False, same=())

    assert _faults(said) == []
    assert _faults(answers.listed([contact] * 12, "-", WORDS[0])) == []


def test_the_longest_values_still_fit() -> None:
    long = Text("\x00字" * 500, 0.1)
    many = CardReading(
        name=long,
        company=long,
        department=long,
        title=long,
        phones=(Number("mobile", "9" * 300, None, 0.1),) * 9,
        emails=(Contact("\x00" * 900, 0.1),) * 9,
        notes="\x00" * 3000,
    )
    position = Position("2026-11-22", "\x00" * 900, None, "\x00" * 900)
    contact = Shown(UUID(int=1), 0, many, (position,) * 9)
    said = [
        *answers.changed("-", contact, WORDS[0]),
        *answers.listed([contact] * 12, "-", WORDS[0]),
    ]

    assert _faults(said) == []


def test_bubbles_fit_the_published_specification() -> None:
    shared = Path(os.environ.get("FORTHWITH_SHARED", Path(__file__).parents[4] / "shared"))
    folder = shared / "contracts" / "line"
    if not folder.is_dir():
        pytest.skip("the specification of ../shared (or FORTHWITH_SHARED) is not here")
    contract = Contract(folder)
    said = answers.photo_read(UUID(int=1), READING, WORDS[0], was_cached=False, same=())
    contract.look_at_request("POST", "/v2/bot/message/reply", {"replyToken": "t", "messages": said})

    assert contract.broken == []


@pytest.mark.parametrize("has_page", [True, False])
def test_a_contact_that_goes_to_notion_has_a_button_for_its_page(*, has_page: bool) -> None:
    same = [SamePerson(uuid4(), "email")]
    said = answers.photo_read(
        uuid4(), READING, WORDS[0], was_cached=False, same=same, has_page=has_page
    )

    assert _faults(said) == []
    assert (b"page|" in msgspec.json.encode(said)) is has_page
