"""Sessions: begun by a sign-in, kept alive by refresh tokens that are used once each."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update

from forthwith.platform import audit, clock, ids
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import BadRequest, NotFound
from forthwith.platform.http.proxies import network_of
from forthwith.platform.identity.models import LoginSession, RefreshToken
from forthwith.platform.identity.schemas import SessionView
from forthwith.platform.identity.tokens import SESSION_PREFIX, Tokens

LIFE: Final = timedelta(days=7)
TAB_GRACE: Final = timedelta(seconds=10)
"""For how long a used token of a page's cookie still gets its successor, the same one every time.

The tabs of a browser share one cookie, and wake together: that is no theft. A thief gains nothing
by these seconds: there is one line of tokens, never two, so that as soon as thief and holder both
go on, the one who comes second with a used token is noticed, and the session ends. Once the
successor itself was used there is no grace. A program has none at all (`NO_GRACE`).
"""
NO_GRACE: Final = timedelta()
_TOKEN_BYTES: Final = 32
_LONGEST_DEVICE: Final = 200  # characters of a User-Agent header


@dataclass(frozen=True, slots=True)
class Client:
    """From where somebody signs in: the address of the connection, and what it calls itself."""

    address: str
    device: str

    @property
    def network(self) -> str:
        """What attempts are counted for: the address, or the network of an IPv6 one."""
        return network_of(self.address)


@dataclass(frozen=True, slots=True)
class Opening:
    """A session that was begun or goes on, with its one valid refresh token."""

    session: UUID
    owner: UUID
    refresh_token: str


def digest(refresh_token: str) -> bytes:
    """What is kept of a refresh token. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()


async def begin(session: Session, codec: Codec, owner: UUID, client: Client) -> Opening:
    """A new session of an account."""
    identifier, now = ids.new(), clock.now()
    session.add(
        LoginSession(
            id=identifier,
            owner=owner,
            device=codec.seal(client.device[:_LONGEST_DEVICE], _at("device", identifier)),
            address=codec.seal(client.address, _at("address", identifier)),
            created_at=now,
            used_at=now,
            expires_at=now + LIFE,
        )
    )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session.add(RefreshToken(digest=digest(token), owner=owner, session=identifier))
    return Opening(identifier, owner, token)


async def go_on(
    session: Session, codec: Codec, tokens: Tokens, refresh_token: str, *, grace: timedelta
) -> Opening | None:
    """Exchange a refresh token for its successor; None when it is not valid.

    A token that was used before, longer ago than `grace`, ends its session: either it or its
    successor is in wrong hands. The caller must let the transaction commit also then.
    """
    query = (
        select(RefreshToken, LoginSession)
        .join(LoginSession, LoginSession.id == RefreshToken.session)
        .where(RefreshToken.digest == digest(refresh_token))
        .with_for_update()  # one at a time; both rows are read anew after the wait
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    used, login = row
    if login.ended_at is not None or login.expires_at <= clock.now():
        return None
    successors = tokens.successors(refresh_token)
    if used.replaced_at is None:
        _replace(session, used, login, successors[0])
        return Opening(login.id, login.owner, successors[0])
    in_time = clock.now() - used.replaced_at < grace
    given = await _given_before(session, successors) if in_time else None
    if given is None:
        await _end_for_reuse(session, codec, login)
        return None
    return Opening(login.id, login.owner, given)


async def _end_for_reuse(session: Session, codec: Codec, login: LoginSession) -> None:
    login.ended_at = clock.now()
    await audit.record(
        session,
        codec,
        "session.refresh_token_reused",
        owner=login.owner,
        subject=f"{SESSION_PREFIX}{login.id}",
    )


def _replace(session: Session, used: RefreshToken, login: LoginSession, successor: str) -> None:
    now = clock.now()
    used.replaced_at, login.used_at, login.expires_at = now, now, now + LIFE
    session.add(RefreshToken(digest=digest(successor), owner=login.owner, session=login.id))


async def _given_before(session: Session, successors: list[str]) -> str | None:
    """The successor that a used token was exchanged for, unless it was used itself."""
    by_digest = {digest(token): token for token in successors}
    query = select(RefreshToken.digest).where(
        RefreshToken.digest.in_(by_digest), RefreshToken.replaced_at.is_(None)
    )
    found = (await session.scalars(query)).one_or_none()
    return None if found is None else by_digest[found]


async def end(session: Session, owner: UUID, identifier: UUID) -> None:
    """End a session of an account. Raises `NotFound` when it has none such, or it ended."""
    ended = await session.scalar(
        update(LoginSession)
        .where(
            LoginSession.id == identifier,
            LoginSession.owner == owner,
            LoginSession.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
        .returning(LoginSession.id)
    )
    if ended is None:
        raise NotFound("There is no session with this id.")


async def end_all(session: Session, owner: UUID, *, but: UUID | None = None) -> None:
    """End the sessions of an account, but for one."""
    living = update(LoginSession).where(
        LoginSession.owner == owner, LoginSession.ended_at.is_(None)
    )
    if but is not None:
        living = living.where(LoginSession.id != but)
    await session.execute(living.values(ended_at=clock.now()))


async def listed(
    session: ReadSession, owner: UUID, *, before: UUID | None, limit: int
) -> list[LoginSession]:
    """The living sessions of an account, newest first."""
    query = select(LoginSession).where(
        LoginSession.owner == owner,
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > clock.now(),
    )
    if before is not None:
        query = query.where(LoginSession.id < before)
    return list(await session.scalars(query.order_by(LoginSession.id.desc()).limit(limit)))


async def forget_old(session: Session) -> None:
    """Delete the sessions that ended or expired a day ago, with their tokens."""
    before = clock.now() - timedelta(days=1)
    old = select(LoginSession.id).where(
        (LoginSession.ended_at < before) | (LoginSession.expires_at < before)
    )
    await session.execute(delete(RefreshToken).where(RefreshToken.session.in_(old)))
    await session.execute(delete(LoginSession).where(LoginSession.id.in_(old)))


def of(principal: Principal) -> UUID | None:
    """The session whose access token is used; None for an API key."""
    credential = principal.credential
    if not credential.startswith(SESSION_PREFIX):
        return None
    return UUID(credential.removeprefix(SESSION_PREFIX))


def current(principal: Principal) -> UUID:
    """The same. Raises `BadRequest` for an API key."""
    session = of(principal)
    if session is None:
        raise BadRequest("An API key has no session; send an access token.")
    return session


def view(codec: Codec, row: LoginSession, principal: Principal) -> SessionView:
    """A session as its holder sees it."""
    return SessionView(
        id=row.id,
        is_current=row.id == of(principal),
        device=codec.open(row.device, _at("device", row.id)) if row.device else None,
        address=codec.open(row.address, _at("address", row.id)) if row.address else None,
        created_at=row.created_at.isoformat(),
        used_at=row.used_at.isoformat(),
        expires_at=row.expires_at.isoformat(),
    )


def _at(column: str, session: UUID) -> bytes:
    return place("platform.sessions", column, session)
