"""The vendors of one process, by name, and how they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar, cast

from forthwith.platform.errors import NotFound
from forthwith.platform.upstream.breaker import BreakerState
from forthwith.platform.upstream.budgets import KeyStatus, Standing
from forthwith.platform.upstream.stores import Stores
from forthwith.platform.upstream.upstream import GRACE_SECONDS, Upstream
from forthwith.platform.upstream.vendor import Vendor


class Client(Protocol):
    """What speaks a vendor's protocol, and holds connections."""

    async def close(self) -> None:
        """Close the connections."""


C = TypeVar("C", bound=Client)


class Condition(StrEnum):
    """Whether calls to a vendor are answered, and else why not."""

    HEALTHY = "healthy"
    FAILING = "failing"
    COOLING = "cooling"
    OUT_OF_QUOTA = "out_of_quota"
    KEYS_REJECTED = "keys_rejected"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class VendorStatus:
    """A vendor as people see it; `until` is when it may be better, where that is known."""

    condition: Condition
    until: datetime | None = None


_CONDITIONS = {
    Standing.COOLING: Condition.COOLING,
    Standing.OUT: Condition.OUT_OF_QUOTA,
    Standing.RETIRED: Condition.KEYS_REJECTED,
}


class Upstreams:
    """Every vendor that this process may call."""

    def __init__(self, vendors: Sequence[Vendor], stores: Stores) -> None:
        """Raises ValueError when two vendors have one name, or prices do not fit budgets."""
        self._by_name = {vendor.name: Upstream(vendor, stores) for vendor in vendors}
        if len(self._by_name) < len(vendors):
            raise ValueError("two vendors have one name")
        self.stores = stores
        self._clients: dict[str, Client] = {}

    def __getitem__(self, name: str) -> Upstream:
        """A vendor by name. Raises `NotFound`."""
        found = self._by_name.get(name)
        if found is None:
            known = ", ".join(sorted(self._by_name)) or "none"
            raise NotFound(f"There is no vendor {name}; there are: {known}.")
        return found

    def client(self, name: str, make: Callable[[], C]) -> C:
        """The one client of this name in this process, made at first use and closed with it."""
        if name not in self._clients:
            self._clients[name] = make()
        return cast("C", self._clients[name])

    @property
    def names(self) -> list[str]:
        """All names, in order of declaration."""
        return list(self._by_name)

    async def statuses(self) -> dict[str, VendorStatus]:
        """How each vendor does, from what this process and its stores know."""
        return {name: await _status(upstream) for name, upstream in self._by_name.items()}

    async def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Let calls in the air end, then close the clients."""
        for upstream in self._by_name.values():
            await upstream.close(grace_seconds)
        while self._clients:
            await self._clients.popitem()[1].close()


async def _status(upstream: Upstream) -> VendorStatus:
    keys = await upstream.keys.status()
    if not keys:
        return VendorStatus(Condition.NOT_CONFIGURED)
    if all(key.standing is not Standing.OK for key in keys):
        return _of_best_key(keys)
    for operation in upstream.operations:
        breaker = await operation.breaker.status()
        if breaker.state is not BreakerState.CLOSED:
            return VendorStatus(Condition.FAILING, breaker.reopens_at)
    return VendorStatus(Condition.HEALTHY)


def _of_best_key(keys: Sequence[KeyStatus]) -> VendorStatus:
    """One usable key is enough, so the mildest standing counts."""
    mildest = min(key.standing for key in keys)
    ends = [key.until for key in keys if key.standing is mildest and key.until is not None]
    return VendorStatus(_CONDITIONS[mildest], min(ends, default=None))
