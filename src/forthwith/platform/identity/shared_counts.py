"""Counting the requests of a fleet: each process leases a slice of the budget at a time.

A slice is a 64th of the limit, so most requests are counted in memory; a limit is never passed,
and what the other processes have leased and not used when it is met stays below 5 % of it with up
to four of them (N - 1 slices less one request each). While the shared counts are away, each
process counts for itself, which is counted too.
"""

import asyncio
import math
import sys
from dataclasses import dataclass, field
from typing import Final, Protocol

import asyncpg
from prometheus_client import Counter

from forthwith.platform import clock, logging
from forthwith.platform.crypto import Codec
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.identity.windows import (
    Limit,
    MemoryCounts,
    Standing,
    room,
    seconds_until_room,
)

log = logging.get(__name__)

SLICES: Final = 64
MOST: Final = 10_000  # leases of one limit in one process; a forgotten one costs its slice
_DIGEST_BYTES: Final = 16
_ANSWER_SECONDS: Final = 2.0
_RETRY_SECONDS: Final = 1.0
_LEAST_SECONDS: Final = 0.05  # between two questions after a refusal
_AWAY: Final = (*FAILURES, asyncpg.PostgresError)

stood_in = Counter("request_counts_stood_in_total", "Requests counted by one process alone.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A slice: how many requests, how many more there are, seconds until the period ends.

    Of none granted the seconds are until it is worth asking again.
    """

    granted: int
    rest: int
    seconds: float


class SharedStore(Protocol):
    """Where slices are taken from."""

    async def take(self, limit: Limit, subject: bytes, wanted: int) -> Taken:
        """Take as many requests, or fewer when there are no more."""


@dataclass(slots=True)
class _Lease:
    """The slice of one subject in this process."""

    left: int = 0
    rest: int = 0
    ends_at: float = 0.0
    refused_until: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hit(self, limit: Limit) -> Standing | None:
        """Count one request, or None when the store has to be asked."""
        now = clock.monotonic()
        if self.left > 0 and now < self.ends_at:
            self.left -= 1
            return Standing(limit, True, self.left + self.rest, self.ends_at - now)
        if now < self.refused_until:
            return Standing(limit, False, 0, self.refused_until - now)
        return None

    def renew(self, taken: Taken) -> None:
        now = clock.monotonic()
        self.left, self.rest = taken.granted, taken.rest
        if taken.granted:
            self.ends_at = now + taken.seconds
        else:
            self.refused_until = now + max(taken.seconds, _LEAST_SECONDS)


class SharedCounts:
    """Counts of a fleet over a store, with this process's own behind it."""

    def __init__(self, store: SharedStore, codec: Codec) -> None:
        self._store = store
        self._codec = codec
        self._own = MemoryCounts()
        self._leases: dict[str, dict[tuple[int, str], _Lease]] = {}
        self._away_until = 0.0
        self._is_away = False

    async def hit(self, limit: Limit, subject: str) -> Standing:
        """Count one request, mostly without asking anybody."""
        lease = self._lease(limit, subject)
        standing = lease.hit(limit)
        if standing is None:
            async with lease.asking:  # who waited here may find the slice that another took
                standing = lease.hit(limit) or await self._ask(lease, limit, subject)
        return standing

    def _lease(self, limit: Limit, subject: str) -> _Lease:
        """Leases are bounded by limit: a flood of addresses makes no account lose its slices."""
        leases = self._leases.setdefault(limit.name, {})
        key = (limit.requests, subject)
        lease = leases.get(key)
        if lease is None:
            if len(leases) >= MOST:
                del leases[next(iter(leases))]
            lease = leases[key] = _Lease()
        return lease

    async def _ask(self, lease: _Lease, limit: Limit, subject: str) -> Standing:
        if clock.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    taken = await self._store.take(
                        limit, self._digest(limit, subject), _slice(limit)
                    )
            except _away() as error:
                self._lost(error)
            else:
                self._found()
                lease.renew(taken)
                return lease.hit(limit) or Standing(limit, False, 0, taken.seconds)
        stood_in.inc()
        return await self._own.hit(limit, subject)

    def _digest(self, limit: Limit, subject: str) -> bytes:
        """What the store calls a subject: addresses are personal, and stand nowhere as text."""
        name = f"{limit.name}|{limit.requests}|{limit.seconds}|{subject}"
        return self._codec.blind_index(name, "request counts")[:_DIGEST_BYTES]

    def _lost(self, error: Exception) -> None:
        self._away_until = clock.monotonic() + _RETRY_SECONDS
        if not self._is_away:
            self._is_away = True
            log.warning("request_counts_away", error=type(error).__name__)

    def _found(self) -> None:
        if self._is_away:
            self._is_away = False
            log.info("request_counts_back")


def _slice(limit: Limit) -> int:
    return math.ceil(limit.requests / SLICES)


def _away() -> tuple[type[Exception], ...]:
    """What a store that is away raises; Redis's errors only where its client is loaded."""
    redis = sys.modules.get("redis.exceptions")
    return _AWAY if redis is None else (*_AWAY, redis.RedisError)


_TAKE: Final = """
with moment as (
  select extract(epoch from statement_timestamp())::float8 / $3::int as at
)
insert into platform.request_counts as c (subject, period, used, before, expires_at)
select $1, floor(at)::bigint, $2::int, 0, now() + 2 * $3::int * interval '1 second' from moment
on conflict (subject) do update set
  period = greatest(c.period, excluded.period),
  before = case when c.period >= excluded.period then c.before
    when c.period = excluded.period - 1 then c.used else 0 end,
  used = case when c.period >= excluded.period then c.used else 0 end + excluded.used,
  expires_at = excluded.expires_at
where floor(case when c.period >= excluded.period
      then c.used + c.before * (1 - ((select at from moment) - excluded.period))
    when c.period = excluded.period - 1
      then c.used * (1 - ((select at from moment) - excluded.period))
    else 0 end) + excluded.used <= $4::int
returning used, before, (select at from moment) - period as gone
"""
"""Two periods of a subject in one row, on the database's clock; no row when there is no room.

A statement that waited for the row may find a later period than its own: it counts there.
"""
_LOOK: Final = """
select used, before, gone from (
  select extract(epoch from statement_timestamp())::float8 / $2::int as at
) as moment, lateral (
  select case when c.period >= floor(at) then c.used else 0 end as used,
    case when c.period >= floor(at) then c.before
      when c.period = floor(at) - 1 then c.used else 0 end as before,
    at - floor(at) as gone
  from platform.request_counts c where c.subject = $1
) as counted
"""


class DatabaseStore:
    """Slices from `platform.request_counts`; housekeeping deletes what is over."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, limit: Limit, subject: bytes, wanted: int) -> Taken:
        """Take a slice, or one request where no slice is left."""
        for amount in dict.fromkeys((wanted, 1)):
            row = await self._db.fetchrow(_TAKE, subject, amount, limit.seconds, limit.requests)
            if row is not None:
                gone = min(max(row["gone"], 0.0), 1.0)
                rest = max(0, room(limit, row["used"], row["before"], gone))
                return Taken(amount, rest, (1.0 - gone) * limit.seconds)
        row = await self._db.fetchrow(_LOOK, subject, limit.seconds)
        if row is None:
            return Taken(0, 0, 0.0)
        return Taken(0, 0, seconds_until_room(limit, row["used"], row["before"], row["gone"]))
