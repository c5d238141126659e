"""The shared tiers of one cache, nearest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from forthwith.platform.upstream.cache.guard import GuardedTier
from forthwith.platform.upstream.cache.provenance import found_in
from forthwith.platform.upstream.cache.spaces import Space
from forthwith.platform.upstream.cache.tiers import Invalidation, Record, SharedTier
from forthwith.platform.upstream.cache.values import Envelope
from forthwith.platform.upstream.flights import Flight


@dataclass(slots=True)
class Kept:
    """What a look found by shared key, and each answering tier's count of changes."""

    envelopes: dict[str, Envelope] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)


class SharedTiers:
    """Reads from the nearest that has it, writes to all that a policy allows."""

    def __init__(self, tiers: Sequence[SharedTier], spaces: dict[str, Space]) -> None:
        self._tiers = [GuardedTier(tier, lambda: list(spaces)) for tier in tiers]

    def of(self, space: Space) -> list[GuardedTier]:
        """The tiers that keep values of this kind: the nearest, and all for durable ones."""
        if not space.is_shareable:
            return []
        return self._tiers if space.policy.durable else self._tiers[:1]

    def coalescing(self, space: Space) -> GuardedTier | None:
        """The nearest tier with flights that is not away."""
        return next((tier for tier in self.of(space) if tier.flights is not None), None)

    async def look(self, space: Space, keys: Sequence[str]) -> Kept:
        """All that the tiers have of these keys, one round trip for each tier that is asked."""
        kept = Kept()
        passed: list[GuardedTier] = []
        missing = keys
        for tier in self.of(space):
            looked = await tier.look(missing)
            if looked is None:
                continue
            kept.seen[tier.name] = looked.seen
            found = _readable(space, missing, looked.blobs)
            space.tally.looked(tier.name, len(missing), len(found))
            if found:
                found_in(tier.name)
                kept.envelopes |= found
                await self._promote(space, found, passed, kept)
            missing = [key for key in missing if key not in found]
            if not missing:
                break
            passed.append(tier)
        return kept

    async def _promote(
        self, space: Space, found: dict[str, Envelope], passed: list[GuardedTier], kept: Kept
    ) -> None:
        """Bring what a farther tier had into the nearer ones that were asked in vain."""
        records = _records(space, found) if passed else []
        for tier in passed:
            await tier.store(records, kept.seen[tier.name])

    async def keep(
        self,
        space: Space,
        key: str,
        envelope: Envelope,
        seen: dict[str, int],
        flight: Flight | None,
    ) -> None:
        """Store a loaded value, farthest first; the nearest also ends the flight."""
        record = space.record(key, envelope)
        landing = self.coalescing(space) if flight is not None else None
        for tier in reversed(self.of(space)):
            if tier.name not in seen:
                continue  # it was away when the load began: what it missed is unknown
            if flight is not None and tier is landing:
                await tier.land(flight, record, seen[tier.name])
            else:
                await tier.store([record], seen[tier.name])

    async def replace(
        self, space: Space, envelopes: dict[str, Envelope], told: Invalidation
    ) -> None:
        """Keep values that win over every earlier one."""
        records = _records(space, envelopes)
        for tier in reversed(self.of(space)):
            await tier.replace(records, told)

    async def forget(self, told: Invalidation) -> None:
        """Invalidate in every tier; the nearest last, since it tells the other processes."""
        for tier in reversed(self._tiers):
            await tier.forget(told)

    async def close(self) -> None:
        """Stop probing tiers that are away."""
        for tier in self._tiers:
            await tier.close()


def _readable(
    space: Space, keys: Sequence[str], blobs: Sequence[bytes | None]
) -> dict[str, Envelope]:
    found = {
        key: space.envelope(key, blob)
        for key, blob in zip(keys, blobs, strict=True)
        if blob is not None
    }
    return {key: envelope for key, envelope in found.items() if envelope is not None}


def _records(space: Space, envelopes: dict[str, Envelope]) -> list[Record]:
    return [space.record(key, envelope) for key, envelope in envelopes.items()]
