"""Signing in, staying signed in, and a new password."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from forthwith.platform import audit
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.errors import Fault, NotFound, Unauthorized, Unavailable, Unprocessable
from forthwith.platform.identity import accounts, mail_tokens, mails, passwords, people, sessions
from forthwith.platform.identity.mail_tokens import Purpose
from forthwith.platform.identity.opened import Opened
from forthwith.platform.identity.passwords import Comparison
from forthwith.platform.identity.schemas import User
from forthwith.platform.identity.sessions import Client, Opening
from forthwith.platform.identity.throttle import PER_ACCOUNT, PER_ADDRESS, Throttle

WRONG: Final = "The e-mail address or the password is wrong, or the address is not confirmed."
USED_UP: Final = "This refresh token is not valid any more; sign in again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in gives: both tokens, and who it is."""

    access_token: str
    refresh_token: str
    user: User


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who says to be whom: the address that was typed, its account if there is one, from where."""

    email: str
    owner: UUID | None
    client: Client


async def sign_in(opened: Opened, email: str, password: str, client: Client) -> SignedIn:
    """Begin a session. Raises `Unauthorized`, the same and as late for every reason; `TooMany`."""
    async with opened.db.read() as session:
        person = await people.by_email(session, opened.codec, email)
    kept = None if person is None else people.password_hash_of(opened.codec, person)
    owner = None if person is None else person.owner
    comparison = await _attempt(opened, Attempt(email, owner, client), password, kept)
    if owner is None or kept is None or not comparison.is_right:
        raise Unauthorized(WRONG)
    async with opened.db.transaction() as session:
        await _ensure_unchanged(session, opened.codec, owner, kept, comparison.new_hash)
        opening = await sessions.begin(session, opened.codec, owner, client)
        return await signed_in(session, opened, opening)


async def _attempt(opened: Opened, attempt: Attempt, password: str, kept: str | None) -> Comparison:
    """Compare a password with the kept hash, as an attempt that counts unless it succeeds."""
    throttle = Throttle(opened.db, opened.codec)
    counted = (PER_ADDRESS, attempt.client.network), (PER_ACCOUNT, attempt.email)
    locks = await throttle.charge(*counted)
    try:
        comparison = await opened.passwords.compare(password, kept)
    except Unavailable:  # it was not judged
        for rule, subject in counted:
            await throttle.take_back(rule, subject)
        raise
    if comparison.is_right:
        await throttle.take_back(PER_ADDRESS, attempt.client.network)
        await throttle.forget(PER_ACCOUNT, attempt.email)
    elif locks:
        await _tell_locked(opened, attempt)
    return comparison


async def _tell_locked(opened: Opened, attempt: Attempt) -> None:
    """Write down that the throttle closes, whoever it is about."""
    async with opened.db.transaction() as session:
        await audit.record(
            session,
            opened.codec,
            "sign_in.locked",
            owner=attempt.owner,
            subject="sign-in",
            data={"address": attempt.client.address},
        )


async def _ensure_unchanged(
    session: Session, codec: Codec, owner: UUID, kept: str, new_hash: str | None
) -> None:
    """No session begins with a password that was replaced while it was being compared."""
    person = await people.by_owner(session, owner, lock=True)
    if person is None or people.password_hash_of(codec, person) != kept:
        raise Unauthorized(WRONG)
    if new_hash is not None:
        people.set_password_hash(codec, person, new_hash)


async def refresh(
    opened: Opened, refresh_token: str, *, grace: timedelta = sessions.NO_GRACE
) -> SignedIn:
    """Exchange a refresh token for new tokens; a used one only within `grace`.

    Raises `Unauthorized`.
    """
    codec, tokens = opened.codec, opened.tokens
    async with opened.db.transaction() as session:
        opening = await sessions.go_on(session, codec, tokens, refresh_token, grace=grace)
        goes_on = await signed_in(session, opened, opening) if opening else None
    if goes_on is None:  # outside, so that a session that ended by reuse has ended
        raise Unauthorized(USED_UP)
    return goes_on


async def signed_in(session: Session, opened: Opened, opening: Opening) -> SignedIn:
    """The tokens of a session that was begun or goes on, and whose it is."""
    holder = await accounts.existing(session, opening.owner)
    access_token = opened.tokens.issue(
        opening.owner, opening.session, holder.account.role, holder.account.plan
    )
    return SignedIn(access_token, opening.refresh_token, people.user(opened.codec, holder))


async def change_password(
    opened: Opened, principal: Principal, current: str, new: str, client: Client
) -> None:
    """Set another password and end all other sessions.

    Raises `Unprocessable` when the present one is wrong or the new one unsafe, `TooMany`.
    """
    codec = opened.codec
    async with opened.db.read() as session:
        person = await people.by_owner(session, principal.owner)
    if person is None:
        raise NotFound("This account belongs to no person, and has no password.")
    email, kept = people.email_of(codec, person), people.password_hash_of(codec, person)
    passwords.check(new, email, "#/new_password")
    attempt = Attempt(email, principal.owner, client)
    if not (await _attempt(opened, attempt, current, kept)).is_right:
        fault = Fault("#/current_password", "is not your password")
        raise Unprocessable("The present password is wrong.", faults=[fault])
    new_hash = await opened.passwords.hash(new)
    async with opened.db.transaction() as session:
        await _ensure_unchanged(session, codec, principal.owner, kept, None)
        await _set_password(session, opened, principal.owner, new_hash)
        await sessions.end_all(session, principal.owner, but=sessions.of(principal))


async def answer_forgotten(session: Session, opened: Opened, email_digest: bytes) -> None:
    """Mail a token for a new password to whoever has the address, if anybody has."""
    person = await people.by_email_digest(session, email_digest)
    if person is None:
        return
    given = await mail_tokens.give(
        session, opened.codec, Purpose.RESET, owner=person.owner, email_digest=email_digest
    )
    to = people.recipient(opened.codec, person)
    await mails.reset(session, opened.jobs, to, given.token)


async def reset_password(opened: Opened, token: str, new: str) -> None:
    """Set a password with the token of a mail, and end all sessions.

    Raises `Unprocessable` for a token that is not valid, or an unsafe password, which leaves
    the token valid.
    """
    codec = opened.codec
    async with opened.db.read() as session:
        owner = await mail_tokens.owner_of(session, Purpose.RESET, token)
        person = await people.by_owner(session, owner)
    email = people.email_of(codec, person) if person else ""
    passwords.check(new, email, "#/new_password")
    new_hash = await opened.passwords.hash(new)
    async with opened.db.transaction() as session:
        await mail_tokens.take(session, codec, Purpose.RESET, token)
        await _set_password(session, opened, owner, new_hash)
        await sessions.end_all(session, owner)
    await Throttle(opened.db, codec).forget(PER_ACCOUNT, email)


async def _set_password(session: Session, opened: Opened, owner: UUID, new_hash: str) -> None:
    """Keep the hash, void what could set another one, tell the holder."""
    codec = opened.codec
    person = await people.by_owner(session, owner, lock=True)
    if person is None:
        raise NotFound("The account was erased.")
    people.set_password_hash(codec, person, new_hash)
    await mail_tokens.void(session, Purpose.RESET, person.email_digest)
    await mails.password_changed(session, opened.jobs, people.recipient(codec, person))
    await audit.record(
        session, codec, "account.password_changed", owner=owner, subject=f"account:{owner}"
    )
