"""What requests leave behind, where all processes of a fleet see it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forthwith.platform.db import Database
from forthwith.platform.identity.nonces import DatabaseNonces, Nonces

if TYPE_CHECKING:
    from forthwith.platform.upstream.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class RequestRecords:
    """The nonces of signed requests."""

    nonces: Nonces


def open_records(db: Database, redis: "RedisLink | None") -> RequestRecords:
    """Records in Redis where there is one, else in the database."""
    if redis is None:
        return RequestRecords(DatabaseNonces(db))
    from forthwith.platform.identity import redis_nonces  # noqa: PLC0415 - its module says why

    return RequestRecords(redis_nonces.RedisNonces(redis))
