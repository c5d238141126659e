"""The parts of a budget: pure rules over a short list of numbers, on a clock that is handed in.

A part says from when there is room for some units, takes them, and corrects what was taken.
Its state is a flat list of numbers, so that it travels to Redis and PostgreSQL as it is; times
are seconds of the store's own clock. `budgets.lua` has the same rules for Redis.

    Rate     units a second with a burst                       [full_at, until, aside, until, ...]
    Window   units in any window of some seconds               [used, at, units, at, units, ...]
    Quota    units a day, until midnight in the vendor's zone  [used, resets_at, began]
    Slots    calls at a time, each with a lease                [id, until, id, until, ...]

`Rate` is GCRA ("virtual scheduling" of ITU-T I.371): `full_at` is when the bucket is full again.
Units that are set aside for a process are taken, but may be used later: until then the bucket
fills up only so far that they have room in it, so that they never come on top of a full burst.
"""

# ruff: noqa: ARG002, D102 - `Part` describes the methods once, for all four rules

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from math import floor
from typing import ClassVar, Final, NamedTuple, Protocol, TypeAlias
from zoneinfo import ZoneInfo

State: TypeAlias = list[float]

TOLERANCE: Final = 1e-6  # seconds; a store's clock counts microseconds
LATENESS: Final = 0.01  # seconds that a timer may wake too late without costing rate
ASIDE_SECONDS: Final = 0.6  # in which units that were set aside count as not yet used
SLICES: Final = 120  # a window counts in slices of 1/120, so that its state stays short
NEXT_DAY: Final = 60.0  # seconds that clocks may differ on when a day ends
_DAY: Final = 86_400.0  # seconds
_QUARTER: Final = 900  # seconds; every zone's midnight falls on a quarter of an hour in UTC


class Dimension(IntEnum):
    """What a part counts; the place in `Cost`."""

    REQUESTS = 0
    TOKENS = 1
    MONEY = 2


class Cost(NamedTuple):
    """What one call takes, estimated before and settled after; money in micro-units."""

    requests: int = 1
    tokens: int = 0
    money: int = 0


NOTHING: Final = Cost(0, 0, 0)


