"""Flex messages: a contact, lists of contacts, figures, questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from forthwith.apps.cards.conversation.commands import Field, Verb
from forthwith.apps.cards.conversation.taps import Tap, Tapped
from forthwith.apps.cards.conversation.words import Words
from forthwith.apps.cards.reading import CardReading, Number, Text
from forthwith.apps.cards.schemas import Position
from forthwith.integrations.line import flex, messages
from forthwith.integrations.line.messages import Json

_UNSURE: Final = 0.6
"""Confidence below which a person is asked to check."""
_VALUE_LENGTH: Final = 120
_HEADING_LENGTH: Final = 80
_NOTE_LENGTH: Final = 300
"""Characters that keep the largest contact within what LINE takes of a bubble."""
_MOST_OF_A_KIND: Final = 3
_GREY: Final = "#8C8C8C"
_AMBER: Final = "#B25E09"
_GREEN: Final = "#06C755"


@dataclass(frozen=True, slots=True)
class Shown:
    """A contact as it is shown: the `number`-th on its card, and earlier positions.

    `provider` has read it, for what was `paid`, if anything. `has_page`: it goes to Notion.
    """

    card: UUID
    number: int
    contact: CardReading
    history: tuple[Position, ...] = ()
    provider: str = ""
    paid: str = ""
    has_page: bool = False

    @property
    def who(self) -> str:
        """The person, else the company, else a dash."""
        return _short(self.contact.name) or _short(self.contact.company) or "-"

    def tap(self, tap: Tap, field: Field | None = None, other: UUID | None = None) -> Tapped:
        """A button on this contact."""
        return Tapped(tap, self.card, self.number, field, other)


class _Line(NamedTuple):
    field: Field
    value: str
    is_sure: bool


def contact(shown: Shown, words: Words) -> Json:
    """The whole contact; a tap on a line asks for its right value."""
    lines = [_row(shown, each, words) for each in _lines(shown.contact)]
    body = flex.column(
        *_heading(shown.contact),
        flex.separator(margin="md"),
        *lines,
        *_remarks(shown, words),
        spacing="sm",
    )
    return flex.bubble(body, footer=_buttons(shown, words), size="mega")


def contact_message(shown: Shown, words: Words) -> Json:
    """The contact as a message of its own."""
    return messages.flex(shown.who, contact(shown, words))


def carousel(many: Sequence[Shown], words: Words) -> Json:
    """Contacts side by side, each to be opened."""
    bubbles = [_small(each, words) for each in many[: flex.MOST_BUBBLES]]
    return flex.carousel(bubbles)


def figures(title: str, rows: Sequence[tuple[str, str]]) -> Json:
    """A title and named figures below one another."""
    lines = [
        flex.baseline(
            flex.words(name, color=_GREY, size="sm", flex=3),
            flex.words(value, size="sm", weight="bold", align="end", flex=2),
        )
        for name, value in rows
    ]
    head = flex.words(title, weight="bold", size="lg", wrap=True)
    return flex.bubble(flex.column(head, flex.separator(margin="md"), *lines, spacing="sm"))


def question(asked: str, *actions: Json) -> Json:
    """A question with buttons under it."""
    buttons = [flex.button(action, height="sm", style="secondary") for action in actions]
    body = flex.column(flex.words(asked, wrap=True))
    return flex.bubble(body, footer=flex.column(*buttons, spacing="sm"))


def quick_replies(words: Words, *verbs: Verb) -> list[Json]:
    """What can be said next; the camera comes last."""
    said = [messages.say(words.say[verb]) for verb in verbs]
    return [*said, messages.camera(words.camera), messages.camera_roll(words.album)]


def _heading(card: CardReading) -> Iterator[Json]:
    name, company = _short(card.name), _short(card.company)
    yield flex.words(name or company or "-", weight="bold", size="xl", wrap=True)
    if name and company:
        yield flex.words(company, size="md", wrap=True)
    position = " · ".join(filter(None, (_short(card.department), _short(card.title))))
    if position:
        yield flex.words(position, size="sm", color=_GREY, wrap=True)


def _lines(card: CardReading) -> Iterator[_Line]:
    for field, text in _texts(card):
        if (value := _text(text)) and text is not None:
            yield _Line(field, value, text.confidence >= _UNSURE)
    for number in card.phones[: 2 * _MOST_OF_A_KIND]:
        yield _Line(Field(number.kind), _dialled(number), number.confidence >= _UNSURE)
    many = (
        (Field.EMAIL, card.emails),
        (Field.WEBSITE, card.websites),
        (Field.ADDRESS, card.addresses),
    )
    for field, values in many:
        for each in values[:_MOST_OF_A_KIND]:
            yield _Line(field, each.value, each.confidence >= _UNSURE)
    for field, single in ((Field.TAX_ID, card.tax_id), (Field.LINE_ID, card.line_id)):
        if single is not None:
            yield _Line(field, single.value, single.confidence >= _UNSURE)


def _texts(card: CardReading) -> Iterator[tuple[Field, Text | None]]:
    yield Field.NAME, card.name
    yield Field.COMPANY, card.company
    yield Field.DEPARTMENT, card.department
    yield Field.TITLE, card.title


def _row(shown: Shown, line: _Line, words: Words) -> Json:
    label = words.fields[line.field]
    action = messages.postback(label, shown.tap(Tap.EDIT, line.field).data())
    value = flex.words(
        messages.clipped(line.value, _VALUE_LENGTH), size="sm", wrap=True, flex=5
    ) | ({} if line.is_sure else {"color": _AMBER})
    name = flex.words(label, size="sm", color=_GREY, flex=2)
    return flex.baseline(name, value, spacing="sm", action=action)


def _remarks(shown: Shown, words: Words) -> Iterator[Json]:
    if any(not line.is_sure for line in _lines(shown.contact)):
        yield flex.words(words.unsure, size="xs", color=_AMBER, wrap=True)
    if shown.contact.notes:
        note = messages.clipped(shown.contact.notes, _NOTE_LENGTH)
        yield flex.words(f"{words.note}: {note}", size="sm", wrap=True)
    for each in shown.history[-_MOST_OF_A_KIND:]:
        position = " · ".join(filter(None, (each.company, each.department, each.title)))
        told = messages.clipped(f"{words.earlier}: {position}", _VALUE_LENGTH)
        yield flex.words(told, size="xs", color=_GREY, wrap=True)
    if shown.provider:
        reader = words.readers.get(shown.provider, shown.provider)
        source = " · ".join(filter(None, (words.read_by.format(reader=reader), shown.paid)))
        yield flex.words(source, size="xxs", color=_GREY, wrap=True)


def _buttons(shown: Shown, words: Words) -> Json:
    def button(label: str, tap: Tap) -> Json:
        action = messages.postback(label, shown.tap(tap).data())
        return flex.button(action, height="sm", style="link")

    first = flex.row(button(words.save, Tap.FILE), button(words.qr, Tap.CODE))
    second = flex.row(button(words.note, Tap.NOTE), button(words.delete, Tap.DELETE))
    page = [button(words.notion, Tap.PAGE)] if shown.has_page else []
    return flex.column(first, second, *page)


def _small(shown: Shown, words: Words) -> Json:
    action = messages.postback(words.open, shown.tap(Tap.SHOW).data())
    footer = flex.column(flex.button(action, height="sm", style="primary", color=_GREEN))
    return flex.bubble(
        flex.column(*_heading(shown.contact), spacing="sm"), footer=footer, size="kilo"
    )


def _short(field: Text | None) -> str:
    value = _text(field)
    return messages.clipped(value, _HEADING_LENGTH) if value else ""


def _text(field: Text | None) -> str:
    """The value, else the likeliest reading of an unsure one."""
    if field is None:
        return ""
    return field.value or (field.alternatives[0].value if field.alternatives else "")


def _dialled(number: Number) -> str:
    return number.printed or number.e164 or "-"
