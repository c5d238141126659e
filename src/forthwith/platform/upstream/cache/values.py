"""What memory holds of a value, what is sent to shared tiers, and what a value weighs."""

import enum
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from forthwith.platform import clock
from forthwith.platform.upstream.cache.policy import AnyPolicy

_ATOMS: Final = (
    *(type(None), bool, int, float, str, bytes, Decimal, UUID),
    *(datetime, date, time, timedelta, enum.Enum),
)
_ENTRY_BYTES: Final = 640  # an Entry, its numbers, its key, its places in memory (measured)

encode: Final = msgspec.msgpack.Encoder().encode


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """A value on its way through a shared tier. Moments are seconds since 1970.

    They are read with the clock of whichever machine takes the value; a fleet's clocks agree
    to well below a second (NTP), a TTL is far longer.
    """

    made_at: float
    expires_at: float
    kept_until: float
    """Until then it may be served when a load fails."""
    cost: float
    """Seconds that the load took."""
    tags: tuple[str, ...]
    body: bytes

    @property
    def seconds_left(self) -> float:
        """How long a tier still has to keep it."""
        return self.kept_until - clock.now().timestamp()


read_envelope: Final = msgspec.msgpack.Decoder(Envelope).decode


class Entry:
    """A value in memory. Moments are of the monotonic clock, `made_at` is since 1970.

    `Memory` says on which `shelf` and under which `key` it is; who serves it sets `is_used`.
    Until `served_until` the value is handed out without another look: never where there are
    tags, which may be fenced, or where it is decoded anew for each caller.
    """

    key: str
    shelf: "Shelf"

    __slots__ = (
        *("body", "expires_at", "is_used", "kept_until", "key", "local_until", "made_at"),
        *("read_at", "refresh_at", "served_until", "shelf", "tags", "value", "weight"),
    )

    def __init__(
        self, envelope: Envelope, policy: AnyPolicy, value: Any, *, local: float, read_at: int
    ) -> None:
        """Keep it for at most `local` seconds; `read_at` counts invalidations before the read."""
        now, age = clock.monotonic(), clock.now().timestamp()
        size = frozen_bytes(value)
        self.body = envelope.body if size is None else None
        self.value: Any = None if size is None else value
        self.weight = _ENTRY_BYTES + (sys.getsizeof(envelope.body) if size is None else size)
        self.is_used = False
        self.tags = envelope.tags
        self.made_at = envelope.made_at
        self.read_at = read_at
        self.expires_at = now + envelope.expires_at - age
        self.kept_until = now + envelope.kept_until - age
        self.local_until = min(self.expires_at, now + local)
        self.refresh_at = min(
            self.local_until, self.expires_at - policy.renewed_early_by(envelope.cost)
        )
        if policy.soft_ttl is not None:
            soft_at = now + envelope.made_at + policy.soft_ttl - age
            self.refresh_at = min(self.refresh_at, soft_at)
        self.served_until = 0.0 if self.tags or self.body is not None else self.refresh_at


Shelf: TypeAlias = dict[str, Entry]


def in_envelope(policy: AnyPolicy, value: Any, cost: float, tags: tuple[str, ...]) -> Envelope:
    """A value made now, encoded, with its lifetime drawn."""
    made_at = clock.now().timestamp()
    expires_at = made_at + policy.lifetime(value)
    body = bytes(memoryview(encode(value)))  # a copy: the encoder's buffer is up to half empty
    return Envelope(made_at, expires_at, expires_at + policy.stale_on_failure, cost, tags, body)


def frozen_bytes(value: Any) -> int | None:
    """Bytes of a deeply immutable value in memory, or None when a part of it can change."""
    if isinstance(value, _ATOMS):
        return sys.getsizeof(value)
    if isinstance(value, tuple | frozenset):
        return _sum(value, sys.getsizeof(value))
    if isinstance(value, msgspec.Struct) and value.__struct_config__.frozen:
        fields = (getattr(value, name) for name in value.__struct_fields__)
        return _sum(fields, sys.getsizeof(value))
    return None


def _sum(parts: Any, size: int) -> int | None:
    for part in parts:
        part_size = frozen_bytes(part)
        if part_size is None:
            return None
        size += part_size
    return size
