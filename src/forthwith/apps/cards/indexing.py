"""The rows by which a card is found, without storing any of what it says.

Plain SQL: a card has a hundred digests, and a statement with a parameter for each is put
together anew every time.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import text

from forthwith.apps.cards import matching, searching
from forthwith.apps.cards.reading import CardReading
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session

_IDENTIFY: Final = text("""
with former as (
  delete from cards.identifiers where card = :card and not digest = any(cast(:digests as bytea[])))
insert into cards.identifiers (owner, digest, card)
select :owner, digest, :card from unnest(cast(:digests as bytea[])) as t (digest)
on conflict do nothing
""")

_MAKE_SEARCHABLE: Final = text("""
with former as (
  delete from cards.grams where card = :card and not digest = any(cast(:digests as bytea[])))
insert into cards.grams (owner, person, digest, card)
select :owner, :person, digest, :card from unnest(cast(:digests as bytea[])) as t (digest)
on conflict do nothing
""")


async def identify(
    session: Session, codec: Codec, owner: UUID, card: UUID, contacts: tuple[CardReading, ...]
) -> None:
    """Make a card findable by what identifies its person on another one."""
    purpose = f"cards.identifiers|{owner}"
    told = {each for contact in contacts for each in matching.identifiers(contact)}
    digests = [codec.blind_index(each, purpose) for each in told]
    await session.execute(_IDENTIFY, {"owner": owner, "card": card, "digests": digests})


async def make_searchable(
    session: Session,
    codec: Codec,
    owner: UUID,
    person: str,
    card: UUID,
    contacts: tuple[CardReading, ...],
) -> None:
    """Make a card findable by its sender, by any two neighbouring characters on it."""
    values = [value for contact in contacts for value in searching.spoken(contact)]
    digests = list(searching.digests(codec, owner, person, values))
    which = {"owner": owner, "person": person, "card": card, "digests": digests}
    await session.execute(_MAKE_SEARCHABLE, which)
