"""API keys: made, found by what is sent, kept as digests only."""

import hashlib
import math
import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from forthwith.platform import ids
from forthwith.platform.context import Principal
from forthwith.platform.crypto import place
from forthwith.platform.db import Database, Session
from forthwith.platform.identity.models import Account, ApiKey

PREFIX: Final = "fw_"
SIGNING_PREFIX: Final = "fws_"
OPERATOR: Final = "operator"
ALL_SCOPES: Final = "*"
_SECRET_BYTES: Final = 32
_LONGEST: Final = 256  # characters; what is longer is no key and is not hashed
_FIRST_LOCK: Final = 0x4F706572  # "Oper": one process at a time makes the first operator

_FIND: Final = """
select k.id, k.owner, k.scopes, k.requests_per_minute, k.signing_secret,
  coalesce(a.role, 'member') as role, coalesce(a.plan, 'basic') as plan,
  extract(epoch from k.expires_at - now())::float8 as seconds_left
from platform.api_keys k left join platform.accounts a on a.id = k.owner
where k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
"""
_BY_DIGEST: Final = _FIND + "and k.digest = $1"
_BY_ID: Final = _FIND + "and k.id = $1"


@dataclass(frozen=True, slots=True)
class Found:
    """A key in force: who holds it, the seconds it has left, its signing secret (sealed)."""

    id: UUID
    principal: Principal
    seconds_left: float
    signing_secret: bytes | None


def make_secret() -> str:
    """A new key as it is shown once: `fw_` and 43 characters."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def make_signing_secret() -> str:
    """A new secret for signing requests: `fws_` and 43 characters."""
    return SIGNING_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def signing_place(key: UUID) -> bytes:
    """Where the signing secret of a key is bound to."""
    return place("platform.api_keys", "signing_secret", key)


def digest(secret: str) -> bytes:
    """What is kept of a key. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def is_possible(secret: str) -> bool:
    """Whether a text may be a key at all."""
    return 0 < len(secret) <= _LONGEST


async def find_principal(db: Database, secret: str) -> Principal | None:
    """Who holds this key, or None when it is unknown, expired or revoked."""
    found = await find_by_digest(db, digest(secret)) if is_possible(secret) else None
    return None if found is None else found.principal


async def find_by_digest(db: Database, hashed: bytes) -> Found | None:
    """The key in force with this digest."""
    return _found(await db.fetchrow(_BY_DIGEST, hashed))


async def find_by_id(db: Database, key: UUID) -> Found | None:
    """The key in force with this id."""
    return _found(await db.fetchrow(_BY_ID, key))


def _found(row: asyncpg.Record | None) -> Found | None:
    if row is None:
        return None
    principal = Principal(
        row["owner"],
        f"api-key:{row['id']}",
        frozenset(row["scopes"]),
        role=row["role"],
        plan=row["plan"],
        requests_per_minute=row["requests_per_minute"],
    )
    left = row["seconds_left"]
    return Found(row["id"], principal, math.inf if left is None else left, row["signing_secret"])


async def add_key(
    session: Session, owner: UUID, name: str, secret: str, scopes: list[str], **columns: Any
) -> None:
    """Keep a key of an account; a key that exists already stays as it is."""
    row = {
        "id": ids.new(),
        "owner": owner,
        "name": name,
        "digest": digest(secret),
        "scopes": scopes,
        **columns,
    }
    await session.execute(insert(ApiKey).values(row).on_conflict_do_nothing())


async def ensure_operator(db: Database, configured: str | None) -> str | None:
    """Make the first operator, with the configured API key or a new one.

    Returns the new key, which is shown now or never; None when there is nothing to show.
    """
    async with db.transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_FIRST_LOCK)))
        owner = await session.scalar(select(Account.id).where(Account.role == OPERATOR).limit(1))
        first = owner is None
        if owner is None:
            owner = ids.new()
            session.add(Account(id=owner, role=OPERATOR))
        made = make_secret() if first and configured is None else None
        secret = configured or made
        if secret is not None:
            await add_key(session, owner, "first key", secret, [ALL_SCOPES])
    return made
