"""The key of the blind indexes: one for the life of a deployment, whatever seals its values.

Made once from the first encryption key and kept sealed in the database, so that digests stay
what they are when keys are rotated, and nothing must be re-indexed (docs/adr/004).
"""

from typing import Final

import asyncpg
from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import Codec, SealBroken, place, sealed
from forthwith.platform.db import Base, Database
from forthwith.platform.errors import Unavailable

_ONLY: Final = 1
_AT: Final = place("platform.index_keys", "key", _ONLY)


class IndexKey(Base, kw_only=True):
    """The one index key."""

    __tablename__ = "index_keys"
    __table_args__ = ({"schema": "platform"},)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[bytes] = mapped_column(info=sealed("id"))


async def adopt(db: Database, codec: Codec) -> None:
    """Give the codec this deployment's index key, which the first process makes.

    Raises `Unavailable` when the database is not migrated, or sealed with another key: better
    at the start than at the first row that does not open.
    """
    try:
        await db.execute(
            "insert into platform.index_keys (id, key) values ($1, $2) on conflict do nothing",
            *(_ONLY, codec.seal_bytes(codec.index_key, _AT)),
        )
        row = await db.fetchrow("select key from platform.index_keys where id = $1", _ONLY)
    except asyncpg.UndefinedTableError:
        raise Unavailable("The database is not migrated; run: forthwith migrate") from None
    if row is None:
        raise Unavailable("The index key was deleted meanwhile; start again.")
    try:
        codec.index_key = codec.open_bytes(row["key"], _AT)
    except SealBroken:
        raise Unavailable(
            "This database was sealed with a key that ENCRYPTION_KEY does not name; "
            "add that key at its end."
        ) from None
