"""What a model would say of a photo, said by this machine: for trying models without a key."""

from collections.abc import Iterable

from forthwith.apps.cards import service
from forthwith.apps.cards.errors import NoTextFound
from forthwith.apps.cards.readers.form import PrintedCard, PrintedCards, PrintedNumber
from forthwith.apps.cards.reading import Address, CardReading, Contact, Text
from forthwith.platform.pool import ProcessPool


async def said(pool: ProcessPool, photo: bytes) -> str:
    """The cards on a photo, as JSON in the form that a model answers in."""
    try:
        cards = (await service.read_photo(pool, photo)).cards
    except NoTextFound:
        cards = ()
    return PrintedCards(cards=[_printed(card) for card in cards]).model_dump_json()


def _printed(card: CardReading) -> PrintedCard:
    return PrintedCard(
        name=_text(card.name),
        company=_text(card.company),
        department=_text(card.department),
        title=_text(card.title),
        numbers=[PrintedNumber(kind=each.kind, printed=each.printed) for each in card.phones],
        emails=_values(card.emails),
        websites=_values(card.websites),
        addresses=_values(card.addresses),
        tax_id=card.tax_id.value if card.tax_id else None,
        line_id=card.line_id.value if card.line_id else None,
        notes=card.notes,
    )


def _text(field: Text | None) -> str | None:
    return field.value if field else None


def _values(found: Iterable[Contact | Address]) -> list[str]:
    return [each.value for each in found]
