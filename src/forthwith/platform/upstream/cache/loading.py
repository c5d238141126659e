"""A value that memory does not have: looked for in shared tiers, else loaded by one process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
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
    """One wanted value, and what was learnt on the way to it.

    `known` is a copy in memory that is no longer right, `newer_than` the making of one that is
    still served while it is renewed.
    """

    space: Space
    key: str
    full: str
    tags: tuple[str, ...]
    load: Load
    known: Entry | None
    newer_than: float = 0.0
    has_looked: bool = False
    old: Entry | None = None
    """A shared value that is no longer right."""
    seen: dict[str, int] = field(default_factory=dict)
    read_at: int = 0
    value: Any = None
    """The answer decoded once already, for whoever made this request; None where it was not."""


class Loading:
    """Obtains values for memory."""

    def __init__(self, copies: Copies, shared: SharedTiers) -> None:
        self._copies = copies
        self._shared = shared

    async def look(self, request: Request) -> Entry | None:
        """The entry, where a shared tier has the value."""
        request.has_looked = True
        with self._copies.watching((request.full,)) as watch:
            return await self._look(request, watch)

    async def run(self, request: Request) -> Entry:
        """The entry, from a shared tier or loaded; the old one when the load meets an outage."""
        with self._copies.watching((request.full,)) as watch:
            try:
                return await self._obtain(request, watch)
            except _OUTAGES as error:
                return self._old_or_raise(request, watch, error)

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

    async def _obtain(self, request: Request, watch: Watch) -> Entry:
        """From a shared tier, by waiting for another process, or by the load itself."""
        if not request.has_looked:
            found = await self._look(request, watch)
            if found is not None:
                return found
        tier = self._shared.coalescing(request.space)
        flights = tier.flights if tier is not None else None
        if tier is None or flights is None:
            return await self._call(request, watch, None)
        look = partial(self._look, request, watch)
        try:
            entry = await coalesced(flights, request.key, look, partial(self._call, request, watch))
        except FlightsAway as error:
            tier.note_failure(error)
            return await self._call(request, watch, None)
        found_in(COALESCED)
        return entry

    async def _look(self, request: Request, watch: Watch) -> Entry | None:
        """A shared value that will do; an older one is remembered for the worst case."""
        request.read_at = self._copies.invalidations
        kept = await self._shared.look(request.space, [request.key])
        request.seen = kept.seen
        found = readable(request.space, kept.envelopes.get(request.key), request.read_at)
        if found is None:
            return None
        entry, value = found
        if entry.made_at > request.newer_than and clock.monotonic() < entry.expires_at:
            self._copies.fill(request.full, entry, watch)
            request.value = value
            return entry
        if request.old is None or entry.made_at > request.old.made_at:
            request.old = entry
        return None

    async def _call(self, request: Request, watch: Watch, flight: Flight | None) -> Entry:
        """Load, fill memory, and keep the answer in the shared tiers before anybody has it."""
        space = request.space
        loads.labels(space.policy.namespace).inc()
        started = clock.monotonic()
        answer = await request.load()
        cost = clock.monotonic() - started
        envelope = in_envelope(space.policy, answer, cost, request.tags)
        entry, value = space.entry(envelope, request.read_at)
        if space.policy.keeps(answer):
            self._copies.fill(request.full, entry, watch)
            if cost < LONGEST_FENCED_SECONDS:
                await self._shared.keep(space, request.key, envelope, request.seen, flight)
        request.value = value
        return entry

    def _old_or_raise(self, request: Request, watch: Watch, error: Exception) -> Entry:
        """The newest copy there is, where it may be served in an outage."""
        now, old = clock.monotonic(), _newer(request.known, request.old)
        if old is None or now >= old.kept_until or watch.is_stale or isinstance(error, Refused):
            raise error
        stale_served.labels(request.space.policy.namespace).inc()
        old.refresh_at = now + RETRY_SECONDS
        old.local_until = old.expires_at = min(now + RETRY_SECONDS, old.kept_until)
        self._copies.fill(request.full, old, watch)
        return old


def readable(space: Space, envelope: Envelope | None, read_at: int) -> tuple[Entry, Any] | None:
    """An entry and its value, unless the body has another form than this process expects."""
    if envelope is None:
        return None
    try:
        return space.entry(envelope, read_at)
    except msgspec.DecodeError:
        unreadable.labels(space.policy.namespace).inc()
        return None


def _newer(one: Entry | None, other: Entry | None) -> Entry | None:
    if one is None or other is None:
        return one or other
    return one if one.made_at >= other.made_at else other
