"""Leases in PostgreSQL: one row each, waiters woken by NOTIFY, no connection held."""

import contextlib
from datetime import timedelta
from typing import Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from forthwith.platform import ids
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.upstream.flights.flight import (
    CHANNEL,
    Flight,
    FlightsAway,
    Listening,
    Waiting,
)
from forthwith.platform.upstream.flights.renewal import LEASE_SECONDS, Renewal

_TAKE: Final = """
insert into platform.flights as f (key, holder, lease_until)
values ($1, $2, clock_timestamp() + $3::interval)
on conflict (key) do update set holder = excluded.holder, lease_until = excluded.lease_until
  where f.lease_until < clock_timestamp()
returning 1
"""

_AWAIT: Final = """
update platform.flights set is_awaited = true where key = $1
returning extract(epoch from lease_until - clock_timestamp())::float8 as seconds
"""
"""Whoever ends the flight afterwards tells of it; who has ended it before left no row."""

_RENEW: Final = """
update platform.flights set lease_until = clock_timestamp() + $2::interval
where holder = any($1::uuid[])
"""

RELEASING: Final = "delete from platform.flights where key = $1 and holder = $2"
"""Only the holder's own lease: a late leader must not end the flight of the next one."""

RELEASE: Final = f"{RELEASING} returning is_awaited"

PooledConnection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

_AWAY: Final = (*FAILURES, asyncpg.PostgresError)


class PostgresFlights:
    """`Flights` in PostgreSQL. The table is unlogged: a crash of the server ends all leases."""

    def __init__(self, db: Database, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._db = db
        self._waiting = Waiting()
        self.awaiting = self._waiting.awaiting
        self._lease = timedelta(seconds=lease_seconds)
        self._renewal = Renewal(self._renew, lease_seconds)

    async def open(self, listener: Listening) -> None:
        """Hear when flights end, from now on."""
        await listener.listen(CHANNEL, self._waiting.wake, self._waiting.wake_all)

    async def close(self) -> None:
        """Renew nothing any more."""
        await self._renewal.close()

    async def take(self, key: str) -> Flight | float:
        """The lease, or the seconds until its present holder loses it. Raises `FlightsAway`."""
        flight = Flight(key, ids.new())
        try:
            if await self._db.fetchrow(_TAKE, key, flight.token, self._lease):
                self._renewal.add(flight)
                return flight
            row = await self._db.fetchrow(_AWAIT, key)
        except _AWAY as error:
            raise FlightsAway from error
        return max(row["seconds"], 0.0) if row is not None else 0.0

    async def drop(self, flight: Flight) -> None:
        """End a lease that is still its holder's, and wake those who wait."""
        self._renewal.discard(flight)
        with contextlib.suppress(*_AWAY):  # it ends by itself
            gone = await self._db.fetchrow(RELEASE, flight.key, flight.token)
            if gone is not None and gone["is_awaited"]:
                self._db.tell(CHANNEL, flight.key)

    def landed(self, flight: Flight) -> None:
        """Its lease was ended together with the storing of its answer."""
        self._renewal.discard(flight)

    async def _renew(self, held: list[Flight]) -> None:
        with contextlib.suppress(*_AWAY):
            await self._db.execute(_RENEW, [flight.token for flight in held], self._lease)
