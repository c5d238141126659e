"""The principals behind API keys, remembered for a minute, so that a request costs no query.

The database tells every process when a key or an account changes (triggers of migration 0009,
so that no way of changing a row is left out), and what was remembered of its owner is dropped.
While a process cannot hear that, it believes what it read for two seconds only.
"""

from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.identity.keys import digest, is_possible, read_principal

T = TypeVar("T")

CHANNEL: Final = "forthwith_identity"
KEPT_SECONDS: Final = 60.0
DEAF_SECONDS: Final = 2.0
"""How old an answer may be while no notice arrives; a deaf listener notices within 5 s."""
UNKNOWN_SECONDS: Final = 5.0
MOST: Final = 10_000  # keys, and as many wrong ones apart: a flood of them drops no good one


@dataclass(frozen=True, slots=True)
class _Remembered:
    principal: Principal
    read_at: float
    until: float


class KeyMemory:
    """Who holds a key: from memory, or from the database."""

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
        now = clock.monotonic()
        remembered = self._known.get(hashed)
        if remembered is not None and self._is_believed(remembered, now):
            return remembered.principal
        if self._unknown.get(hashed, 0.0) > now:
            return None
        return await self._read(hashed, now)

    def forget(self, owner: UUID) -> None:
        """Drop what is remembered of an owner's keys, and of all unknown ones."""
        self._changes += 1
        self._unknown.clear()
        for hashed in [key for key, each in self._known.items() if each.principal.owner == owner]:
            del self._known[hashed]

    def forget_all(self) -> None:
        """Drop everything: notices may have been missed."""
        self._changes += 1
        self._known.clear()
        self._unknown.clear()

    def _is_believed(self, remembered: _Remembered, now: float) -> bool:
        if now >= remembered.until:
            return False
        return self._listener.connected.is_set() or now - remembered.read_at < DEAF_SECONDS

    async def _read(self, hashed: bytes, now: float) -> Principal | None:
        changes = self._changes
        found = await read_principal(self._db, hashed)
        if changes != self._changes:  # what was read may be of before the change: it is not kept
            return None if found is None else found.principal
        if found is None:
            _keep(self._unknown, hashed, now + self._seconds_unknown())
            return None
        self._unknown.pop(hashed, None)
        seconds = min(KEPT_SECONDS, found.seconds_left)
        _keep(self._known, hashed, _Remembered(found.principal, now, now + seconds))
        return found.principal

    def _seconds_unknown(self) -> float:
        return UNKNOWN_SECONDS if self._listener.connected.is_set() else 0.0

    def _on_notice(self, payload: str) -> None:
        self.forget(UUID(payload))


def _keep(memory: dict[bytes, T], hashed: bytes, value: T) -> None:
    """Remember one more; the oldest goes when there are too many."""
    memory.pop(hashed, None)  # so that it becomes the newest
    if len(memory) >= MOST:
        del memory[next(iter(memory))]
    memory[hashed] = value