class Part(Protocol):
    """One rule. `units` are always above zero."""

    @property
    def dimension(self) -> Dimension:
        """What it counts."""

    @property
    def name(self) -> str:
        """Stable while only its limit changes; a state made under another name is dropped."""

    @property
    def is_daily(self) -> bool:
        """Whether being out of it means being out of quota, not just early."""

    def fresh(self) -> State:
        """The state with nothing taken."""

    def ready_at(self, state: State, now: float, units: float) -> float:
        """From when there is room for `units`; at most `now` when there is room at once."""

    def take(self, state: State, now: float, units: float, *, late: float, lease: int) -> None:
        """Take `units`; `late` seconds of a timer's lateness are made up for."""

    def settle(self, state: State, now: float, more: float, *, taken_at: float) -> None:
        """Correct what was taken at `taken_at` by `more` units, negative to give back."""

    def observe(self, state: State, now: float, remaining: float, resets_in: float) -> None:
        """Believe a vendor who says that less is left than we counted."""

    def room(self, state: State, now: float) -> float:
        """The free share, 0 to 1."""

    def wire(self, wall: float) -> list[float]:
        """The rule as numbers for budgets.lua: kind, dimension, limit and one more."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` units a second, `burst` of them at once.

    More units than the burst wait until they have been saved up: no second ever sees more
    than `per_second + burst` units, whatever their weights.
    """

    dimension: Dimension
    per_second: float
    burst: float = 1.0
    is_daily: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.dimension.name.lower()} a second"

    def fresh(self) -> State:
        return [0.0]

    def ready_at(self, state: State, now: float, units: float) -> float:
        self._keep_room(state, now)
        return state[0] + (units - self.burst) / self.per_second

    def _keep_room(self, state: State, now: float) -> None:
        """Let the bucket fill up no farther than what is set aside leaves."""
        if len(state) == 1:
            return
        aside = sum(state[2::2])
        while len(state) > 1 and state[1] <= now:
            state[0] = max(state[0], state[1] + aside / self.per_second)
            aside -= state[2]
            del state[1:3]
        state[0] = max(state[0], now + aside / self.per_second)

    def spare(self, state: State, now: float) -> int:
        """Whole units beyond half of the burst; asked behind `ready_at`."""
        return max(0, floor(self.burst / 2 - max(0.0, state[0] - now) * self.per_second))

    def set_aside(self, state: State, now: float, units: int) -> None:
        """Take units that are used within `ASIDE_SECONDS`, or never."""
        state[0] = max(state[0], now) + units / self.per_second
        state += [now + ASIDE_SECONDS, units]

    def take(self, state: State, now: float, units: float, *, late: float, lease: int) -> None:
        saved_since = now - late
        if units > self.burst:
            saved_since -= (units - self.burst) / self.per_second
        state[0] = max(state[0], saved_since) + units / self.per_second

    def settle(self, state: State, now: float, more: float, *, taken_at: float) -> None:
        self._keep_room(state, now)
        state[0] = max(state[0], now if more > 0 else 0.0) + more / self.per_second

    def observe(self, state: State, now: float, remaining: float, resets_in: float) -> None:
        if remaining < 1:
            state[0] = max(state[0], now + resets_in + (self.burst - 1) / self.per_second)
        else:
            state[0] = max(state[0], now + (self.burst - remaining) / self.per_second)

    def room(self, state: State, now: float) -> float:
        self._keep_room(state, now)
        missing = (state[0] - now) * self.per_second / self.burst
        return min(1.0, max(0.0, 1.0 - missing))

    def wire(self, wall: float) -> list[float]:
        return [1, self.dimension, self.per_second, self.burst]


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` units in any window of `seconds`: safe however the vendor counts minutes.

    Units are stamped with the end of the slice after theirs, which costs at most 2/120 of the
    limit and leaves at least 1/120 of the window to calls that travel at different speeds: a
    call that was slow to arrive is counted by the vendor for longer than by us.
    """

    dimension: Dimension
    limit: float
    seconds: float = 60.0
    is_daily: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return f"{self.dimension.name.lower()} in {self.seconds:g} s"

    def fresh(self) -> State:
        return [0.0]

    def ready_at(self, state: State, now: float, units: float) -> float:
        self._forget(state, now)
        missing = state[0] + min(units, self.limit) - self.limit
        if missing <= 0:
            return now
        for at in range(1, len(state), 2):
            missing -= state[at + 1]
            if missing <= 0:
                return state[at] + self.seconds
        return now + self.seconds  # only the limit was lowered: everything has to leave

    def _forget(self, state: State, now: float) -> None:
        gone = 1
        while gone < len(state) and state[gone] + self.seconds <= now + TOLERANCE:
            state[0] -= state[gone + 1]
            gone += 2
        del state[1:gone]

    def take(self, state: State, now: float, units: float, *, late: float, lease: int) -> None:
        self._add(state, self._stamp(now), units)

    def _stamp(self, now: float) -> float:
        width = self.seconds / SLICES
        return (now // width + 2) * width

    def _add(self, state: State, at: float, units: float) -> None:
        """Add units at a moment, in order, into the slice that has the same end."""
        place = len(state)
        while place > 1 and state[place - 2] > at:
            place -= 2
        if place > 1 and state[place - 2] == at:
            state[place - 1] += units
        else:
            state[place:place] = [at, units]
        state[0] += units

    def settle(self, state: State, now: float, more: float, *, taken_at: float) -> None:
        self._forget(state, now)
        if more > 0:
            self._add(state, self._stamp(now), more)
            return
        taken = self._stamp(taken_at)
        for at in range(1, len(state), 2):
            if state[at] == taken:
                given = min(-more, state[at + 1])
                state[at + 1] -= given
                state[0] -= given

    def observe(self, state: State, now: float, remaining: float, resets_in: float) -> None:
        self._forget(state, now)
        unseen = self.limit - remaining - state[0]
        if unseen > 0:
            self._add(state, now + min(resets_in, self.seconds) - self.seconds, unseen)

    def room(self, state: State, now: float) -> float:
        self._forget(state, now)
        return min(1.0, max(0.0, 1.0 - state[0] / self.limit))

    def wire(self, wall: float) -> list[float]:
        return [2, self.dimension, self.limit, self.seconds]


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` units a day; the day ends at midnight in `zone`.

    The end of the day comes from the wall clock of whoever asks, as seconds from now. It only
    ever moves on, so that clocks which differ by a little never open a day twice, and a machine
    that slept (its monotonic clock stood still) learns of the new day at once.
    """

    dimension: Dimension
    limit: float
    zone: str = "UTC"
    is_daily: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return f"{self.dimension.name.lower()} a day ({self.zone})"

    def fresh(self) -> State:
        return [0.0, 0.0, 0.0]

    def roll(self, state: State, now: float, wall: float) -> None:
        """Begin a new day when its midnight is over; asked before anything else."""
        resets_at = now + self.resets_in(wall)
        if resets_at > state[1] + NEXT_DAY:
            state[:] = [0.0, resets_at, now]

    def resets_in(self, wall: float) -> float:
        """Seconds from the wall clock's `wall` to the next midnight in the zone."""
        return _next_midnight(self.zone, int(wall) // _QUARTER) - wall

    def ready_at(self, state: State, now: float, units: float) -> float:
        if 0 < state[1] <= now + TOLERANCE:
            state[:] = [0.0, state[1] + _DAY, now]
        if state[0] + min(units, self.limit) <= self.limit:
            return now
        return state[1]

    def take(self, state: State, now: float, units: float, *, late: float, lease: int) -> None:
        state[0] += units

    def settle(self, state: State, now: float, more: float, *, taken_at: float) -> None:
        if more > 0 or taken_at >= state[2]:
            state[0] = max(0.0, state[0] + more)

    def observe(self, state: State, now: float, remaining: float, resets_in: float) -> None:
        state[0] = max(state[0], self.limit - remaining)

    def room(self, state: State, now: float) -> float:
        return min(1.0, max(0.0, 1.0 - state[0] / self.limit))

    def wire(self, wall: float) -> list[float]:
        return [3, self.dimension, self.limit, self.resets_in(wall)]


@lru_cache(maxsize=64)
def _next_midnight(zone: str, quarter: int) -> float:
    """Seconds since 1970 of the first midnight in `zone` after the beginning of a quarter."""
    there = datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(ZoneInfo(zone))
    tomorrow = there.date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(zone))
    return midnight.timestamp()


