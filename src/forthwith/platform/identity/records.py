"""What requests leave behind, where all processes that answer them see it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.identity.nonces import DatabaseNonces, Nonces
from forthwith.platform.identity.shared_counts import DatabaseStore, SharedCounts
from forthwith.platform.identity.windows import RequestCounts

if TYPE_CHECKING:
    from forthwith.platform.upstream.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class RequestRecords:
    """The nonces of signed requests, and how many requests there were."""

    nonces: Nonces
    counts: RequestCounts


def open_records(db: Database, codec: Codec, redis: "RedisLink | None") -> RequestRecords:
    """Records in Redis where there is one, else in the database.

    Also where the database is an embedded one: `serve` may be started beside `up`.
    """
    if redis is not None:
        from forthwith.platform.identity import redis_counts, redis_nonces  # noqa: PLC0415 - heavy

        counts = SharedCounts(redis_counts.RedisStore(redis), codec)
        return RequestRecords(redis_nonces.RedisNonces(redis), counts)
    return RequestRecords(DatabaseNonces(db), SharedCounts(DatabaseStore(db), codec))
