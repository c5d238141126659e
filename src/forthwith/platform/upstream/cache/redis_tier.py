"""Redis as a shared tier: one round trip per look, one script per change, server time.

A value begins with the 16 digits of the change count at which it was read; a deletion leaves
only the digits behind. `f:` keys hold the count at which a tag or namespace was invalidated,
`t:` sets the keys of a tag, by expiry, so that invalidating a tag really deletes.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from redis.commands.core import AsyncScript

from forthwith.platform.upstream.cache.policy import MAX_TTL_SECONDS
from forthwith.platform.upstream.cache.redis_reads import RedisReads
from forthwith.platform.upstream.cache.tiers import (
    CHANNEL,
    LONGEST_FENCED_SECONDS,
    Invalidation,
    Looked,
    Record,
)
from forthwith.platform.upstream.flights import Flight
from forthwith.platform.upstream.flights.redis_flights import RELEASE_LUA, RedisFlights
from forthwith.platform.upstream.redis_link import REDIS_FAILURES, RedisLink

_DIGITS: Final = 16
_NOTICE_BYTES: Final = 64_000
_MEMBERS_PER_CALL: Final = 500  # keeps each script call below a millisecond or two
_FENCE_MS: Final = int(2 * LONGEST_FENCED_SECONDS * 1000)
_NAMESPACE_FENCE_MS: Final = int(MAX_TTL_SECONDS * 1000)  # also hides values, as long as any lives

_COMMON: Final = """
local prefix = ARGV[1]
local function server_ms()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function keep(version, record)
  local key, ms, tags = prefix .. 'v:' .. record[1], record[3], record[4]
  redis.call('SET', key, version .. ARGV[record[2]], 'PX', ms)
  for _, tag in ipairs(tags) do
    local members, now = prefix .. 't:' .. tag, server_ms()
    redis.call('ZREMRANGEBYSCORE', members, '-inf', now)
    redis.call('ZADD', members, now + ms, key)
    if redis.call('PTTL', members) < ms then redis.call('PEXPIRE', members, ms) end
  end
end
local function next_change()
  local time, clock = redis.call('TIME'), prefix .. 'changes'
  local change = time[1] * 1000000 + time[2]
  local last = tonumber(redis.call('GET', clock) or '0')
  if change <= last then change = last + 1 end
  local digits = string.format('%016.0f', change)
  redis.call('SET', clock, digits)
  return digits
end
"""

_STORE: Final = """
local seen = ARGV[3]
local function is_newer(key) return (redis.call('GETRANGE', key, 0, 15) or '') > seen end
local function may_keep(record)
  if is_newer(prefix .. 'v:' .. record[1]) or is_newer(prefix .. 'f:n:' .. record[5]) then
    return false
  end
  for _, tag in ipairs(record[4]) do
    if is_newer(prefix .. 'f:t:' .. tag) then return false end
  end
  return true
end
for _, record in ipairs(cmsgpack.unpack(ARGV[2])) do
  if may_keep(record) then keep(seen, record) end
end
"""

_REPLACE: Final = f"""
local change = next_change()
for _, record in ipairs(cmsgpack.unpack(ARGV[2])) do keep(change, record) end
redis.call('PUBLISH', '{CHANNEL}', ARGV[3])
"""

_FORGET: Final = f"""
local told, left = cmsgpack.unpack(ARGV[2]), 0
local change = next_change()
for _, key in ipairs(told[1]) do
  redis.call('SET', prefix .. 'v:' .. key, change, 'PX', {_FENCE_MS})
end
for _, tag in ipairs(told[2]) do
  redis.call('SET', prefix .. 'f:t:' .. tag, change, 'PX', {_FENCE_MS})
  local members = redis.call('ZPOPMIN', prefix .. 't:' .. tag, {_MEMBERS_PER_CALL})
  for i = 1, #members, 2 do redis.call('UNLINK', members[i]) end
  left = left + redis.call('ZCARD', prefix .. 't:' .. tag)