@dataclass(frozen=True, slots=True)
class Slots:
    """`limit` calls at a time; a killed process's slots are free after `lease_seconds`.

    The lease has to be longer than the longest call: it is not renewed.
    """

    limit: float
    lease_seconds: float = 120.0
    dimension: ClassVar[Dimension] = Dimension.REQUESTS
    is_daily: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return "calls at once"

    def fresh(self) -> State:
        return []

    def ready_at(self, state: State, now: float, units: float) -> float:
        self._forget(state, now)
        over = len(state) // 2 - int(self.limit)
        return now if over < 0 else sorted(state[1::2])[over]

    def _forget(self, state: State, now: float) -> None:
        if any(until <= now + TOLERANCE for until in state[1::2]):
            held = zip(state[::2], state[1::2], strict=True)
            state[:] = [n for pair in held if pair[1] > now + TOLERANCE for n in pair]

    def take(self, state: State, now: float, units: float, *, late: float, lease: int) -> None:
        state += [lease, now + self.lease_seconds]

    def release(self, state: State, lease: int) -> None:
        """Free the slot of a lease; one that is over already has none."""
        for at in range(0, len(state), 2):
            if state[at] == lease:
                del state[at : at + 2]
                return

    def settle(self, state: State, now: float, more: float, *, taken_at: float) -> None:
        """A call takes one slot, whatever it cost."""

    def observe(self, state: State, now: float, remaining: float, resets_in: float) -> None:
        """Vendors do not tell slots."""

    def room(self, state: State, now: float) -> float:
        self._forget(state, now)
        return max(0.0, 1.0 - len(state) / 2 / self.limit)

    def wire(self, wall: float) -> list[float]:
        return [4, self.dimension, self.limit, self.lease_seconds]
