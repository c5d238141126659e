"""Reading many cards of one owner."""

from uuid import UUID

import pytest

from forthwith.apps.cards import queries
from forthwith.apps.cards.models import Card
from forthwith.apps.cards.reading import CardReading, Text
from forthwith.apps.cards.schemas import Reading, Upright
from forthwith.platform import ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, Session


def _add(session: Session, codec: Codec, owner: UUID, name: str) -> None:
    card = ids.new()
    reading = Reading((CardReading(name=Text(name, 1.0)),), "local", 1.0, Upright(1, 1, 0))
    session.add(
        Card(
            id=card,
            owner=owner,
            run=ids.new(),
            photo=card.hex,
            media_type="image/png",
            reading=codec.seal(reading, queries.reading_place(card)),
        )
    )


@pytest.mark.parametrize("page", [1, 2, 3, 6, 7])
async def test_an_export_has_every_contact_once_wherever_its_pages_end(
    db: Database, codec: Codec, page: int
) -> None:
    owner, names = ids.new(), ["甲", "乙", "丙", "丁", "戊", "己"]
    async with db.transaction() as session:
        for name in names:
            _add(session, codec, owner, name)
        _add(session, codec, ids.new(), "somebody else's")

    found = [each.card.name async for each in queries.contacts(db, codec, owner, page=page)]

    assert [name.value for name in found if name] == names[::-1]
