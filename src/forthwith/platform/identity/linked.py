"""People as other services know them: who a LINE user is here, without saying it in the open."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.platform import ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import NotFound
from forthwith.platform.identity.models import LinkedIdentity


@dataclass(frozen=True, slots=True)
class Identified:
    """Who somebody is: `person` in the tables of the apps, `account` once they signed in too."""

    person: UUID
    account: UUID | None


async def person_of(
    session: Session, codec: Codec, *, owner: UUID, provider: str, subject: str
) -> Identified:
    """Who a service's `subject` is among the people of an owner; known from now on.

    `owner` has the channel through which they came, `provider` says whose subjects are meant
    (`line:PROVIDER_ID`, since LINE's ids differ between providers).
    """
    digest = codec.blind_index(subject, f"identities|{owner}|{provider}")
    found = await _find(session, owner, provider, digest)
    if found is not None:
        return found
    identifier = ids.new()
    row = {
        "id": identifier,
        "owner": owner,
        "provider": provider,
        "subject_digest": digest,
        "subject": codec.seal(subject, _at(identifier)),
    }
    await session.execute(insert(LinkedIdentity).values(row).on_conflict_do_nothing())
    known = await _find(session, owner, provider, digest)
    assert known is not None  # noqa: S101 - inserted here, or by whoever made us wait
    return known


async def link(session: Session, owner: UUID, person: UUID, account: UUID) -> None:
    """The person has an account of their own. Raises `NotFound`."""
    statement = (
        update(LinkedIdentity)
        .where(LinkedIdentity.id == person, LinkedIdentity.owner == owner)
        .values(account=account)
        .returning(LinkedIdentity.id)
    )
    if await session.scalar(statement) is None:
        raise NotFound("There is no person with this id.")


async def subject_of(session: ReadSession, codec: Codec, owner: UUID, person: UUID) -> str:
    """What the service calls a person, to write to them. Raises `NotFound`."""
    query = select(LinkedIdentity.subject).where(
        LinkedIdentity.id == person, LinkedIdentity.owner == owner
    )
    sealed = await session.scalar(query)
    if sealed is None:
        raise NotFound("There is no person with this id.")
    return codec.open(sealed, _at(person), str)


async def _find(
    session: ReadSession, owner: UUID, provider: str, digest: bytes
) -> Identified | None:
    query = select(LinkedIdentity).where(
        LinkedIdentity.owner == owner,
        LinkedIdentity.provider == provider,
        LinkedIdentity.subject_digest == digest,
    )
    row = (await session.scalars(query)).one_or_none()
    return None if row is None else Identified(row.id, row.account)


def _at(identifier: UUID) -> bytes:
    return place("platform.identities", "subject", identifier)
