"""Leases in Redis: one key each, waiters woken by pub/sub."""

import contextlib
from typing import Final

from forthwith.platform import ids
from forthwith.platform.upstream.flights.flight import (
    CHANNEL,
    Flight,
    FlightsAway,
    Listening,
    Waiting,
)
from forthwith.platform.upstream.flights.renewal import LEASE_SECONDS, Renewal
from forthwith.platform.upstream.redis_link import REDIS_FAILURES, RedisLink

RELEASE_LUA: Final = f"""
local function release(key, token)
  local lease = 'fw:flight:' .. key
  if redis.call('GET', lease) == token then
    redis.call('DEL', lease)
    redis.call('PUBLISH', '{CHANNEL}', key)
  end
end
"""
"""Only the holder's own lease: a late leader must not end the flight of the next one."""

_TAKE: Final = """
local lease = 'fw:flight:' .. ARGV[1]
if redis.call('SET', lease, ARGV[2], 'NX', 'PX', ARGV[3]) then return -1 end
return redis.call('PTTL', lease)
"""

_RENEW: Final = """
local held = {}
for i = 2, #ARGV, 2 do
  local lease = 'fw:flight:' .. ARGV[i]
  if redis.call('GET', lease) == ARGV[i + 1] then
    redis.call('PEXPIRE', lease, ARGV[1])
    held[#held + 1] = ARGV[i + 1]
  end
end
return held
"""


class RedisFlights:
    """`Flights` in Redis."""

    def __init__(self, link: RedisLink, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._waiting = Waiting()
        self.awaiting = self._waiting.awaiting
        self._lease_ms = int(lease_seconds * 1000)
        self._renewal = Renewal(self._renew, lease_seconds)
        self._take = link.client.register_script(_TAKE)
        self._drop = link.client.register_script(RELEASE_LUA + "release(ARGV[1], ARGV[2])")
        self._renew_held = link.client.register_script(_RENEW)

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
            left = await self._take(args=[key, flight.token.hex, self._lease_ms])
        except REDIS_FAILURES as error:
            raise FlightsAway from error
        if left == -1:
            self._renewal.add(flight)
            return flight
        return max(int(left), 0) / 1000

    async def drop(self, flight: Flight) -> None:
        """End a lease that is still its holder's, and wake those who wait."""
        self._renewal.discard(flight)
        with contextlib.suppress(*REDIS_FAILURES):  # it ends by itself
            await self._drop(args=[flight.key, flight.token.hex])

    def landed(self, flight: Flight) -> None:
        """Its lease was ended together with the storing of its answer."""
        self._renewal.discard(flight)

    async def _renew(self, held: list[Flight]) -> None:
        pairs = [part for flight in held for part in (flight.key, flight.token.hex)]
        with contextlib.suppress(*REDIS_FAILURES):
            await self._renew_held(args=[self._lease_ms, *pairs])
