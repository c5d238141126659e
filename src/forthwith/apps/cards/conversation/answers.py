"""Whole answers out of bubbles and words: what is said when something has happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from forthwith.apps.cards.conversation import bubbles
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.conversation.commands import Verb
from forthwith.apps.cards.conversation.taps import Tap
from forthwith.apps.cards.conversation.words import Words
from forthwith.apps.cards.schemas import Reading, SamePerson
from forthwith.integrations.line import flex, messages
from forthwith.integrations.line.events import Event, Image
from forthwith.integrations.line.messages import Json

_MOST_QUOTED: Final = 2
"""Failed photos that a summary quotes; the figures count all."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A photo that could not be read."""

    event: Event
    code: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch has come to."""

    contacts: Sequence[Shown]
    done: int
    failed: Sequence[Failed]
    duplicates: int
    from_cache: int
    seconds: float
    was_forgotten: bool
    offer: tuple[Shown, UUID] | None = None
    """A contact that another card seems to show too."""


def shown(card: UUID, reading: Reading, *, has_page: bool = False) -> list[Shown]:
    """The contacts of a card; its history is the first one's. `has_page`: they go to Notion."""
    return [
        Shown(
            *(card, number, contact, reading.history if number == 0 else ()),
            provider=reading.provider,
            paid=reading.paid,
            has_page=has_page,
        )
        for number, contact in enumerate(reading.cards)
    ]


def photo_read(
    card: UUID,
    reading: Reading,
    words: Words,
    *,
    was_cached: bool,
    same: Sequence[SamePerson],
    has_page: bool = False,
) -> list[Json]:
    """The contacts of one photo, and what could be better, or whether to merge."""
    contacts = shown(card, reading, has_page=has_page)
    said = [_contacts(contacts, words)]
    if was_cached:
        said.insert(0, messages.text(words.read_before))
    advice = [words.advice[each.code] for each in reading.advice if each.code in words.advice]
    if advice:
        said.append(messages.text("\n".join(advice)))
    if same and contacts:
        said.append(merge_offer(contacts[0], same[0].card_id, words))
    return messages.answer(*said, quick_replies=_next_steps(words))


def photo_failed(event: Event, code: str, words: Words) -> list[Json]:
    """Why a photo could not be read, quoting it."""
    return messages.answer(_quoted(Failed(event, code), words), quick_replies=_next_steps(words))


def summed_up(summary: Summary, words: Words) -> list[Json]:
    """The one answer to a batch."""
    if not summary.done and not summary.failed:
        return messages.answer(messages.text(words.batch_empty), quick_replies=_next_steps(words))
    title = words.batch_forgotten if summary.was_forgotten else words.batch_done
    rows = [
        (words.done, str(summary.done)),
        (words.failed, str(len(summary.failed))),
        (words.duplicates, str(summary.duplicates)),
        (words.from_cache, str(summary.from_cache)),
        (words.took, words.seconds.format(seconds=f"{summary.seconds:.1f}")),
    ]
    counted = f"{title}: {words.done} {summary.done}, {words.failed} {len(summary.failed)}"
    said = [messages.flex(counted, bubbles.figures(title, rows))]
    if summary.contacts:
        said.append(_contacts(summary.contacts, words))
    said += [_quoted(each, words) for each in summary.failed[:_MOST_QUOTED]]
    if summary.offer is not None:
        said.append(merge_offer(*summary.offer, words))
    return messages.answer(*said, quick_replies=_next_steps(words))


def merge_offer(contact: Shown, other: UUID, words: Words) -> Json:
    """Ask whether two cards are to be one contact."""
    asked = words.same_person.format(who=contact.who)
    merge = messages.postback(words.merge, contact.tap(Tap.MERGE, other=other).data())
    keep = messages.postback(words.keep, contact.tap(Tap.KEEP).data())
    return messages.flex(asked, bubbles.question(asked, merge, keep))


def listed(contacts: Sequence[Shown], title: str, words: Words) -> list[Json]:
    """Contacts side by side, with what there is more."""
    more = []
    if len(contacts) > flex.MOST_BUBBLES:
        last = contacts[flex.MOST_BUBBLES - 1]
        more = [messages.postback(words.more, last.tap(Tap.MORE).data())]
    carousel = messages.flex(title, bubbles.carousel(contacts, words))
    return messages.answer(carousel, quick_replies=[*more, *_next_steps(words)])


def said(text: str, words: Words) -> list[Json]:
    """A sentence."""
    return messages.answer(messages.text(text), quick_replies=_next_steps(words))


def asked(text: str, words: Words) -> list[Json]:
    """A question that the next text answers."""
    return messages.answer(
        messages.text(text), quick_replies=[messages.say(words.say[Verb.CANCEL])]
    )


def changed(sentence: str, contact: Shown, words: Words) -> list[Json]:
    """What was done, and how the contact is now."""
    told = bubbles.contact_message(contact, words)
    return messages.answer(messages.text(sentence), told, quick_replies=_next_steps(words))


def _contacts(contacts: Sequence[Shown], words: Words) -> Json:
    if len(contacts) == 1:
        return bubbles.contact_message(contacts[0], words)
    who = ", ".join(each.who for each in contacts)
    return messages.flex(who, bubbles.carousel(contacts, words))


def _quoted(failed: Failed, words: Words) -> Json:
    why = words.failures.get(failed.code, words.unexpected)
    image = failed.event.message
    quote = image.quote_token if isinstance(image, Image) else None
    return messages.text(words.photo_failed.format(why=why), quote_token=quote)


def _next_steps(words: Words) -> list[Json]:
    return bubbles.quick_replies(
        words, Verb.BEGIN_BATCH, Verb.END_BATCH, Verb.STATUS, Verb.LIST, Verb.HELP
    )
