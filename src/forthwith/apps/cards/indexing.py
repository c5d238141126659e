"""The rows by which a card is found, without storing any of what it says.

Plain SQL: a card has a hundred digests, and a statement with a parameter for each is put
together anew every time.
"""

from typing import Final

from forthwith.apps.cards import matching, searching
from forthwith.apps.cards.queries import CardOf
from forthwith.apps.cards.reading import CardReading
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session

_INDEX: Final = """
with unidentified as (
  delete from cards.identifiers where card = $3 and not digest = any($4::bytea[])
), identified as (
  insert into cards.identifiers (owner, digest, card)
  select $1, digest, $3 from unnest($4::bytea[]) as t (digest) on conflict do nothing
), unsaid as (
  delete from cards.grams where card = $3 and not digest = any($5::bytea[])
)
insert into cards.grams (owner, person, digest, card)
select $1, $2, digest, $3 from unnest($5::bytea[]) as t (digest) on conflict do nothing
"""


async def index(
    session: Session, codec: Codec, card: CardOf, contacts: tuple[CardReading, ...]
) -> None:
    """Make a card findable by what identifies its person on another one.

    By its sender, where it has one, also by any two neighbouring characters on it.
    """
    purpose = f"cards.identifiers|{card.owner}"
    told = {each for contact in contacts for each in matching.identifiers(contact)}
    identifiers = [codec.blind_index(each, purpose) for each in told]
    grams = [] if card.person is None else _grams(codec, card, card.person, contacts)
    await session.fetch(_INDEX, card.owner, card.person, card.id, identifiers, grams)


def _grams(
    codec: Codec, card: CardOf, person: str, contacts: tuple[CardReading, ...]
) -> list[bytes]:
    values = [value for contact in contacts for value in searching.spoken(contact)]
    return list(searching.digests(codec, card.owner, person, values))
