"""The face of the cache: memory first, then shared tiers, then one load for all who ask."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec
from forthwith.platform.upstream.cache.copies import Copies
from forthwith.platform.upstream.cache.loading import Loading, Request, readable
from forthwith.platform.upstream.cache.loads import Loads
from forthwith.platform.upstream.cache.memory import Memory
from forthwith.platform.upstream.cache.policy import DEFAULT_TTL_SECONDS, AnyPolicy, Policy
from forthwith.platform.upstream.cache.shared import SharedTiers
from forthwith.platform.upstream.cache.spaces import Space, owner_tag
from forthwith.platform.upstream.cache.tiers import CHANNEL, Invalidation, SharedTier
from forthwith.platform.upstream.cache.values import Entry, in_envelope
from forthwith.platform.upstream.flights import Listening

T = TypeVar("T")
D = TypeVar("D")

LOCAL_SECONDS: Final = 60.0
"""The longest that a copy in memory is believed where other processes may change the value."""


class Missing(Enum):
    """What `get` answers where nothing is kept, since None may be kept."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class Cache:
    """Values by policy and key.

    `tiers` are the shared ones, nearest first (Redis, then PostgreSQL); without them the cache
    is this process's memory. Without `codec` personal values stay in memory. `ttl_seconds` holds
    for kinds that have no TTL of their own.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        tiers: Sequence[SharedTier] = (),
        codec: Codec | None = None,
        local_seconds: float = LOCAL_SECONDS,
        ttl_seconds: float = DEFAULT_TTL_SECONDS,
    ) -> None:
        self._memory = memory
        self._codec = codec
        self._local_seconds = local_seconds if tiers else float("inf")
        self._ttl_seconds = ttl_seconds
        self._spaces: dict[str, Space] = {}
        self._common: dict[AnyPolicy, Space] = {}  # of kinds whose keys are no owner's
        self._copies = Copies(memory)
        self._shared = SharedTiers(tiers, self._spaces)
        self._loads = Loads()
        self._loading = Loading(self._copies, self._shared)
        self._origin = ids.new().hex

    async def open(self, listener: Listening) -> None:
        """Hear what other processes change, from now on."""
        await listener.listen(CHANNEL, self._on_notice, self._forget_copies)

    async def close(self) -> None:
        """Cancel loads that nobody waits for any more, and probes of tiers that are away."""
        await self._loads.close()
        await self._shared.close()

    async def get_or_load(
        self,
        key: str,
        load: Callable[[], Awaitable[T]],
        policy: Policy[T],
        *,
        tags: tuple[str, ...] = (),
        owner: UUID | None = None,
    ) -> T:
        """The kept value, or what `load` answers, called once for all who ask meanwhile.

        `key` has at most 200 characters. `owner` defaults to the one of the present run or
        request; it matters for personal kinds only. Raises what `load` raises.
        """
        try:  # each line of this block costs a tenth of a hit
            space = self._common[policy]
            entry = space.shelf[key]
            if clock.monotonic() < entry.served_until:
                entry.is_used = True
                space.tally.hits += 1
                value: T = entry.value
                return value
        except KeyError:
            space = self._space(policy)
        local_key = space.local_key(key, owner)
        kept = space.shelf.get(local_key)
        if (
            kept is not None
            and clock.monotonic() < kept.refresh_at
            and not self._copies.is_fenced(kept)
        ):
            kept.is_used = True
            space.tally.hits += 1
            value = space.opened(kept)
        else:
            request = self._request(space, local_key, load, space.tags(tags, owner))
            kept = await self._obtain(request)
            value = space.opened(kept) if request.value is None else request.value
        return value

    async def get(self, key: str, policy: Policy[T], *, owner: UUID | None = None) -> T | Missing:
        """The kept value, or MISSING."""
        found = await self.get_many([key], policy, owner=owner)
        return found.get(key, MISSING)

    async def get_many(
        self, keys: Iterable[str], policy: Policy[T], *, owner: UUID | None = None
    ) -> dict[str, T]:
        """The kept ones of these values; one round trip for what memory does not have."""
        space, now = self._space(policy), clock.monotonic()
        found: dict[str, T] = {}
        missing: dict[str, str] = {}
        for key in keys:
            local_key = space.local_key(key, owner)
            kept = space.shelf.get(local_key)
            if kept is not None and now < kept.local_until and not self._copies.is_fenced(kept):
                kept.is_used = True
                found[key] = space.opened(kept)
            else:
                missing[space.shared_key(local_key)] = key
        space.tally.hits += len(found)
        space.tally.misses += len(missing)
        if missing:
            values = await self._look(space, list(missing))
            found |= {missing[each]: value for each, value in values.items()}
        return found

    async def set(
        self,
        key: str,
        value: T,
        policy: Policy[T],
        *,
        tags: tuple[str, ...] = (),
        owner: UUID | None = None,
    ) -> None:
        """Keep a value, which wins over loads that began before."""
        await self.set_many({key: value}, policy, tags=tags, owner=owner)

    async def set_many(
        self,
        values: Mapping[str, T],
        policy: Policy[T],
        *,
        tags: tuple[str, ...] = (),
        owner: UUID | None = None,
    ) -> None:
        """Keep values in one round trip per shared tier."""
        space = self._space(policy)
        tags = space.tags(tags, owner)
        envelopes = {
            space.shared_key(space.local_key(key, owner)): in_envelope(
                space.policy, value, 0.0, tags
            )
            for key, value in values.items()
        }
        told = Invalidation(keys=tuple(envelopes), origin=self._origin)
        fulls = [space.full(key) for key in envelopes]
        with self._copies.watching(fulls) as watch:
            read_at = self._copies.invalidations
            await self._shared.replace(space, envelopes, told)
            for full, envelope in zip(fulls, envelopes.values(), strict=True):
                self._loads.detach(full)
                self._copies.forget_key(full, but=watch)
                entry, _ = space.entry(envelope, read_at)
                self._copies.fill(full, entry, watch)

    async def delete(self, key: str, policy: Policy[T], *, owner: UUID | None = None) -> None:
        """Forget a value, in every tier and process."""
        space = self._space(policy)
        shared_key = space.shared_key(space.local_key(key, owner))
        await self._forget(Invalidation(keys=(shared_key,), origin=self._origin))

    async def invalidate(
        self, *, tag: str | None = None, namespace: str | None = None, owner: UUID | None = None
    ) -> None:
        """Forget all values of a tag, of a namespace, or kept for an owner, everywhere."""
        tags = tuple(each for each in (tag, owner_tag(owner) if owner else None) if each)
        namespaces = (namespace,) if namespace else ()
        if not tags and not namespaces:
            raise ValueError("name a tag, a namespace or an owner to invalidate")
        await self._forget(Invalidation(tags=tags, namespaces=namespaces, origin=self._origin))

    def _space(self, policy: AnyPolicy) -> Space:
        space = self._spaces.get(policy.namespace)
        if space is None:
            space = Space(
                *(policy, self._memory, self._codec),
                local_seconds=self._local_seconds,
                ttl_seconds=self._ttl_seconds,
            )
            if not space.is_shareable:
                space.local_seconds = float("inf")
            self._spaces[policy.namespace] = space
        elif space.declared is not policy and not space.declared.is_same(policy):
            raise ValueError(f"namespace {policy.namespace} has two different policies")
        if space.declared is policy and not space.is_personal:
            self._common[policy] = space
        return space

    def _request(
        self, space: Space, key: str, load: Callable[[], Awaitable[Any]], tags: tuple[str, ...]
    ) -> Request:
        full = space.prefix + key
        known = self._copies.get(full)
        return Request(space, space.shared_key(key), full, tags, load, known)

    async def _obtain(self, request: Request) -> Entry:
        """Serve an old copy while it is renewed behind, or wait for the value."""
        space, known = request.space, request.known
        if known is not None and clock.monotonic() < known.local_until:
            space.tally.hits += 1
            request.newer_than = known.made_at
            self._loads.begin_behind(
                request.full, partial(self._loading.renew, request), request.tags
            )
            return known
        space.tally.misses += 1
        return await self._loads.join(
            request.full,
            partial(self._loading.look, request),
            partial(self._loading.run, request),
            kind=space.policy.namespace,
            tags=request.tags,
            finish_unwatched=space.policy.finish_unwatched,
        )

    async def _look(self, space: Space, keys: Sequence[str]) -> dict[str, Any]:
        """What the shared tiers have, also kept in memory from now on."""
        fulls = [space.full(key) for key in keys]
        values: dict[str, Any] = {}
        with self._copies.watching(fulls) as watch:
            read_at = self._copies.invalidations
            kept = await self._shared.look(space, keys)
            for key, full in zip(keys, fulls, strict=True):
                found = readable(space, kept.envelopes.get(key), read_at)
                if found is not None and clock.monotonic() < found[0].expires_at:
                    self._copies.fill(full, found[0], watch)
                    values[key] = found[1]
        return values

    async def _forget(self, told: Invalidation) -> None:
        try:
            await self._shared.forget(told)
        finally:
            self._apply(told)

    def _on_notice(self, payload: str) -> None:
        if not payload:
            self._forget_copies()
            return
        told = msgspec.json.decode(payload, type=Invalidation)
        if told.origin != self._origin:
            self._apply(told)

    def _apply(self, told: Invalidation) -> None:
        """Drop what is wrong, and let nobody join a load that began before."""
        for key in told.keys:
            space = self._spaces.get(key.partition(":")[0])
            if space is not None:
                self._loads.detach(space.full(key))
                self._copies.forget_key(space.full(key))
        for tag in told.tags:
            self._loads.detach_tagged(tag)
            self._copies.forget_tag(tag)
        for namespace in told.namespaces:
            if namespace in self._spaces:
                self._spaces[namespace].renew()

    def _forget_copies(self) -> None:
        """Notices may have been missed."""
        self._loads.detach_all()
        self._copies.forget_all()
