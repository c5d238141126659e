"""The rows of people: sealed as they are written, opened as they are read."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.identity.mails import Recipient
from forthwith.platform.identity.models import Account, Person
from forthwith.platform.identity.schemas import User

MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Holder:
    """An account, and the person who signs in to it; a machine's account has none."""

    account: Account
    person: Person | None


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody registers with; the password as its hash."""

    email: str
    password_hash: str
    name: str | None
    language: str


def email_digest(codec: Codec, email: str) -> bytes:
    """By what the account of an address is found."""
    return codec.blind_index(email, "people.email")


async def by_email(session: ReadSession, codec: Codec, email: str) -> Person | None:
    """Who has this normalised address."""
    return await by_email_digest(session, email_digest(codec, email))


async def by_email_digest(session: ReadSession, digest: bytes) -> Person | None:
    """Who has the address with this digest."""
    query = select(Person).where(Person.email_digest == digest)
    return (await session.scalars(query)).one_or_none()


async def by_owner(session: ReadSession, owner: UUID, *, lock: bool = False) -> Person | None:
    """The person of an account; with `lock`, nobody changes the row until the transaction ends."""
    query = select(Person).where(Person.owner == owner)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def holder(session: ReadSession, owner: UUID) -> Holder | None:
    """An account with its person."""
    row = (await session.execute(holders().where(Account.id == owner))).one_or_none()
    return None if row is None else Holder(row[0], row[1])


def holders() -> Select[Account, Person]:
    """All accounts, with their people where they have one."""
    return select(Account, Person).join(Person, Person.owner == Account.id, isouter=True)


async def add(session: Session, codec: Codec, owner: UUID, new: Registration) -> bool:
    """Make an account with its person; False when the address has one already."""
    row = {
        "owner": owner,
        "email_digest": email_digest(codec, new.email),
        "email": codec.seal(new.email, _at("email", owner)),
        "password": codec.seal(new.password_hash, _at("password", owner)),
        "name": _sealed_name(codec, owner, new.name),
        "language": new.language,
    }
    statement = insert(Person).values(row).on_conflict_do_nothing(index_elements=["email_digest"])
    if await session.scalar(statement.returning(Person.owner)) is None:
        return False
    session.add(Account(id=owner, role=MEMBER))
    return True


def email_of(codec: Codec, person: Person) -> str:
    """The address that mail goes to."""
    return codec.open(person.email, _at("email", person.owner), str)


def recipient(codec: Codec, person: Person) -> Recipient:
    """Where mail to a person goes."""
    return Recipient(person.owner, email_of(codec, person), person.language)


def password_hash_of(codec: Codec, person: Person) -> str:
    """The kept hash."""
    return codec.open(person.password, _at("password", person.owner), str)


def set_password_hash(codec: Codec, person: Person, password_hash: str) -> None:
    """Keep another hash."""
    person.password = codec.seal(password_hash, _at("password", person.owner))


def set_name(codec: Codec, person: Person, name: str | None) -> None:
    """Keep another name, or none."""
    person.name = _sealed_name(codec, person.owner, name)


def user(codec: Codec, found: Holder) -> User:
    """An account as its holder sees it."""
    account, person = found.account, found.person
    return User(
        id=account.id,
        email=email_of(codec, person) if person else None,
        name=_name_of(codec, person) if person else None,
        language=person.language if person else None,
        role=account.role,
        plan_type=account.plan,
        created_at=account.created_at.isoformat(),
    )


def _name_of(codec: Codec, person: Person) -> str | None:
    return codec.open(person.name, _at("name", person.owner), str) if person.name else None


def _sealed_name(codec: Codec, owner: UUID, name: str | None) -> bytes | None:
    return codec.seal(name, _at("name", owner)) if name else None


def _at(column: str, owner: UUID) -> bytes:
    return place("platform.people", column, owner)
