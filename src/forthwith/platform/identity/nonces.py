"""Nonces that were signed, each once: in Redis where there is one, else in an unlogged table.

Either may forget when its server crashes; a request signed within the last five minutes could
then be repeated once. While neither answers, signed requests are refused: a replay guard that
guesses is none.
"""

from typing import Final, Protocol
from uuid import UUID

from forthwith.platform.db import FAILURES, Database
from forthwith.platform.errors import Unavailable
from forthwith.platform.identity.signing import SKEW_SECONDS

KEPT_SECONDS: Final = 2 * SKEW_SECONDS + 60
"""A timestamp may be five minutes ahead, and is then good for ten."""

_TAKE: Final = """
insert into platform.nonces as n (key, nonce, expires_at)
values ($1, $2, now() + $3::float8 * interval '1 second')
on conflict (key, nonce) do update set expires_at = excluded.expires_at
where n.expires_at < now()
returning 1
"""


class Nonces(Protocol):
    """Where nonces are remembered."""

    async def take(self, key: UUID, nonce: str) -> bool:
        """Whether this is the first time that the key signs this nonce.

        Raises `Unavailable` while that cannot be known.
        """


class DatabaseNonces:
    """Nonces in `platform.nonces`; housekeeping deletes the old ones."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, key: UUID, nonce: str) -> bool:
        """Whether it is the first time. Raises `Unavailable`."""
        try:
            row = await self._db.fetchrow(_TAKE, key, nonce, float(KEPT_SECONDS))
        except FAILURES:
            raise Unavailable("The database is away; sign again shortly.", retry_after=2) from None
        return row is not None
