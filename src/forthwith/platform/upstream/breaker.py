"""The breaker: no calls to a vendor's operation that fails most of the time, one probe at a time.

Closed: calls pass and are counted. When enough of them fail it opens, and calls are refused
with the time at which it is tried again. Then it is half-open: one call at a time is a probe;
its success closes the breaker, its failure opens it again, and one that is cancelled leaves
its place to the next. Openness and the probe's place are in a budget store, so that a fleet
shares them when its store does; what is counted stays in the process.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from prometheus_client import Counter

from forthwith.platform import clock, logging
from forthwith.platform.errors import Transient, Unavailable, UpstreamError
from forthwith.platform.upstream.budgets.accounts import SHARED, Account, Grant, Pool, Standing
from forthwith.platform.upstream.budgets.parts import Cost, Slots
from forthwith.platform.upstream.budgets.store import BudgetStore, MemoryStore

log = logging.get(__name__)

opened = Counter(
    "upstream_breaker_opened_total", "Times a breaker opened.", ("vendor", "operation")
)

_LOOK_SECONDS: Final = 1.0  # how late a process may learn what another one did
_PROBE_RETRY_SECONDS: Final = 1.0  # when to come back while a probe is under way
_SLICES: Final = 10  # of the window, so that old calls leave it bit by bit


class BreakerState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripping:
    """When a breaker opens, and for how long.

    It opens when `share` of at least `minimum` calls within `window_seconds` failed. A probe
    whose process was killed loses its place after `probe_seconds`.
    """

    share: float = 0.5
    minimum: int = 10
    window_seconds: float = 30.0
    open_seconds: float = 30.0
    probe_seconds: float = 120.0


class Outcomes:
    """Calls and failures of the latest seconds, on a clock that is handed in."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._slices: deque[tuple[float, int, int]] = deque()

    def add(self, now: float, *, failed: bool) -> None:
        """Count one call."""
        width = self._seconds / _SLICES
        begin, calls, failures = now // width * width, 0, 0
        if self._slices and self._slices[-1][0] == begin:
            _, calls, failures = self._slices.pop()
        self._slices.append((begin, calls + 1, failures + failed))

    def counted(self, now: float) -> tuple[int, int]:
        """Calls and failures within the window."""
        while self._slices and self._slices[0][0] <= now - self._seconds:
            self._slices.popleft()
        calls = sum(each[1] for each in self._slices)
        return calls, sum(each[2] for each in self._slices)

    def clear(self) -> None:
        """Forget all."""
        self._slices.clear()


def is_failure(error: BaseException | None) -> bool:
    """Whether an error tells of an ill vendor.

    A told waiting time (429) is the key pool's business; a refusal is an answer.
    """
    if isinstance(error, Transient):
        return error.retry_after is None
    return isinstance(error, OSError | TimeoutError)


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """A breaker as people see it; `reopens_at` is when the next probe may pass."""

    state: BreakerState
    reopens_at: datetime | None


class Breaker:
    """One operation of one vendor."""

    def __init__(
        self,
        vendor: str,
        operation: str,
        *,
        tripping: Tripping | None = None,
        store: BudgetStore | None = None,
    ) -> None:
        self.vendor = vendor
        self.operation = operation
        self.tripping = tripping or Tripping()
        probe = Slots(1, self.tripping.probe_seconds)
        self._pool = Pool(f"breaker {vendor} {operation}", Account(SHARED, (probe,)))
        self._store: BudgetStore = store or MemoryStore()
        self._outcomes = Outcomes(self.tripping.window_seconds)
        self._open_until: float | None = None
        self._looked_at: float | None = None

    async def enter(self) -> "Passage":
        """Let one call pass: `async with await breaker.enter():` around it.

        Raises `Unavailable` with `retry_after` while the breaker is open or being probed.
        """
        await self._look()
        if self._open_until is None:
            return Passage(self, None)
        wait = self._open_until - clock.monotonic()
        if wait > 0:
            raise self._refusal(wait)
        outcome = await self._store.take(self._pool, Cost())
        if not isinstance(outcome, Grant):
            raise self._refusal(_PROBE_RETRY_SECONDS)
        return Passage(self, outcome)

    async def check(self) -> None:
        """Raise as `enter` does while the breaker is open: nobody waits in line for nothing."""
        await self._look()
        if self._open_until is not None and (wait := self._open_until - clock.monotonic()) > 0:
            raise self._refusal(wait)

    async def status(self) -> BreakerStatus:
        """Closed, open until a time, or half-open."""
        await self._look()
        if self._open_until is None:
            return BreakerStatus(BreakerState.CLOSED, None)
        wait = self._open_until - clock.monotonic()
        state = BreakerState.OPEN if wait > 0 else BreakerState.HALF_OPEN
        return BreakerStatus(state, clock.now() + timedelta(seconds=wait))

    async def _look(self) -> None:
        """Learn what the store knows; a shared store is asked once a second."""
        now = clock.monotonic()
        is_known = self._looked_at is not None and now - self._looked_at < _LOOK_SECONDS
        if is_known and (self._open_until is None or self._open_until > now):
            return
        document = await self._store.read(self._pool)
        self._looked_at = now
        state = document.accounts[0]
        was_open, self._open_until = self._open_until is not None, None
        if state.standing == Standing.COOLING:
            self._open_until = clock.monotonic() + state.until - document.at
        elif was_open:
            self._outcomes.clear()

    def _refusal(self, seconds: float) -> Unavailable:
        return Unavailable(
            f"{self.vendor} fails at {self.operation}; try again when Retry-After says.",
            retry_after=seconds,
        )

    async def note(self, *, failed: bool) -> None:
        """Count a call that passed while the breaker was closed, and open if it is one too many."""
        if self._open_until is not None:
            return
        now = clock.monotonic()
        self._outcomes.add(now, failed=failed)
        calls, failures = self._outcomes.counted(now)
        enough = calls >= self.tripping.minimum
        if failed and enough and failures >= calls * self.tripping.share:
            await self._open()

    async def note_probe(self, probe: Grant, *, failed: bool | None) -> None:
        """Close or open as the probe went, and free its place; None: it was cancelled."""
        if failed:
            await self._open()
        elif failed is not None:
            self._open_until = None
            self._outcomes.clear()
            await self._store.mark(self._pool, SHARED, Standing.OK)
            log.info("breaker_closed", vendor=self.vendor, operation=self.operation)
        await self._store.settle(self._pool, probe, probe.cost)

    async def _open(self) -> None:
        seconds = self.tripping.open_seconds
        self._open_until = clock.monotonic() + seconds
        self._outcomes.clear()
        opened.labels(self.vendor, self.operation).inc()
        log.warning("breaker_opened", vendor=self.vendor, operation=self.operation, seconds=seconds)
        await self._store.mark(self._pool, SHARED, Standing.COOLING, seconds)


class Passage:
    """One call that passes; how it ends tells the breaker."""

    def __init__(self, breaker: Breaker, probe: Grant | None) -> None:
        self._breaker = breaker
        self._probe = probe

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        failed = _verdict(error)
        if self._probe is not None:
            await self._breaker.note_probe(self._probe, failed=failed)
        elif failed is not None:
            await self._breaker.note(failed=failed)


def _verdict(error: BaseException | None) -> bool | None:
    """Whether the vendor failed; None when the call says nothing about it."""
    if is_failure(error):
        return True
    return False if error is None or isinstance(error, UpstreamError) else None
