"""Making and checking API keys."""

import hashlib
import secrets
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
select id, owner, scopes from platform.api_keys
where digest = $1 and revoked_at is null and (expires_at is null or expires_at > now())
"""


def make_secret() -> str:
    """A new key as it is shown once: `fw_` and 43 characters."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def digest(secret: str) -> bytes:
    """What is kept of a key. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


async def find_principal(db: Database, secret: str) -> Principal | None:
    """Who holds this key, or None when it is unknown, expired or revoked."""
    if not 0 < len(secret) <= _LONGEST:
        return None
    row = await db.fetchrow(_FIND, digest(secret))
    if row is None:
        return None
    return Principal(row["owner"], f"api-key:{row['id']}", frozenset(row["scopes"]))


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
