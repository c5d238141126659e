"""Declaring jobs: a function, its queue, its weight, how it is retried, how long it may take."""

import inspect
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias, get_type_hints
from uuid import UUID

import msgspec

from forthwith.platform.db import Session

JobFunction: TypeAlias = Callable[..., Awaitable[Any]]
"""`async def read(run: Run, runtime: Runtime, *, card_id: UUID) -> result`."""

_HANDED_IN: Final = 2  # run and runtime come first; the keyword arguments are the job's own


class Weight(StrEnum):
    """Shares of a worker's slots: 6 to 3 to 1; an idle share is lent to the others."""

    CRITICAL = "critical"
    DEFAULT = "default"
    LOW = "low"

    @property
    def share(self) -> int:
        """How many of ten slots."""
        return _SHARES[self]


_SHARES: Final = {Weight.CRITICAL: 6, Weight.DEFAULT: 3, Weight.LOW: 1}


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and when a failed try is repeated.

    Waits `first_seconds * factor ** n`, at most `longest_seconds`, with up to a quarter of
    jitter on top so that failed runs do not come back as one wave. `factor=1` is fixed.
    Raises ValueError for less than one try, or a factor below 1.
    """

    tries: int = 3
    first_seconds: float = 2.0
    factor: float = 2.0
    longest_seconds: float = 300.0

    def __post_init__(self) -> None:
        if self.tries < 1 or self.factor < 1 or self.first_seconds < 0:
            raise ValueError(f"{self} retries never, or faster and faster")

    def delay(self, failed_tries: int) -> float:
        """Seconds to wait after this many tries have failed (1 or more)."""
        try:
            wait = self.first_seconds * self.factor ** (failed_tries - 1)
        except OverflowError:
            wait = self.longest_seconds
        jitter = 1 + random.random() / 4  # noqa: S311 - jitter, not a secret
        return min(wait, self.longest_seconds) * jitter


@dataclass(frozen=True, slots=True)
class MovedRun:
    """A run that was cancelled, or queued again, by somebody: what the hooks are told."""

    id: UUID
    owner: UUID
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FailedRun(MovedRun):
    """What `on_failed` is told: which run ended without success, and why.

    `runtime` is what the job itself is handed.
    """

    code: str
    message: str
    runtime: Any = field(default=None, compare=False, repr=False)


OnFailed: TypeAlias = Callable[[Session, FailedRun], Awaitable[None]]
"""Called in the transaction that fails the run for good, so that people are told once."""

OnMoved: TypeAlias = Callable[[Session, MovedRun], Awaitable[None]]
"""Called in the transaction that moves the run: what it raises undoes that."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work. `cap` bounds the runs of its queue over the whole fleet (0: unbounded)."""

    name: str
    function: JobFunction
    queue: str
    weight: Weight
    retry: Retry
    time_limit_seconds: float
    cap: int
    on_failed: OnFailed | None
    on_cancelled: OnMoved | None
    on_retried: OnMoved | None
    arguments: type[msgspec.Struct]

    @property
    def app(self) -> str:
        """The application that declared it: the part of the name before the dot."""
        return self.name.partition(".")[0]

    def parse(self, args: dict[str, Any]) -> dict[str, Any]:
        """Stored arguments as the types the function declares."""
        parsed = msgspec.convert(args, self.arguments, strict=False)
        return {name: getattr(parsed, name) for name in self.arguments.__struct_fields__}


def job(
    name: str,
    *,
    queue: str | None = None,
    weight: Weight = Weight.DEFAULT,
    retry: Retry = Retry(),  # noqa: B008 - frozen
    time_limit_seconds: float = 300.0,
    cap: int = 0,
    on_failed: OnFailed | None = None,
    on_cancelled: OnMoved | None = None,
    on_retried: OnMoved | None = None,
) -> Callable[[JobFunction], Job]:
    """Declare a job named `app.verb`; its queue is its name unless given."""

    def declare(function: JobFunction) -> Job:
        return Job(
            name=name,
            function=function,
            queue=queue or name,
            weight=weight,
            retry=retry,
            time_limit_seconds=time_limit_seconds,
            cap=cap,
            on_failed=on_failed,
            on_cancelled=on_cancelled,
            on_retried=on_retried,
            arguments=_arguments(name, function),
        )

    return declare


def _arguments(name: str, function: JobFunction) -> type[msgspec.Struct]:
    """The keyword arguments of a job as a struct, so that stored JSON is checked."""
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[_HANDED_IN:]
    fields: list[Any] = [
        (each.name, hints[each.name])
        if each.default is inspect.Parameter.empty
        else (each.name, hints[each.name], each.default)
        for each in parameters
    ]
    return msgspec.defstruct(name, fields, kw_only=True, forbid_unknown_fields=True)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A run at each tick of a cron expression (UTC), exactly once in a fleet.

    `catch_up` says what happens to ticks that passed while nothing ran: the newest one is
    made good (True), or all are skipped (False).
    """

    job: str
    cron: str
    catch_up: bool = False

    @property
    def name(self) -> str:
        """What makes its ticks its own: two schedules of one job differ by expression."""
        return f"{self.job} {self.cron}"


def by_name(jobs: Sequence[Job]) -> dict[str, Job]:
    """Jobs by name.

    Raises ValueError when a name is declared twice, or when the jobs of one queue do not
    agree on its cap and weight.
    """
    named = {each.name: each for each in jobs}
    if len(named) != len(jobs):
        raise ValueError("two jobs have the same name")
    queues = {each.queue: (each.cap, each.weight) for each in jobs}
    for each in jobs:
        if queues[each.queue] != (each.cap, each.weight):
            raise ValueError(f"the jobs of the queue {each.queue} differ in cap or weight")
    return named
