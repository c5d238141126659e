"""What the cache asks of a tier that several processes share."""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from forthwith.platform.upstream.flights import Flight, Flights

CHANNEL: Final = "forthwith_cache"
LONGEST_FENCED_SECONDS: Final = 3_600.0
"""A tier remembers invalidations for this long; what took longer to load is not shared."""


class Record(msgspec.Struct, frozen=True):
    """A value as a shared tier keeps it; `key` begins with the namespace and a colon."""

    key: str
    tags: tuple[str, ...]
    blob: bytes
    seconds: float
    """How long to keep it."""

    @property
    def namespace(self) -> str:
        """The kind of the value."""
        return self.key.partition(":")[0]


class Looked(msgspec.Struct, frozen=True):
    """What a look found, in the order asked, and the tier's count of changes at that time."""

    blobs: Sequence[bytes | None]
    seen: int


class Invalidation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong from now on; also the notice that tells the other processes."""

    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    origin: str = ""
    """The cache that already knows."""

    def notice(self, limit: int) -> str:
        """The text to tell; a long one becomes empty, which means everything."""
        text = msgspec.json.encode(self).decode()
        return text if len(text.encode()) <= limit else ""


class SharedTier(Protocol):
    """Encoded values by key, for all processes.

    A tier counts its changes. `look` tells the count; `store` keeps nothing that was changed or
    invalidated since, so that a load that began before cannot bring an old value back.
    """

    name: str
    failures: tuple[type[Exception], ...]
    """What it raises when it is away."""

    @property
    def flights(self) -> Flights | None:
        """Coalescing by the same store, or None."""

    async def look(self, keys: Sequence[str]) -> Looked:
        """Values of one namespace in one round trip; fails when that takes seconds."""

    async def store(self, records: Sequence[Record], seen: int) -> None:
        """Keep loaded values unless they were changed or invalidated since `seen`."""

    async def land(self, flight: Flight, record: Record, seen: int) -> None:
        """Store a loaded value and end its flight, both or neither."""

    async def replace(self, records: Sequence[Record], told: Invalidation) -> None:
        """Keep values that win over every earlier one, and tell the other processes."""

    async def forget(self, told: Invalidation) -> None:
        """Invalidate, and tell the other processes."""

    async def probe(self) -> None:
        """Raise one of `failures` unless it can be used."""
