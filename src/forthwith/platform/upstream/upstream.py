"""The one way out: every call to a vendor goes through here.

Cache, then one call for all who ask the same, then money, breaker, limits, a key, the call
(a second one beside it where it is slow), what its outcome means, and its charge.
"""

import asyncio
from typing import Final, TypeVar

from forthwith.platform import clock, logging
from forthwith.platform.errors import Exhausted, KeyRejected, TooMany, Unavailable
from forthwith.platform.upstream import charging, counters
from forthwith.platform.upstream.attempt import Send
from forthwith.platform.upstream.budgets import Key, KeyLease, KeyPool, Priority
from forthwith.platform.upstream.cache import Policy
from forthwith.platform.upstream.cache.policy import AnyPolicy
from forthwith.platform.upstream.cache.provenance import Traced
from forthwith.platform.upstream.costs import ONE_CALL, Usage, present_app, present_owner
from forthwith.platform.upstream.errors import BudgetSpent
from forthwith.platform.upstream.hedge import hedged
from forthwith.platform.upstream.lasting import Lasting
from forthwith.platform.upstream.operations import Operation
from forthwith.platform.upstream.request import Request, expected_cost
from forthwith.platform.upstream.sending import KEY_ERRORS, Outlet, Sending
from forthwith.platform.upstream.spending import Reservation
from forthwith.platform.upstream.stores import Stores
from forthwith.platform.upstream.vendor import Vendor

log = logging.get(__name__)
T = TypeVar("T")

GRACE_SECONDS: Final = 5.0
"""What a call in the air gets when the process ends."""
_THROTTLES: Final = 3
"""How often one call may be told to wait, beyond one time for each key."""
_ROOM_SECONDS: Final = 0.2
"""A second call takes what is free now, it does not wait in line."""
_OF_THE_LEADER: Final = (BudgetSpent, TooMany)
"""Errors of the one who makes a call that others wait for; they are asked for their own."""


