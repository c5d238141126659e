"""Finding a contact by any part of what its card says, without storing any of it.

Each two neighbouring characters of a value, in the form for comparing, become a keyed digest.
A card that has all digests of the words may say them; whether it does is seen by opening it
(contract.md, section 2; two characters are a whole name in Chinese).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from uuid import UUID

from forthwith.apps.cards.reading import CardReading, Text
from forthwith.platform import text
from forthwith.platform.crypto import Codec

_DIGEST_BYTES: Final = 16
LONGEST_TERM: Final = 100
"""Characters of a search; what follows is not looked for."""
_MOST_GRAMS: Final = 40


def digests(
    codec: Codec, owner: UUID, person: str, values: Iterator[str] | list[str]
) -> set[bytes]:
    """The digests of all pairs of characters in these values."""
    purpose = f"cards.grams|{owner}|{person}"
    pairs = {one + other for value in values for one, other in pairwise(comparable(value))}
    return {codec.blind_index(pair, purpose)[:_DIGEST_BYTES] for pair in pairs}


def term_digests(codec: Codec, owner: UUID, person: str, term: str) -> set[bytes]:
    """What a card must have to say this term; empty for a term of one character."""
    words = [word for word in map(comparable, term[:LONGEST_TERM].split()) if word]
    return set(sorted(digests(codec, owner, person, words))[:_MOST_GRAMS])


def says(card: CardReading, term: str) -> bool:
    """Whether every word of the term stands in some value of the card."""
    values = [comparable(value) for value in spoken(card)]
    words = [word for word in map(comparable, term[:LONGEST_TERM].split()) if word]
    return bool(words) and all(any(word in value for value in values) for word in words)


def comparable(value: str) -> str:
    """Letters and digits only, folded, Latin letters without marks."""
    return text.comparable(text.unaccented(value))


def spoken(card: CardReading) -> Iterator[str]:
    """Every value that a person might look for."""
    for field in (card.name, card.company, card.department, card.title):
        yield from _values(field)
    for number in card.phones:
        yield from filter(None, (number.printed, number.e164))
    for contact in (*card.emails, *card.websites):
        yield contact.value
    for address in card.addresses:
        yield address.value
    if card.tax_id is not None:
        yield card.tax_id.value
    if card.line_id is not None:
        yield card.line_id.value
    if card.notes:
        yield card.notes


def _values(field: Text | None) -> Iterator[str]:
    if field is not None:
        yield from filter(None, (field.value, *(each.value for each in field.other_languages)))
