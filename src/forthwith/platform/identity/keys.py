"""Making and checking API keys."""

import hashlib
import math
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from forthwith.platform import ids
from forthwith.platform.context import Principal
from forthwith.platform.db import Database, Session
from forthwith.platform.identity.models import Account, ApiKey

PREFIX: Final = "fw_"
OPERATOR: Final = "operator"
ALL_SCOPES: Final = "*"
_SECRET_BYTES: Final = 32
_LONGEST: Final = 256  # characters; what is longer is no key and is not hashed
_FIRST_LOCK: Final = 0x4F706572  # "Oper": one process at a time makes the first operator

_FIND: Final = """
select k.id, k.owner, k.scopes, coalesce(a.role, 'member') as role,
  extract(epoch from k.expires_at - now())::float8 as seconds_left
from platform.api_keys k left join platform.accounts a on a.id = k.owner
where k.digest = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Who holds a key, and the seconds until it expires (infinite without an end)."""

    principal: Principal
    seconds_left: float


def make_secret() -> str:
    """A new key as it is shown once: `fw_` and 43 characters."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def digest(secret: str) -> bytes:
    """What is kept of a key. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def is_possible(secret: str) -> bool:
    """Whether a text may be a key at all."""
    return 0 < len(secret) <= _LONGEST


async def find_principal(db: Database, secret: str) -> Principal | None:
    """Who holds this key, or None when it is unknown, expired or revoked."""
    found = await read_principal(db, digest(secret)) if is_possible(secret) else None
    return None if found is None else found.principal


async def read_principal(db: Database, hashed: bytes) -> Found | None:
    """The same by the key's digest, with the time it has left."""
    row = await db.fetchrow(_FIND, hashed)
    if row is None:
        return None
    left = row["seconds_left"]
    credential = f"api-key:{row['id']}"
    principal = Principal(row["owner"], credential, frozenset(row["scopes"]), role=row["role"])
    return Found(principal, math.inf if left is None else left)


async def add_key(session: Session, owner: UUID, name: str, secret: str, scopes: list[str]) -> None:
    """Keep a key of an account; a key that exists already stays as it is."""
    row = {
        "id": ids.new(),
        "owner": owner,
        "name": name,
        "digest": digest(secret),
        "scopes": scopes,
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
