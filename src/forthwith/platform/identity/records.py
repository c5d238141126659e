"""What requests leave behind, where all processes that answer them see it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.identity.nonces import DatabaseNonces, Nonces
from forthwith.platform.identity.shared_counts import DatabaseStore, SharedCounts
from forthwith.platform.identity.windows import MemoryCounts, RequestCounts

if TYPE_CHECKING:
    from forthwith.platform.upstream.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class RequestRecords:
    """The nonces of signed requests, and how many requests there were."""

    nonces: Nonces
    counts: RequestCounts


def open_records(
    settings: PlatformSettings, db: Database, codec: Codec, redis: "RedisLink | None"
) -> RequestRecords:
    """Records in Redis where there is one, else in the database.

    One process on its own database counts requests in its memory.
    """
    if redis is not None:
        from forthwith.platform.identity import redis_counts, redis_nonces  # noqa: PLC0415 - heavy

        counts = SharedCounts(redis_counts.RedisStore(redis), codec)
        return RequestRecords(redis_nonces.RedisNonces(redis), counts)
    alone = settings.database.dsn is None and settings.server.workers == 1
    own = MemoryCounts() if alone else SharedCounts(DatabaseStore(db), codec)
    return RequestRecords(DatabaseNonces(db), own)
