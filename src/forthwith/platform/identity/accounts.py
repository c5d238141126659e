"""Accounts: registered and confirmed, looked at and changed, put on another plan."""

from uuid import UUID

import msgspec
from sqlalchemy import delete, func, update

from forthwith.platform import audit, ids
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Conflict, NotFound
from forthwith.platform.identity import mail_tokens, mails, passwords, people, sessions
from forthwith.platform.identity.mail_tokens import Purpose, Renewed
from forthwith.platform.identity.mails import Recipient
from forthwith.platform.identity.models import Account, LinkedIdentity, Person
from forthwith.platform.identity.opened import Opened
from forthwith.platform.identity.people import Holder, Registration
from forthwith.platform.identity.schemas import ProfileChange, Register, User
from forthwith.platform.identity.sessions import Client
from forthwith.platform.identity.throttle import MAILS_PER_ACCOUNT, MAILS_PER_ADDRESS, Throttle


async def register(opened: Opened, wanted: Register, email: str, client: Client) -> None:
    """Take a registration; the same in answer and time whether or not the address is known.

    What differs happens behind the answer, in a run: a mail to confirm the address, or one
    that tells its holder. Raises `Unprocessable` for an unsafe password, `TooMany`.
    """
    passwords.check(wanted.password, email)
    throttle = Throttle(opened.db, opened.codec)
    await throttle.charge((MAILS_PER_ADDRESS, client.network), (MAILS_PER_ACCOUNT, email))
    password_hash = await opened.passwords.hash(wanted.password)
    new = Registration(email, password_hash, wanted.name, wanted.language)
    async with opened.db.transaction() as session:
        if opened.settings.accounts.confirm_email:
            await _keep_waiting(session, opened, new)
        else:
            await people.add(session, opened.codec, ids.new(), new)


async def _keep_waiting(session: Session, opened: Opened, new: Registration) -> None:
    """Keep a registration for a day, beside a token; the run makes one that is mailed."""
    digest = people.email_digest(opened.codec, new.email)
    owner = ids.new()
    given = await mail_tokens.give(
        session, opened.codec, Purpose.CONFIRM, owner=owner, email_digest=digest, data=new
    )
    args = {"waiting": given.id}
    await opened.jobs.enqueue(session, "identity.register", args, owner=owner)


async def answer_registration(session: Session, opened: Opened, waiting: UUID) -> None:
    """Mail a token that confirms the address, or tell whoever has an account with it."""
    codec = opened.codec
    renewed = await mail_tokens.renew(session, codec, waiting)
    if renewed is None:
        return
    person = await people.by_email_digest(session, renewed.kept.email_digest)
    if person is None:
        await _ask_to_confirm(session, opened, renewed)
        return
    await mail_tokens.take(session, codec, Purpose.CONFIRM, renewed.token)
    await mails.known(session, opened.jobs, people.recipient(codec, person))


async def answer_resend(session: Session, opened: Opened, email_digest: bytes) -> None:
    """Mail another token for the registration that waits for an address, if one does."""
    waiting = await mail_tokens.newest(session, Purpose.CONFIRM, email_digest)
    renewed = await mail_tokens.renew(session, opened.codec, waiting) if waiting else None
    if renewed is not None:
        await _ask_to_confirm(session, opened, renewed)


async def _ask_to_confirm(session: Session, opened: Opened, renewed: Renewed) -> None:
    new = msgspec.convert(renewed.kept.data, Registration)
    to = Recipient(renewed.kept.owner, new.email, new.language)
    await mails.confirm(session, opened.jobs, to, renewed.token)


async def resend(opened: Opened, email: str, client: Client) -> None:
    """Mail the confirmation again; the answer does not tell whether one is waiting."""
    await _behind(opened, "identity.resend", email, client)


async def forgot_password(opened: Opened, email: str, client: Client) -> None:
    """Mail a token for a new password; the answer does not tell whether there is an account."""
    await _behind(opened, "identity.forgot_password", email, client)


async def _behind(opened: Opened, job: str, email: str, client: Client) -> None:
    """Do it in a run, so that nobody can time what it depends on."""
    throttle = Throttle(opened.db, opened.codec)
    await throttle.charge((MAILS_PER_ADDRESS, client.network), (MAILS_PER_ACCOUNT, email))
    args = {"email_digest": people.email_digest(opened.codec, email).hex()}
    async with opened.db.transaction() as session:
        await opened.jobs.enqueue(session, job, args, owner=ids.new())


async def confirm(opened: Opened, token: str) -> User:
    """Make the account of a registration whose mail was read.

    The first who confirms has the address: other registrations for it are void then. Raises
    `Unprocessable` for a token that is not valid, `Conflict` when the address has an account.
    """
    codec = opened.codec
    async with opened.db.transaction() as session:
        kept = await mail_tokens.take(session, codec, Purpose.CONFIRM, token)
        new = msgspec.convert(kept.data, Registration)
        if not await people.add(session, codec, kept.owner, new):
            raise Conflict("This address is confirmed already; sign in.")
        await mail_tokens.void(session, Purpose.CONFIRM, kept.email_digest)
        await session.flush()
        return people.user(codec, await existing(session, kept.owner))


async def existing(session: ReadSession, owner: UUID) -> Holder:
    """An account with its person. Raises `NotFound`."""
    found = await people.holder(session, owner)
    if found is None:
        raise NotFound("There is no account with this id.")
    return found


async def change_profile(opened: Opened, owner: UUID, change: ProfileChange) -> User:
    """Change the name or the language. Raises `NotFound` for an account without a person."""
    async with opened.db.transaction() as session:
        found = await existing(session, owner)
        person = await people.by_owner(session, owner, lock=True)
        if person is None:
            raise NotFound("This account belongs to no person, and has no profile to change.")
        if change.name is not None:
            people.set_name(opened.codec, person, change.name or None)
        if change.language is not None:
            person.language = change.language
        return people.user(opened.codec, Holder(found.account, person))


async def set_plan(opened: Opened, account: UUID, plan: str) -> None:
    """Put an account on another plan; every process hears of it. Raises `NotFound`."""
    async with opened.db.transaction() as session:
        before = (await existing(session, account)).account.plan
        await session.execute(
            update(Account)
            .where(Account.id == account)
            .values(plan=plan, plan_changed_at=func.now())
        )
        await audit.record(
            session,
            opened.codec,
            "account.plan_changed",
            owner=account,
            subject=f"account:{account}",
            data={"from": before, "to": plan},
        )


async def listed(
    session: ReadSession, *, email_digest: bytes | None, before: UUID | None, limit: int
) -> list[Holder]:
    """Accounts, newest first; all, or the one of an address."""
    query = people.holders()
    if email_digest is not None:
        query = query.where(Person.email_digest == email_digest)
    if before is not None:
        query = query.where(Account.id < before)
    rows = await session.execute(query.order_by(Account.id.desc()).limit(limit))
    return [Holder(row[0], row[1]) for row in rows]


async def erase(session: Session, owner: UUID) -> None:
    """Take the person from an account and sign them out; the account's id stays, without a name.

    Ended sessions stay for a day, sealed, so that every process learns that they ended.
    """
    person = await people.by_owner(session, owner, lock=True)
    if person is not None:
        for purpose in Purpose:
            await mail_tokens.void(session, purpose, person.email_digest)
        await session.delete(person)
    await sessions.end_all(session, owner)
    await session.execute(
        delete(LinkedIdentity).where(
            (LinkedIdentity.owner == owner) | (LinkedIdentity.account == owner)
        )
    )
