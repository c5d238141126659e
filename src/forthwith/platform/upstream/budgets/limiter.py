"""The limiter: one line per vendor and process in front of a store of budgets.

Only the head of the line asks the store, so callers are served in order of arrival and nobody
polls: one timer waits for the moment that the store named. A store of this process is asked by
that timer itself, a shared one by a task, and where it can be (stock.py) for several calls at
once. Whoever leaves the line takes nothing along; a grant that came too late for its caller is
given back.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from math import ceil, floor
from typing import Any, Final

from forthwith.platform import clock
from forthwith.platform.upstream.budgets import counters, refusals
from forthwith.platform.upstream.budgets.accounts import (
    SHARED,
    Account,
    Blocked,
    Grant,
    Obstacle,
    Pool,
    Standing,
)
from forthwith.platform.upstream.budgets.forecast import Forecast
from forthwith.platform.upstream.budgets.lease import Lease
from forthwith.platform.upstream.budgets.limits import Limits
from forthwith.platform.upstream.budgets.line import Line, Priority, Waiter
from forthwith.platform.upstream.budgets.parts import (
    LATENESS,
    NOTHING,
    TOLERANCE,
    Cost,
    Dimension,
)
from forthwith.platform.upstream.budgets.stock import Stock
from forthwith.platform.upstream.budgets.store import BudgetStore, MemoryStore

ONE_CALL: Final = Cost()

_SLOT_LOOK_SECONDS: Final = 0.05  # another process's call may end without a word
_SHARED_LOOK_SECONDS: Final = 1.0  # another process may give back, or a person free a key
_FORECAST_SECONDS: Final = 0.25  # how long one forecast is played on before it is made anew
_HOLD_WEIGHT: Final = 0.1  # of the latest call in the mean time a slot is held


class Limiter:
    """Budgets of one vendor. Without a store they hold in this process alone."""

    def __init__(
        self,
        name: str,
        limits: Limits,
        *,
        keys: Sequence[Account] = (),
        store: BudgetStore | None = None,
        queue_limit: int = 1_000,
    ) -> None:
        self.pool = Pool(name, Account(SHARED, limits.parts()), tuple(keys))
        self.store: BudgetStore = store or MemoryStore()
        self._at_once = self.store if isinstance(self.store, MemoryStore) else None
        self._stock: Stock | None = None
        if self._at_once is None and self.pool.can_set_aside:
            self._stock = self.store = Stock(self.store)
        self._door = self._at_once.door(self.pool) if self._at_once is not None else None
        self._settled = self.settle
        self._queue_limit = queue_limit
        self._line = Line()
        self._server: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._woken = asyncio.Event()
        self._giving_back: set[asyncio.Task[None]] = set()
        self._held_up: asyncio.Future[None] | None = None
        self._forecasts: dict[Priority, Forecast] = {}
        self._forecasting = asyncio.Lock()
        self._hold_seconds = 1.0
        self._tally = counters.tally_of(name)

    async def acquire(
        self,
        cost: Cost = ONE_CALL,
        *,
        deadline: float | None = None,
        priority: Priority = Priority.DEFAULT,
    ) -> Lease:
        """Wait in line for the cost; leave the returned lease (`async with`) after the call.

        `deadline` is a moment of `clock.monotonic()` until which the call has to start.
        Raises `TooMany` when that cannot be, `Unavailable` when the line is full, both with
        `retry_after`; `Exhausted` when the day's quota is used up; `KeyRejected` when every
        key is retired.
        """
        if self._at_once is not None and not self._line.length:
            now = clock.monotonic()
            outcome = self._door.take(cost, now) if self._door is not None else None
            if outcome is None:
                outcome = self._at_once.take_now(self.pool, cost)
            if type(outcome) is Grant:
                return Lease(self._settled, outcome, cost, now)
        grant = await self._wait(cost, deadline, priority)
        return Lease(self._settled, grant, cost, clock.monotonic())

    async def grant(
        self,
        cost: Cost,
        *,
        deadline: float | None = None,
        priority: Priority = Priority.DEFAULT,
        ahead: bool = False,
    ) -> Grant:
        """What `acquire` does, without a lease around it; `ahead` of the line for a next key."""
        if self._at_once is not None and not self._line.length:
            outcome = self._at_once.take_now(self.pool, cost)
            if type(outcome) is Grant:
                return outcome
        return await self._wait(cost, deadline, priority, ahead=ahead)

    async def quote(self, cost: Cost = ONE_CALL, *, priority: Priority = Priority.DEFAULT) -> float:
        """Seconds until a call that joins the line now would start; infinite: a person acts."""
        forecast = await self._played(priority)
        return max(0.0, forecast.start_of(cost) - clock.monotonic())

    async def settle(self, grant: Grant, actual: Cost, held_seconds: float) -> None:
        """Correct what a grant took, free its slots, and let the head of the line look again.

        `held_seconds` is how long the call took. Goes on when its caller is cancelled.
        """
        if not self.pool.has_slots and actual == grant.cost:
            return
        self._hold_seconds += (held_seconds - self._hold_seconds) * _HOLD_WEIGHT
        if self._at_once is not None:
            await self._settle(grant, actual)
        else:
            await asyncio.shield(self._beside(self._settle(grant, actual)))

    async def _settle(self, grant: Grant, actual: Cost) -> None:
        if self._at_once is None:
            self.wake()  # so that the head asks right behind this: a store may do both at once
            await self.store.settle(self.pool, grant, actual)
        else:
            await self.store.settle(self.pool, grant, actual)
            self.wake()

    def _beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._giving_back.add(task)
        task.add_done_callback(self._giving_back.discard)
        return task

    async def pause(self, seconds: float, *, alias: str = SHARED) -> None:
        """Let no call begin for some seconds, as a Retry-After told; of all keys, or of one."""
        await self.mark(Standing.COOLING, seconds, alias=alias)

    async def mark(self, standing: Standing, seconds: float = 0.0, *, alias: str = SHARED) -> None:
        """Give the vendor, or one key, a standing for some seconds."""
        await self.store.mark(self.pool, alias, standing, seconds)
        if standing != Standing.OK:
            counters.key_standings.labels(self.pool.name, alias, standing.name.lower()).inc()
        self.wake()

    async def observe(
        self, dimension: Dimension, remaining: float, resets_in: float, *, alias: str = SHARED
    ) -> None:
        """Believe a RateLimit header: so much is left, all of it again in so many seconds."""
        await self.store.observe(self.pool, alias, dimension, remaining, resets_in)
        self.wake()

    def wake(self) -> None:
        """Let the head of the line look again."""
        if self._at_once is None:
            self._woken.set()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._serve_at_once(self._at_once)

    @property
    def waiting(self) -> int:
        """How many callers are in line."""
        return self._line.length

    async def _wait(
        self, cost: Cost, deadline: float | None, priority: Priority, *, ahead: bool = False
    ) -> Grant:
        if self._stock is not None:
            if ahead:  # the key that failed would be used again
                self._stock.empty()
            elif not self._line.length and (grant := self._stock.take_now(cost)) is not None:
                return grant
        if self._line.length >= self._queue_limit and not ahead:
            raise refusals.line_is_full(self.pool.name, await self.quote(cost, priority=priority))
        future: asyncio.Future[Grant] = asyncio.get_running_loop().create_future()
        waiter = Waiter(cost, priority, deadline, future, clock.monotonic())
        is_first = self._line.join(waiter, ahead=ahead)
        self._tally.waiting += 1
        try:
            if is_first:
                self._begin_serving(waiter)
            if deadline is None or future.done():
                return await future
            return await self._until(deadline, waiter)
        except BaseException:
            self._leave(waiter)
            raise
        finally:
            self._tally.waiting -= 1

    def _begin_serving(self, waiter: Waiter) -> None:
        if self._at_once is None and self._server is None:
            self._held_up = asyncio.get_running_loop().create_future()
            self._server = asyncio.create_task(self._serve())
        elif self._line.head() is waiter:
            self.wake()

    async def _until(self, deadline: float, waiter: Waiter) -> Grant:
        """The grant; refused as soon as it is known not to come before the deadline.

        A shared store is asked what is to be expected only once somebody has to wait for room.
        """
        if self._held_up is not None:
            seconds = deadline - clock.monotonic()
            either: list[asyncio.Future[Any]] = [waiter.future, self._held_up]
            await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if waiter.future.done():
                return await waiter.future
        forecast = await self._forecast(waiter.priority, waiter)
        starts_at = forecast.start_of(waiter.cost)
        if starts_at > deadline and not waiter.future.done():
            forecast.withdraw()
            starts_in = starts_at - clock.monotonic()
            raise refusals.refusal(self.pool.name, forecast.obstacle, starts_in)
        try:
            async with asyncio.timeout(deadline - clock.monotonic()):
                return await waiter.future
        except TimeoutError:
            starts_in = await self.quote(waiter.cost)
            raise refusals.too_late(self.pool.name, starts_in) from None

    async def _forecast(self, priority: Priority, last: Waiter) -> Forecast:
        """The line played forward up to `last`; one reading serves all who ask for a while."""
        async with self._forecasting:
            known = self._forecasts.get(priority)
            if known is None or clock.monotonic() - known.made_at >= _FORECAST_SECONDS:
                known = self._forecasts[priority] = await self._played(priority, last)
            return known

    async def _played(self, priority: Priority, last: Waiter | None = None) -> Forecast:
        """The line played forward up to `last`, or to its end."""
        forecast = Forecast(self.pool, await self.store.read(self.pool), self._hold_seconds)
        for waiter in self._line.ahead_of(priority, last):
            forecast.start_of(waiter.cost)
        return forecast

    def _leave(self, waiter: Waiter) -> None:
        """Without a grant, be it because nobody will see it: that one is given back."""
        self._give_back_unseen(waiter.future)
        if waiter.stands_in is not None:
            was_head = self._line.head() is waiter
            self._line.leave(waiter)
            if was_head:
                self.wake()
        waiter.future.cancel()

    def _give_back_unseen(self, future: "asyncio.Future[Grant]") -> None:
        """Give back what was granted in the moment in which its caller left."""
        if future.done() and not future.cancelled() and future.exception() is None:
            _ = self._beside(self._settle(future.result(), NOTHING))

    def _serve_at_once(self, store: MemoryStore) -> None:
        """Serve the line until its head has to wait, and set the timer for that."""
        self._timer = None
        try:
            seconds = self._serve_till_blocked(store)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            self._refuse_all(error)
            return
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_timer_seconds(seconds), self._serve_at_once, store)
        else:
            self._forecasts.clear()

    def _serve_till_blocked(self, store: MemoryStore) -> float | None:
        """How many seconds the head has to wait; None when nobody is left."""
        line, door, now = self._line, self._door, clock.monotonic()
        while (head := line.head()) is not None:
            if head.future.done():  # cancelled, and not yet run to its end
                line.leave(head)
                continue
            waited, outcome = now - head.since, None
            if door is not None:
                outcome = door.take(head.cost, now, min(waited, LATENESS))
            if outcome is None:
                outcome = store.take_now(self.pool, head.cost, waited)
            if isinstance(outcome, Grant):
                self._hand(outcome, head, waited)
            elif not self._is_refused(outcome, head):
                return outcome.seconds
        return None

    async def _serve(self) -> None:
        """Serve the line in front of a shared store until it is empty."""
        try:
            while (head := self._line.head()) is not None:
                await self._serve_head(head)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            self._refuse_all(error)
        finally:
            self._server = None
            self._forecasts.clear()

    async def _serve_head(self, head: Waiter) -> None:
        if head.future.done():  # cancelled, and not yet run to its end
            self._line.leave(head)
            return
        self._woken.clear()
        waited = clock.monotonic() - head.since
        outcome = await self.store.take(self.pool, head.cost, waited=waited)
        if not isinstance(outcome, Grant):
            if not self._is_refused(outcome, head):
                await self._rest(outcome)
        elif head.future.done():  # it left while the store was asked
            await self._settle(outcome, NOTHING)
        else:
            self._hand(outcome, head, waited)

    def _hand(self, grant: Grant, head: Waiter, waited: float) -> None:
        self._line.serve(head)
        head.future.set_result(grant)
        self._tally.waited(waited)

    def _is_refused(self, blocked: Blocked, head: Waiter) -> bool:
        """Whether waiting on is of no use; it is told so then."""
        if head.deadline is None and blocked.obstacle is Obstacle.BUSY:
            return False
        error = refusals.verdict(self.pool.name, blocked, head.deadline)
        if error is None:
            return False
        self._line.leave(head)
        if not head.future.done():
            head.future.set_exception(error)
        return True

    async def _rest(self, blocked: Blocked) -> None:
        """Until the store's moment, or until something changes in this process."""
        if self._held_up is not None and not self._held_up.done():
            self._held_up.set_result(None)
        look = _SLOT_LOOK_SECONDS if blocked.by_slots else _SHARED_LOOK_SECONDS
        seconds = _timer_seconds(min(blocked.seconds, look))
        timer = asyncio.get_running_loop().call_later(seconds, self._woken.set)
        await self._woken.wait()
        timer.cancel()

    def _refuse_all(self, error: Exception) -> None:
        while (head := self._line.head()) is not None:
            self._line.leave(head)
            if not head.future.done():
                head.future.set_exception(error)


def _timer_seconds(seconds: float) -> float:
    """Whole milliseconds, since uvloop's timers know no others, and never too few.

    They count from the last whole one. Waking early means waking twice, a grant's cost again.
    """
    now = clock.monotonic() * 1000
    return (ceil(now + (seconds - TOLERANCE) * 1000) - floor(now)) / 1000
