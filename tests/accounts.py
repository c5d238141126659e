"""Further accounts: who else may knock at the same server."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from forthwith.platform import ids
from forthwith.platform.db import Database
from forthwith.platform.identity import Account, ApiKey
from forthwith.platform.identity.keys import add_key, digest

STRANGERS_KEY = "fw_test-key-of-somebody-else"


async def add_account(db: Database, secret: str = STRANGERS_KEY, *scopes: str) -> UUID:
    """Make an account with one API key of these scopes (none named: all); its id."""
    owner = ids.new()
    async with db.transaction() as session:
        session.add(Account(id=owner, role="member"))
        await add_key(session, owner, "a key", secret, list(scopes) or ["*"])
    return owner


async def end_key(
    db: Database,
    secret: str,
    *,
    expires_at: datetime | None = None,
    revoked_at: datetime | None = None,
) -> None:
    """Let a key expire, or revoke it."""
    ended = {"expires_at": expires_at, "revoked_at": revoked_at}
    async with db.transaction() as session:
        await session.execute(update(ApiKey).where(ApiKey.digest == digest(secret)).values(ended))
