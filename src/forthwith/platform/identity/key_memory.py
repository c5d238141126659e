"""The principals behind API keys, remembered for a minute, so that a request costs no query.

The database tells every process when a key or an account changes (triggers of migration 0009,
so that no way of changing a row is left out), and what was remembered of its owner is dropped.
While a process cannot hear that, it believes what it read for two seconds only.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.identity.keys import Found, digest, find_by_digest, find_by_id, is_possible

T = TypeVar("T")

CHANNEL: Final = "forthwith_identity"
KEPT_SECONDS: Final = 60.0
DEAF_SECONDS: Final = 2.0
"""How old an answer may be while no notice arrives; a deaf listener notices within 5 s."""
UNKNOWN_SECONDS: Final = 5.0
MOST: Final = 10_000  # keys, and as many wrong ones apart: a flood of them drops no good one


@dataclass(frozen=True, slots=True)
class _Remembered:
    found: Found
    read_at: float
    until: float


class KeyMemory:
    """Keys in force by their digest or id: from memory, or from the database."""

    def __init__(self, db: Database, listener: Listener) -> None:
        self._db = db
        self._listener = listener
        self._known: dict[bytes, _Remembered] = {}
        self._unknown: dict[bytes, float] = {}
        self._changes = 0

    async def open(self) -> None:
        """Begin to listen for changes."""
        await self._listener.listen(CHANNEL, self._on_notice, self.forget_all)

    async def find(self, secret: str) -> Principal | None:
        """Who holds this key, or None when it is unknown, expired or revoked.

        Raises what `Database` raises when it has to be asked and is away.
        """
        if not is_possible(secret):
            return None
        hashed = digest(secret)
        found = await self._find(hashed, lambda: find_by_digest(self._db, hashed))
        return None if found is None else found.principal

    async def find_by_id(self, key: UUID) -> Found | None:
        """The key in force with this id; its signing secret is still sealed. Raises as `find`."""
        return await self._find(key.bytes, lambda: find_by_id(self._db, key))

    def forget(self, owner: UUID) -> None:
        """Drop what is remembered of an owner's keys, and of all unknown ones."""
        self._changes += 1
        self._unknown.clear()
        mine = [at for at, each in self._known.items() if each.found.principal.owner == owner]
        for at in mine:
            del self._known[at]

    def forget_all(self) -> None:
        """Drop everything: notices may have been missed."""
        self._changes += 1
        self._known.clear()
        self._unknown.clear()

    async def _find(self, at: bytes, read: Callable[[], Awaitable[Found | None]]) -> Found | None:
        """What is remembered at a digest (32 bytes) or an id (16), or else read."""
        now = clock.monotonic()
        remembered = self._known.get(at)
        if remembered is not None and self._is_believed(remembered, now):
            return remembered.found
        if self._unknown.get(at, 0.0) > now and self._listener.connected.is_set():
            return None
        changes = self._changes
        found = await read()
        if changes == self._changes:  # else it may be of before the change, and is not kept
            self._keep(at, found, now)
        return found

    def _is_believed(self, remembered: _Remembered, now: float) -> bool:
        if now >= remembered.until:
            return False
        return self._listener.connected.is_set() or now - remembered.read_at < DEAF_SECONDS

    def _keep(self, at: bytes, found: Found | None, now: float) -> None:
        if found is None:
            _remember(self._unknown, at, now + UNKNOWN_SECONDS)
        else:
            until = now + min(KEPT_SECONDS, found.seconds_left)
            _remember(self._known, at, _Remembered(found, now, until))

    def _on_notice(self, payload: str) -> None:
        self.forget(UUID(payload))


def _remember(memory: dict[bytes, T], at: bytes, value: T) -> None:
    """Remember one more; the oldest goes when there are too many."""
    memory.pop(at, None)  # so that it becomes the newest
    if len(memory) >= MOST:
        del memory[next(iter(memory))]
    memory[at] = value
