"""One call under a lease: sent, its outcome named, charged, and its key given what it earned."""

import asyncio
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from forthwith.platform import clock, context
from forthwith.platform.errors import Exhausted, KeyRejected, Refused, Transient, UpstreamError
from forthwith.platform.upstream import charging, counters
from forthwith.platform.upstream.attempt import Attempt
from forthwith.platform.upstream.budgets import Cost, KeyLease, KeyPool
from forthwith.platform.upstream.costs import Charge, CostLedger, Outcome
from forthwith.platform.upstream.errors import Throttled, Unanswered
from forthwith.platform.upstream.lasting import Lasting
from forthwith.platform.upstream.operations import Operation
from forthwith.platform.upstream.request import Request
from forthwith.platform.upstream.spending import Reservation
from forthwith.platform.upstream.vendor import Vendor

T = TypeVar("T")

KEY_ERRORS: Final = (KeyRejected, Exhausted, Throttled)
"""What another key may make good."""
_NOTHING: Final = Cost(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Outlet:
    """What all calls to one vendor go through."""

    vendor: Vendor
    pool: KeyPool
    ledger: CostLedger
    lasting: Lasting
    timeout_seconds: float
    connect_seconds: float


class Sending(Generic[T]):
    """One call with one key. `run` is called once."""

    def __init__(
        self,
        outlet: Outlet,
        operation: Operation,
        request: Request[T],
        lease: KeyLease,
        reservation: Reservation,
    ) -> None:
        self._outlet = outlet
        self._vendor = vendor = outlet.vendor
        self._operation = operation
        self._request = request
        self._lease = lease
        self._reservation = reservation
        key = None if vendor.keyless else lease.alias
        self._attempt = Attempt(
            *(vendor.name, key, lease.secret),
            seconds=outlet.timeout_seconds,
            connect_seconds=outlet.connect_seconds,
        )
        self._began = 0.0
        self._error: UpstreamError | None = None
        self.is_beaten = False
        """A second call answered first; this one is being cut off."""

    async def run(self) -> T:
        """The answer.

        Raises what the vendor's failure is in the error tree, `Unavailable` while the breaker
        is open, `LeaseLost` when the run that asks is not held any more.
        """
        self._lease.settle(_NOTHING)
        try:
            async with await self._operation.breaker.enter():
                return await self._send()
        finally:
            await self._outlet.lasting.finish(self._give_back())

    async def _send(self) -> T:
        _ensure_held()
        self._request.is_sent = True
        self._began = clock.monotonic()
        try:
            async with asyncio.timeout(self._outlet.timeout_seconds):
                answer = await self._request.send(self._attempt)
        except asyncio.CancelledError:
            outcome = Outcome.HEDGED if self.is_beaten else Outcome.CANCELLED
            self._charge(outcome, is_paid=True)
            raise
        except Exception as error:
            told = self._told(error)
            self._charge(_outcome(told), is_paid=_may_be_paid(told))
            if told is None or told is error:
                raise
            raise told from error
        self._charge(Outcome.ANSWERED, is_paid=True)
        return answer

    def _told(self, error: Exception) -> UpstreamError | None:
        told = self._vendor.classify(self._vendor.name, error)
        if isinstance(told, KeyRejected) and self._vendor.keyless:
            told = Refused(str(told))
        self._error = told
        return told

    def _charge(self, outcome: Outcome, *, is_paid: bool) -> None:
        request, seconds = self._request, clock.monotonic() - self._began
        charge = charging.made(
            self._vendor, request, self._attempt, outcome, is_paid=is_paid, seconds=seconds
        )
        self._outlet.ledger.add(charge)
        self._lease.settle(Cost(1, charge.usage.tokens, charge.micros))
        self._reservation.spent += charge.micros
        if outcome is Outcome.ANSWERED:
            self._operation.note_answer(seconds, charge.usage, request.model)
        _count(charge, seconds)

    async def _give_back(self) -> None:
        """Free the lease; a key, or the vendor, gets the standing that the answer asks for."""
        error, pool = self._error, self._outlet.pool
        if isinstance(error, KEY_ERRORS):
            self._lease.failed(error)
        elif isinstance(error, Transient) and error.retry_after is not None:
            await pool.limiter.pause(error.retry_after)
        for left in self._attempt.left:
            await pool.observe(self._lease.alias, *left)
        await self._lease.close()


def _count(charge: Charge, seconds: float) -> None:
    vendor, operation = charge.vendor, charge.operation
    counters.calls.labels(vendor, operation, charge.outcome).inc()
    counters.call_seconds.labels(vendor, operation).observe(seconds)
    counters.spent.labels(vendor, operation, charge.currency).inc(charge.micros)


def _ensure_held() -> None:
    """Just before it costs money: whoever lost the run's lease must not call."""
    run = context.run.get()
    if run is not None:
        run.ensure_held()


def _outcome(told: UpstreamError | None) -> Outcome:
    is_refused = isinstance(told, (*KEY_ERRORS, Refused))
    return Outcome.REFUSED if is_refused else Outcome.FAILED


def _may_be_paid(told: UpstreamError | None) -> bool:
    """An answer that says no costs nothing; where none was understood, nobody knows."""
    return told is None or isinstance(told, Unanswered)
