"""A model as a reader of cards: asked once for a photo, its words checked as printed ones are."""

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec

from forthwith.apps.cards import service
from forthwith.apps.cards.readers import picture
from forthwith.apps.cards.readers.form import PROMPT, VERSION, PrintedCard, PrintedCards
from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.reading.told import Told, checked
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.integrations.llm.client import Answer, Models, Picture, Question
from forthwith.integrations.ocr.page import Page
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream.costs import present_owner

_MOST_CARDS: Final = 20


async def read(models: Models, pool: ProcessPool, photo: bytes, seen: Page | None) -> Reading:
    """Ask for the cards of a photo; those that are plausible, maybe none.

    `seen` is what this machine saw on it, if it has looked. Raises what `Models.ask` raises,
    and what `images.decode` does for a photo that is none.
    """
    shown = await picture.shown(pool, photo)
    question = Question(
        prompt=PROMPT,
        version=VERSION,
        schema=PrintedCards,
        pictures=(Picture(shown.data, "image/jpeg"),),
    )
    tag = service.answers_tag(present_owner(), hashlib.sha256(photo).hexdigest())
    answer = await models.ask(question, tags=(tag,))
    page = Upright(shown.width, shown.height, 0) if seen is None else _upright(seen)
    cards = tuple(_cards(answer, seen))
    return Reading(
        cards=cards,
        provider=answer.provider,
        seconds=round(answer.seconds, 3),
        page=page,
        model=answer.model,
        cost_micros=answer.micros,
        currency=answer.currency,
    )


def _upright(seen: Page) -> Upright:
    return Upright(seen.width, seen.height, seen.rotation)


def _cards(answer: Answer[PrintedCards], seen: Page | None) -> Iterator[CardReading]:
    lines = None if seen is None else seen.lines
    for each in answer.value.cards[:_MOST_CARDS]:
        card = checked(_told(each), lines)
        if card is not None:
            yield card


def _told(card: PrintedCard) -> Told:
    numbers = [(each.kind, each.printed) for each in card.numbers]
    return Told(**card.model_dump(exclude={"numbers"}), numbers=numbers)


def filled(told: Reading, local: Reading | None) -> Reading:
    """What a model left empty, as this machine has read it: if both saw the same cards."""
    if local is None or len(local.cards) != len(told.cards):
        return told
    pairs = zip(told.cards, local.cards, strict=True)
    cards = tuple(_filled(each, own) for each, own in pairs)
    return msgspec.structs.replace(told, cards=cards, advice=local.advice)


def _filled(told: CardReading, local: CardReading) -> CardReading:
    empty = [name for name in told.__struct_fields__ if not getattr(told, name)]
    return msgspec.structs.replace(told, **{name: getattr(local, name) for name in empty})