end
for _, namespace in ipairs(told[3]) do
  redis.call('SET', prefix .. 'f:n:' .. namespace, change, 'PX', {_NAMESPACE_FENCE_MS})
end
if left == 0 then redis.call('PUBLISH', '{CHANNEL}', ARGV[3]) end
return left
"""

_encode: Final = msgspec.msgpack.Encoder().encode


class RedisTier:
    """`SharedTier` in Redis. Needs a server of its own database, not a cluster."""

    name = "redis"
    failures: tuple[type[Exception], ...] = REDIS_FAILURES

    def __init__(self, link: RedisLink, *, flights: RedisFlights | None = None) -> None:
        self._link = link
        self.flights = flights
        self._reads = RedisReads(link)
        script = link.client.register_script
        self._store = script(_COMMON + _STORE)
        self._land = script(RELEASE_LUA + _COMMON + _STORE + "release(ARGV[4], ARGV[5])")
        self._replace = script(_COMMON + _REPLACE)
        self._forget = script(_COMMON + _FORGET)

    async def look(self, keys: Sequence[str]) -> Looked:
        """Values of one namespace in one round trip."""
        prefix = await self._prefix()
        namespace = keys[0].partition(":")[0]
        names = [f"{prefix}v:{key}" for key in keys]
        found = await self._reads.mget([*names, prefix + "changes", f"{prefix}f:n:{namespace}"])
        if prefix != await self._prefix():  # the server began a new life meanwhile
            return await self.look(keys)
        *values, changes, fence = found
        blobs = [_blob(value, fence or b"") for value in values]
        return Looked(blobs, int(changes or 0))

    async def store(self, records: Sequence[Record], seen: int) -> None:
        """Keep loaded values unless they were changed or invalidated since `seen`."""
        prefix = await self._prefix()
        await self._store(args=[prefix, *_packed(records, _digits(seen))])

    async def land(self, flight: Flight, record: Record, seen: int) -> None:
        """Store a loaded value and end its flight in one script."""
        prefix = await self._prefix()
        packed = _packed([record], _digits(seen), flight.key, flight.token.hex)
        await self._land(args=[prefix, *packed])

    async def replace(self, records: Sequence[Record], told: Invalidation) -> None:
        """Keep values that win over every earlier one, and tell the other processes."""
        await self._change(self._replace, _packed(records, told.notice(_NOTICE_BYTES)))

    async def forget(self, told: Invalidation) -> None:
        """Invalidate, and tell the other processes once everything is gone."""
        wrong: list[str | bytes] = [
            _encode((told.keys, told.tags, told.namespaces)),
            told.notice(_NOTICE_BYTES),
        ]
        while await self._change(self._forget, wrong):
            pass  # the sets of large tags are emptied bit by bit, others get their turn between

    async def probe(self) -> None:
        """Raise one of `failures` unless it can be used."""
        await self._link.client.ping()

    async def _prefix(self) -> str:
        return f"fw:{await self._link.life()}:"

    async def _change(self, script: AsyncScript, args: Sequence[str | bytes]) -> int:
        """Run a change in the server's present life, even if that began just now."""
        while True:
            prefix = await self._prefix()
            left = await script(args=[prefix, *args])
            if prefix == await self._prefix():
                return int(left or 0)


def _blob(value: bytes | None, oldest: bytes) -> bytes | None:
    """A value without its digits, unless it is a deletion or older than its namespace's fence."""
    if value is None or len(value) == _DIGITS or value[:_DIGITS] < oldest:
        return None
    return value[_DIGITS:]


def _digits(seen: int) -> str:
    return f"{seen:0{_DIGITS}d}"


def _packed(records: Sequence[Record], *others: str) -> list[str | bytes]:
    """Arguments after the prefix: what is to be kept, others, then the values themselves.

    Lua's msgpack cannot read bytes, so a record names the place of its value.
    """
    first = 3 + len(others)
    about = [
        (each.key, place, max(1, int(each.seconds * 1000)), each.tags, each.namespace)
        for place, each in enumerate(records, first)
    ]
    return [_encode(about), *others, *(each.blob for each in records)]