class Upstream:
    """One vendor, opened over the stores of this process."""

    def __init__(self, vendor: Vendor, stores: Stores) -> None:
        """Raises ValueError where prices and budgets are in different money."""
        limits = stores.spending.limits
        if limits.are_set and not vendor.currencies <= {limits.currency}:
            raise ValueError(f"{vendor.name} is not priced in {limits.currency}, as budgets are")
        self.vendor = vendor
        self._stores = stores
        self.keys = _pool(vendor, stores)
        self._lasting = Lasting()
        self._outlet = _outlet(vendor, self.keys, stores, self._lasting)
        self._operations: dict[str, Operation] = {}
        self._policies: dict[AnyPolicy, AnyPolicy] = {}

    async def call(
        self,
        operation: str,
        send: Send[T],
        *,
        keep: Policy[T] | None = None,
        key: str = "",
        tags: tuple[str, ...] = (),
        estimate: Usage = ONE_CALL,
        model: str | None = None,
        prompt_version: str | None = None,
        app: str | None = None,
        within: float | None = None,
        priority: Priority = Priority.DEFAULT,
    ) -> T:
        """What `send` answers, called with a key once it is this call's turn.

        With `keep`, an answer kept under `key` (and model and prompt version) is given instead,
        and equal calls at the same time are one. `estimate` is held against limits and budgets
        until the call has told what it used. The call has to start `within` these seconds.
        A caller who leaves hurts nobody: what was sent is finished, kept and charged.

        Raises `TooMany` or `Unavailable` with `retry_after` when it cannot start in time,
        `Exhausted` until the quota of a key or a budget is back, `KeyRejected` when a person
        has to set a key, `Transient` and `Refused` as the vendor answered, and what `send`
        raises of its own.
        """
        wait = self.vendor.wait_seconds if within is None else within
        request = Request(
            operation=operation,
            send=send,
            owner=present_owner(),
            app=app or present_app(),
            estimate=estimate,
            price=self.vendor.price_of(model),
            model=model,
            prompt_version=prompt_version,
            deadline=clock.monotonic() + wait,
            priority=priority,
        )
        if keep is None:
            return await self._finished(request)
        policy = self._policies.get(keep) or self._policy(keep)
        return await self._kept(request, policy, request.cache_key(key), tags)

    async def quote(
        self, estimate: Usage = ONE_CALL, *, priority: Priority = Priority.DEFAULT
    ) -> float:
        """Seconds until a call that is made now would start; infinite: a person has to act."""
        return await self.keys.quote(expected_cost(self.vendor.price, estimate), priority=priority)

    @property
    def operations(self) -> list[Operation]:
        """Those that this process has called."""
        return list(self._operations.values())

    async def close(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Let calls in the air end; cut off and charge those that do not in time."""
        await self._lasting.close(grace_seconds)

    async def _kept(
        self, request: Request[T], policy: Policy[T], key: str, tags: tuple[str, ...]
    ) -> T:
        """From a cache, or by one call for all who ask meanwhile."""
        while True:
            try:
                with Traced() as found:
                    answer = await self._stores.cache.get_or_load(
                        key, lambda: self._begin(request), policy, tags=tags, owner=request.owner
                    )
            except _OF_THE_LEADER:
                if request.has_begun:
                    raise
            else:
                if not request.has_begun:
                    self._note_saved(request, found.source)
                return answer

    async def _finished(self, request: Request[T]) -> T:
        """A call that is not kept: once it was sent, it goes on without its caller."""
        task = self._begin(request)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not request.is_sent:
                task.cancel()
            raise

    def _begin(self, request: Request[T]) -> "asyncio.Task[T]":
        return self._lasting.begin(self._paid(request))

    async def _paid(self, request: Request[T]) -> T:
        """The money for it, a vendor that is not ill, then a key."""
        request.has_begun = True
        money = request.cost.money
        reservation = await self._stores.spending.reserve(request.app, request.owner, money)
        try:
            operation = self._operation(request.operation)
            await operation.breaker.check()
            return await self._on_some_key(request, operation, reservation)
        finally:
            await self._lasting.finish(reservation.settle())

    async def _on_some_key(
        self, request: Request[T], operation: Operation, reservation: Reservation
    ) -> T:
        """In its turn, on the key with most room; on the next one when a key fails it."""
        failed: KeyLease | None = None
        for tries_left in reversed(range(len(self.vendor.keys) + _THROTTLES)):
            lease = await self._lease(request, failed)
            first = Sending(self._outlet, operation, request, lease, reservation)
            try:
                return await self._hedged(first, request, operation, reservation)
            except KEY_ERRORS as error:
                if not tries_left:
                    raise
                failed = lease
                log.info("key_failed", vendor=self.vendor.name, key=lease.alias, error=str(error))
        raise AssertionError("the last try returns or raises")

    async def _hedged(
        self,
        first: Sending[T],
        request: Request[T],
        operation: Operation,
        reservation: Reservation,
    ) -> T:
        """The call; a second one beside it when it is slower than nearly all before."""
        after_seconds = operation.hedge_after()
        if after_seconds is None:
            return await first.run()

        async def second() -> Sending[T] | None:
            lease = await self._spare_lease(request)
            if lease is None:
                return None
            operation.take_hedge()
            counters.hedged.labels(self.vendor.name, request.operation).inc()
            return Sending(self._outlet, operation, request, lease, reservation)

        return await hedged(first, second, after_seconds, self._lasting)

    async def _lease(self, request: Request[T], failed: KeyLease | None) -> KeyLease:
        return await self.keys.lease(
            request.cost, deadline=request.deadline, priority=request.priority, after=failed
        )

    async def _spare_lease(self, request: Request[T]) -> KeyLease | None:
        """A key with room at this moment, or None."""
        deadline = clock.monotonic() + _ROOM_SECONDS
        try:
            return await self.keys.lease(request.cost, deadline=deadline, priority=Priority.LOW)
        except (TooMany, Unavailable, Exhausted, KeyRejected):
            return None

    def _policy(self, declared: Policy[T]) -> Policy[T]:
        """How answers of a kind are kept; the same object each time, as hits in memory want it."""
        policy = declared.with_ttl(self._stores.defaults.kept_seconds)
        self._policies[declared] = policy
        return policy

    def _operation(self, name: str) -> Operation:
        """What this process knows of an operation."""
        known = self._operations.get(name)
        if known is None:
            known = Operation(self.vendor, name, self._stores.budgets)
            self._operations[name] = known
        return known

    def _note_saved(self, request: Request[T], source: str) -> None:
        operation = self._operation(request.operation)
        self._stores.ledger.save(charging.saved(self.vendor, request, operation, source))
        counters.saved_calls.labels(self.vendor.name, request.operation, source).inc()


def _outlet(vendor: Vendor, pool: KeyPool, stores: Stores, lasting: Lasting) -> Outlet:
    seconds = vendor.timeout_seconds or stores.defaults.timeout_seconds
    connect_seconds = min(seconds, stores.defaults.connect_seconds)
    return Outlet(vendor, pool, stores.ledger, lasting, seconds, connect_seconds)


def _pool(vendor: Vendor, stores: Stores) -> KeyPool:
    """The vendor's keys; one without keys has a place of an empty one, for its limits."""
    keys = (Key("none", ""),) if vendor.keyless else vendor.keys
    return KeyPool(
        vendor.name,
        keys,
        limits=vendor.limits,
        store=stores.budgets,
        codec=stores.codec,
        queue_limit=vendor.queue_limit,
    )
