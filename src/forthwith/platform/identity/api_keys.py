"""What is done with API keys: made, listed, rotated, revoked."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from forthwith.platform import audit, clock, http, ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Conflict, Fault, Forbidden, NotFound, Unprocessable
from forthwith.platform.identity.keys import (
    ALL_SCOPES,
    digest,
    make_secret,
    make_signing_secret,
    signing_place,
)
from forthwith.platform.identity.models import Account, ApiKey

ACTIVE: Final = "active"
MOST_IN_FORCE: Final = 100
"""Keys of one account that are in force at once."""


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secrets; `state` is active, expired or revoked, times are ISO 8601."""

    id: UUID
    owner: UUID
    name: str
    scopes: list[str]
    state: str
    requests_per_minute: int | None
    can_sign: bool
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class NewKey(KeyView, frozen=True, kw_only=True):
    """A key as it is shown once, with both of its secrets."""

    key: str
    signing_secret: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a new key shall be."""

    name: str
    scopes: Sequence[str]
    expires_at: datetime | None = None
    requests_per_minute: int | None = None


def check_scopes(wanted: Sequence[str], allowed: Collection[str]) -> None:
    """Make sure that a key with `allowed` scopes may make one with the `wanted` ones.

    Raises `Unprocessable` for a scope that no route asks for, `Forbidden` for one that is not
    allowed: a key cannot make another that may do more than itself.
    """
    known = http.scopes()
    faults = [
        Fault(f"#/scopes/{at}", f"there is no scope {scope!r}")
        for at, scope in enumerate(wanted)
        if scope not in known and scope != ALL_SCOPES
    ]
    if faults:
        names = ", ".join(sorted(known))
        raise Unprocessable(f"Scopes are {ALL_SCOPES} for all, or of: {names}.", faults=faults)
    beyond = set(wanted) - set(allowed)
    if beyond and ALL_SCOPES not in allowed:
        names = ", ".join(sorted(beyond))
        raise Forbidden(f"Your credential does not carry {names}, so its keys cannot either.")


class Draft(msgspec.Struct, frozen=True):
    """A key that is not kept yet, so that its answer can be written together with it."""

    id: UUID
    owner: UUID
    wish: Wish
    key: str
    signing_secret: str
    made_at: datetime

    def shown(self) -> NewKey:
        """What its holder is shown, once."""
        return NewKey(
            id=self.id,
            owner=self.owner,
            name=self.wish.name,
            scopes=list(self.wish.scopes),
            state="active",
            requests_per_minute=self.wish.requests_per_minute,
            can_sign=True,
            created_at=self.made_at.isoformat(),
            expires_at=_iso(self.wish.expires_at),
            revoked_at=None,
            key=self.key,
            signing_secret=self.signing_secret,
        )


def draft(owner: UUID, wish: Wish) -> Draft:
    """A new key with both of its secrets."""
    return Draft(ids.new(), owner, wish, make_secret(), make_signing_secret(), clock.now())


async def create(session: Session, codec: Codec, new: Draft) -> None:
    """Keep a new key. Raises `Conflict` when the account has too many."""
    await _ensure_room(session, new.owner)
    secret = codec.seal_bytes(new.signing_secret.encode(), signing_place(new.id))
    row = ApiKey(
        id=new.id,
        owner=new.owner,
        name=new.wish.name,
        digest=digest(new.key),
        scopes=list(new.wish.scopes),
        expires_at=new.wish.expires_at,
        requests_per_minute=new.wish.requests_per_minute,
        signing_secret=secret,
    )
    session.add(row)
    await _record(session, codec, "api_key.created", row)


async def successor(session: ReadSession, owner: UUID | None, key: UUID) -> Draft:
    """A new key like this one, which lives as long as it was made to live.

    Raises `NotFound`, and `Conflict` when the key is not in force.
    """
    old = await _find(session, owner, key)
    now = clock.now()
    if _state(old, now) != ACTIVE:
        raise Conflict("This key is not in force any more; make a new one.")
    wish = Wish(
        name=old.name,
        scopes=old.scopes,
        expires_at=old.expires_at and now + (old.expires_at - old.created_at),
        requests_per_minute=old.requests_per_minute,
    )
    return draft(old.owner, wish)


async def rotate(
    session: Session, codec: Codec, key: UUID, new: Draft, *, overlap: timedelta
) -> None:
    """Keep the successor of a key, which then works for `overlap` longer at the most.

    Raises `Conflict` for a key that was rotated already: it ends, so the life it was made with is
    not known any more.
    """
    old = await _find(session, new.owner, key, locked=True)
    if old.successor is not None:
        raise Conflict(
            f"This key was rotated already; its successor is {old.successor}."
            " Rotate that one, or make a new key."
        )
    old.successor = new.id
    ends = clock.now() + overlap
    old.expires_at = ends if old.expires_at is None else min(old.expires_at, ends)
    await _record(session, codec, "api_key.rotated", old)
    await create(session, codec, new)


async def revoke(session: Session, codec: Codec, owner: UUID | None, key: UUID) -> KeyView:
    """End a key at once (owner None: anybody's, for the command line). Raises `NotFound`."""
    row = await _find(session, owner, key, locked=True)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        await _record(session, codec, "api_key.revoked", row)
    return view(row)


async def listed(
    session: ReadSession, owner: UUID | None, *, before: UUID | None, limit: int
) -> list[ApiKey]:
    """Keys of an account (None: of all), newest first."""
    query = _of(owner).order_by(ApiKey.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ApiKey.id < before)
    return list(await session.scalars(query))


def view(row: ApiKey) -> KeyView:
    """A key as it is shown later."""
    return KeyView(
        id=row.id,
        owner=row.owner,
        name=row.name,
        scopes=row.scopes,
        state=_state(row, clock.now()),
        requests_per_minute=row.requests_per_minute,
        can_sign=row.signing_secret is not None,
        created_at=row.created_at.isoformat(),
        expires_at=_iso(row.expires_at),
        revoked_at=_iso(row.revoked_at),
    )


def _of(owner: UUID | None) -> Select[ApiKey]:
    query = select(ApiKey)
    return query if owner is None else query.where(ApiKey.owner == owner)


async def _find(
    session: ReadSession, owner: UUID | None, key: UUID, *, locked: bool = False
) -> ApiKey:
    query = _of(owner).where(ApiKey.id == key)
    row = await session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise NotFound("There is no such API key.")
    return row


async def _ensure_room(session: Session, owner: UUID) -> None:
    await session.execute(select(Account.id).where(Account.id == owner).with_for_update())
    rows = await session.scalars(_of(owner).where(ApiKey.revoked_at.is_(None)))
    now = clock.now()
    if sum(_state(row, now) == ACTIVE for row in rows) >= MOST_IN_FORCE:
        raise Conflict(f"An account has {MOST_IN_FORCE} keys in force at most; revoke one first.")


def _state(row: ApiKey, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else ACTIVE


async def _record(session: Session, codec: Codec, action: str, row: ApiKey) -> None:
    data = {"name": row.name, "scopes": row.scopes}
    await audit.record(
        session, codec, action, owner=row.owner, subject=f"api-key:{row.id}", data=data
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
