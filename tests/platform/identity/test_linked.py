"""People of other services: the same person every time, and nobody else's."""

import asyncio
from uuid import UUID

import pytest

from forthwith.platform import ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import NotFound
from forthwith.platform.identity.linked import Identified, link, person_of, subject_of

OWNER = UUID(int=5)
LINE = "line:1234"
SUBJECT = "U0123456789abcdef"


async def _person(
    db: Database, codec: Codec, owner: UUID = OWNER, provider: str = LINE, subject: str = SUBJECT
) -> Identified:
    async with db.transaction() as session:
        return await person_of(session, codec, owner=owner, provider=provider, subject=subject)


async def test_a_subject_is_one_person_every_time(db: Database, codec: Codec) -> None:
    first = await _person(db, codec)

    assert await _person(db, codec) == first
    assert first.account is None


async def test_twenty_requests_at_once_make_one_person(db: Database, codec: Codec) -> None:
    seen = await asyncio.gather(*(_person(db, codec) for _ in range(20)))

    assert len({each.person for each in seen}) == 1


async def test_owners_providers_and_subjects_are_told_apart(db: Database, codec: Codec) -> None:
    seen = [
        await _person(db, codec),
        await _person(db, codec, owner=UUID(int=6)),
        await _person(db, codec, provider="line:9999"),
        await _person(db, codec, subject="Uother"),
    ]

    assert len({each.person for each in seen}) == 4


async def test_a_person_is_linked_to_their_account(db: Database, codec: Codec) -> None:
    person, account = (await _person(db, codec)).person, ids.new()
    async with db.transaction() as session:
        await link(session, OWNER, person, account)

    assert (await _person(db, codec)).account == account


async def test_nobody_links_or_reads_the_people_of_others(db: Database, codec: Codec) -> None:
    person = (await _person(db, codec)).person
    async with db.transaction() as session:
        with pytest.raises(NotFound):
            await link(session, UUID(int=6), person, ids.new())
        with pytest.raises(NotFound):
            await subject_of(session, codec, UUID(int=6), person)

        assert await subject_of(session, codec, OWNER, person) == SUBJECT


async def test_the_subject_is_sealed(db: Database, codec: Codec) -> None:
    await _person(db, codec)
    row = await db.fetchrow("select identities::text as row from platform.identities")

    assert row is not None
    assert SUBJECT.encode().hex() not in row["row"]
    assert SUBJECT not in row["row"]
