"""A value that memory does not have: looked for in shared tiers, else loaded by one process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from forthwith.platform import clock, logging
from forthwith.platform.errors import Refused, TooMany, Unavailable, UpstreamError
from forthwith.platform.upstream.cache.copies import Copies, Watch
from forthwith.platform.upstream.cache.provenance import COALESCED, found_in
from forthwith.platform.upstream.cache.shared import SharedTiers
from forthwith.platform.upstream.cache.spaces import Space
from forthwith.platform.upstream.cache.tallies import (
    loads,
    renewed,
    stale_served,
    unreadable,
)
from forthwith.platform.upstream.cache.tiers import LONGEST_FENCED_SECONDS
from forthwith.platform.upstream.cache.values import Entry, Envelope, in_envelope
from forthwith.platform.upstream.flights import Flight, FlightsAway, coalesced

log = logging.get(__name__)

RETRY_SECONDS: Final = 1.0
"""After a failed load the old value is served for this long before the next one."""

_OUTAGES: Final = (UpstreamError, Unavailable, TooMany, OSError, TimeoutError)

Load = Callable[[], Awaitable[Any]]


@dataclass(slots=True)
class Request:
    """One wanted value. `known` is an old copy, `newer_than` the making of one to be renewed."""

    space: Space
    key: str
    full: str
    tags: tuple[str, ...]
    load: Load
    known: Entry | None
    newer_than: float = 0.0


class Loading:
    """Obtains values for memory."""

    def __init__(self, copies: Copies, shared: SharedTiers) -> None:
        self._copies = copies
        self._shared = shared

    async def run(self, request: Request) -> Entry:
        """The entry, from a shared tier or loaded; the old one when the load meets an outage."""
        with self._copies.watching((request.full,)) as watch:
            attempt = _Attempt(self._copies, self._shared, request, watch)
            try:
                return await attempt.obtain()
            except _OUTAGES as error:
                return self._old_or_raise(request, attempt.old, watch, error)

    async def renew(self, request: Request) -> Entry:
        """The same for a value that is still served meanwhile: its failure disturbs nobody."""
        renewed.labels(request.space.policy.namespace).inc()
        try:
            return await self.run(request)
        except Exception as error:
            if request.known is None:
                raise
            log.warning(
                "cache_renewal_failed",
                kind=request.space.policy.namespace,
                error=type(error).__name__,
            )
            request.known.refresh_at = clock.monotonic() + RETRY_SECONDS
            return request.known

    def _old_or_raise(
        self, request: Request, old: Entry | None, watch: Watch, error: Exception
    ) -> Entry:
        now = clock.monotonic()
        if old is None or now >= old.kept_until or watch.is_stale or isinstance(error, Refused):
            raise error
        stale_served.labels(request.space.policy.namespace).inc()
        old.refresh_at = now + RETRY_SECONDS
        old.local_until = old.expires_at = min(now + RETRY_SECONDS, old.kept_until)
        self._copies.fill(request.full, old, watch)
        return old


class _Attempt:
    """One try to obtain a value; `old` is the best copy that is no longer right."""

    def __init__(self, copies: Copies, shared: SharedTiers, request: Request, watch: Watch) -> None:
        self._copies = copies
        self._shared = shared
        self._request = request
        self._watch = watch
        self._seen: dict[str, int] = {}
        self._read_at = 0
        self.old = request.known

    async def obtain(self) -> Entry:
        """From a shared tier, by waiting for another process, or by the load itself."""
        found = await self._look()
        if found is not None:
            return found
        tier = self._shared.coalescing(self._request.space)
        flights = tier.flights if tier is not None else None
        if tier is None or flights is None:
            return await self._call(None)
        try:
            entry = await coalesced(flights, self._request.key, self._look, self._call)
        except FlightsAway as error:
            tier.note_failure(error)
            return await self._call(None)
        found_in(COALESCED)
        return entry

    async def _look(self) -> Entry | None:
        """A shared value that will do; an older one is remembered for the worst case."""
        request = self._request
        self._read_at = self._copies.invalidations
        kept = await self._shared.look(request.space, [request.key])
        self._seen = kept.seen
        entry = readable(request.space, kept.envelopes.get(request.key), self._read_at)
        if entry is None:
            return None
        if entry.made_at > request.newer_than and clock.monotonic() < entry.expires_at:
            self._copies.fill(request.full, entry, self._watch)
            return entry
        if self.old is None or entry.made_at > self.old.made_at:
            self.old = entry
        return None

    async def _call(self, flight: Flight | None) -> Entry:
        """Load, fill memory, and keep the answer in the shared tiers before anybody has it."""
        request, space = self._request, self._request.space
        loads.labels(space.policy.namespace).inc()
        started = clock.monotonic()
        value = await request.load()
        cost = clock.monotonic() - started
        envelope = in_envelope(space.policy, value, cost, request.tags)
        entry = space.entry(envelope, self._read_at)
        if space.policy.keeps(value):
            self._copies.fill(request.full, entry, self._watch)
            if cost < LONGEST_FENCED_SECONDS:
                await self._shared.keep(space, request.key, envelope, self._seen, flight)
        return entry


def readable(space: Space, envelope: Envelope | None, read_at: int) -> Entry | None:
    """An envelope as an entry, unless its body has another form than this process expects."""
    if envelope is None:
        return None
    try:
        return space.entry(envelope, read_at)
    except msgspec.DecodeError:
        unreadable.labels(space.policy.namespace).inc()
        return None
