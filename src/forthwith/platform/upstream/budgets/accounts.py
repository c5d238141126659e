"""Accounts: the parts of one key together, taken all or none, and a pool of such accounts.

A pool is one document in a store. Its first account is shared by all calls to the vendor; the
others belong to one key each. A call takes from the shared account and from the key with most
room. Everything here is pure: the store hands in its time and keeps the document.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf
from typing import Final

import msgspec

from forthwith.platform.upstream.budgets.parts import (
    LATENESS,
    TOLERANCE,
    Cost,
    Dimension,
    Part,
    Quota,
    Rate,
    Slots,
    State,
)

SHARED = ""

KEPT_SECONDS: Final = 2 * 86_400.0
"""No rule looks back farther than a day, so what was left alone for two says nothing any more."""
RETIRED_KEPT_SECONDS: Final = 30 * 86_400.0
"""A rejected key that nobody uses is remembered for so long."""


class Standing(IntEnum):
    """What a key may do: all but `OK` and `RETIRED` are over by themselves at a told time."""

    OK = 0
    COOLING = 1
    OUT = 2
    RETIRED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """The rules of one key; the shared account has an empty alias.

    `fingerprint` tells another secret behind the same alias: its standing starts afresh.
    """

    alias: str
    parts: tuple[Part, ...]
    fingerprint: str = ""
    rules: str = field(init=False)
    """Names of the parts; a state made under others is dropped."""
    has_slots: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", "|".join(part.name for part in self.parts))
        has_slots = any(isinstance(part, Slots) for part in self.parts)
        object.__setattr__(self, "has_slots", has_slots)


@dataclass(frozen=True, slots=True)
class Pool:
    """The rules of a vendor: what all its calls share, and its keys (none: no key is chosen)."""

    name: str
    shared: Account
    keys: tuple[Account, ...] = ()
    accounts: tuple[Account, ...] = field(init=False)
    has_quotas: bool = field(init=False)
    has_slots: bool = field(init=False)
    can_set_aside: bool = field(init=False)
    """Whether calls may be granted from units that a process took along: rates alone, if any."""
    sole_rate: Rate | None = field(init=False)
    """The one rule, when it is a rate and there is nothing else."""

    def __post_init__(self) -> None:
        accounts = (self.shared, *self.keys)
        object.__setattr__(self, "accounts", accounts)
        quotas = any(isinstance(part, Quota) for part in _parts(accounts))
        object.__setattr__(self, "has_quotas", quotas)
        object.__setattr__(self, "has_slots", any(each.has_slots for each in accounts))
        object.__setattr__(self, "can_set_aside", all(map(_is_rate, _parts(accounts))))
        parts = self.shared.parts
        is_sole = not self.keys and len(parts) == 1 and isinstance(parts[0], Rate)
        object.__setattr__(self, "sole_rate", parts[0] if is_sole else None)


def _parts(accounts: Sequence[Account]) -> Iterator[Part]:
    return (part for each in accounts for part in each.parts)


def _is_rate(part: Part) -> bool:
    return isinstance(part, Rate) and part.dimension is Dimension.REQUESTS


class AccountState(msgspec.Struct, array_like=True):
    """What a store keeps of an account; `parts` in the order of the account's parts."""

    alias: str
    fingerprint: str
    rules: str
    standing: int
    until: float
    taken_at: float
    parts: list[State]


class Document(msgspec.Struct, array_like=True):
    """What a store keeps of a pool; `at` is the latest time it was changed."""

    at: float
    accounts: list[AccountState]


class Grant(msgspec.Struct, gc=False):
    """What was taken: from which key, when (by the store's clock), how much.

    `aside` more calls of one request each may be made with the key, by the process that asked.
    """

    alias: str
    taken_at: float
    cost: Cost
    lease: int
    aside: int = 0


class Obstacle(IntEnum):
    """Why nothing was taken: early, out of quota, or no key may be used any more."""

    BUSY = 0
    OUT = 1
    RETIRED = 2


class Blocked(msgspec.Struct, gc=False):
    """Nothing was taken; asking again helps after `seconds` (infinite: when a person acts).

    `by_slots` says that room may come sooner, when a call of another process ends.
    """

    seconds: float
    obstacle: Obstacle
    by_slots: bool = False


def states_of(document: Document, pool: Pool) -> list[AccountState]:
    """The states of the pool's accounts in its order; made or renewed where they do not fit."""
    by_alias = {state.alias: state for state in document.accounts}
    states = []
    for account in pool.accounts:
        state = by_alias.get(account.alias)
        if state is None:
            state = _fresh(account)
            document.accounts.append(state)
        _fit(state, account)
        states.append(state)
    return states


def _fresh(account: Account) -> AccountState:
    parts = [part.fresh() for part in account.parts]
    return AccountState(account.alias, account.fingerprint, account.rules, 0, 0.0, 0.0, parts)


def _fit(state: AccountState, account: Account) -> None:
    if state.fingerprint != account.fingerprint:
        state.standing, state.until, state.fingerprint = Standing.OK, 0.0, account.fingerprint
    if state.rules != account.rules:
        state.rules, state.parts = account.rules, [part.fresh() for part in account.parts]


def roll(pool: Pool, states: Sequence[AccountState], now: float, wall: float) -> None:
    """Begin the new day of every quota whose midnight is over."""
    for account, state in zip(pool.accounts, states, strict=True):
        for part, numbers in zip(account.parts, state.parts, strict=True):
            if isinstance(part, Quota):
                part.roll(numbers, now, wall)


def take(
    pool: Pool,
    states: Sequence[AccountState],
    cost: Cost,
    *,
    now: float,
    waited: float = 0.0,
    lease: int = 0,
    aside: int = 0,
) -> Grant | Blocked:
    """Take the cost from the shared account and the key with most room, all or nothing.

    `waited` are the seconds that the caller has been first in line: so much of a timer's
    lateness (at most `LATENESS`) is made up for, which keeps the rate exact under load.
    `aside` are requests that are taken along where there is room to spare, of a pool that
    `can_set_aside`: never more than leave half of every burst.
    """
    blocked = _obstacle(pool.shared, states[0], cost, now)
    chosen = 0
    if pool.keys:
        found = _choose(pool, states, cost, now)
        if isinstance(found, Blocked):
            blocked = found if blocked is None else _later(blocked, found)
        else:
            chosen = found
    if blocked is not None:
        return blocked
    late = min(waited, LATENESS)
    paying = (0, chosen) if chosen else (0,)
    for place in paying:
        _book(pool.accounts[place], states[place], cost, now, late, lease)
    grant = Grant(pool.accounts[chosen].alias, now, cost, lease)
    if aside:
        grant.aside = _set_aside([(pool.accounts[n], states[n]) for n in paying], now, aside)
    return grant


def _set_aside(paying: Sequence[tuple[Account, AccountState]], now: float, wanted: int) -> int:
    """Take as many requests as every rule can spare; how many that were."""
    rates = [
        (part, numbers)
        for account, state in paying
        for part, numbers in zip(account.parts, state.parts, strict=True)
        if isinstance(part, Rate)
    ]
    units = min([wanted, *(rate.spare(numbers, now) for rate, numbers in rates)])
    if units:
        for rate, numbers in rates:
            rate.set_aside(numbers, now, units)
    return units


def _choose(pool: Pool, states: Sequence[AccountState], cost: Cost, now: float) -> int | Blocked:
    """The place of the ready key with most room, or what stands before the first one."""
    best, best_rank = 0, (0.0, 0.0)
    first: Blocked | None = None
    for place, account in enumerate(pool.keys, 1):
        state = states[place]
        obstacle = _obstacle(account, state, cost, now)
        if obstacle is None:
            rank = (room(account, state, now), -state.taken_at)
            if not best or rank > best_rank:
                best, best_rank = place, rank
        else:
            first = obstacle if first is None else _sooner(first, obstacle)
    return best or first or Blocked(inf, Obstacle.RETIRED)


def _obstacle(account: Account, state: AccountState, cost: Cost, now: float) -> Blocked | None:
    """What keeps an account from paying the cost now."""
    if state.standing == Standing.RETIRED:
        return Blocked(inf, Obstacle.RETIRED)
    ready_at, is_out, by_slots = state.until, state.standing == Standing.OUT, False
    for part, numbers in zip(account.parts, state.parts, strict=True):
        units = cost[part.dimension]
        if units <= 0:
            continue
        part_ready_at = part.ready_at(numbers, now, units)
        if part_ready_at > now + TOLERANCE and part_ready_at > ready_at:
            ready_at, is_out, by_slots = part_ready_at, part.is_daily, isinstance(part, Slots)
    if ready_at <= now + TOLERANCE:
        return None
    return Blocked(ready_at - now, Obstacle.OUT if is_out else Obstacle.BUSY, by_slots)


def _sooner(one: Blocked, other: Blocked) -> Blocked:
    """Any of two keys will do."""
    return Blocked(
        min(one.seconds, other.seconds),
        min(one.obstacle, other.obstacle),
        one.by_slots or other.by_slots,
    )


def _later(one: Blocked, other: Blocked) -> Blocked:
    """Both accounts have to pay."""
    return one if one.seconds >= other.seconds else other


def _book(
    account: Account, state: AccountState, cost: Cost, now: float, late: float, lease: int
) -> None:
    for part, numbers in zip(account.parts, state.parts, strict=True):
        units = cost[part.dimension]
        if units > 0:
            part.take(numbers, now, units, late=late, lease=lease)
    state.taken_at = now


def room(account: Account, state: AccountState, now: float) -> float:
    """The smallest free share of an account's parts; 1 without parts."""
    shares = [
        part.room(numbers, now) for part, numbers in zip(account.parts, state.parts, strict=True)
    ]
    return min(shares, default=1.0)


def difference(actual: Cost, taken: Cost) -> Cost:
    """How much more a call cost than was taken for it; below zero where it was less."""
    return Cost(*(spent - before for spent, before in zip(actual, taken, strict=True)))


def settle(
    pool: Pool, states: Sequence[AccountState], grant: Grant, actual: Cost, *, now: float
) -> None:
    """Replace what a grant took by what the call cost, and free its slots."""
    more = difference(actual, grant.cost)
    for account, state in zip(pool.accounts, states, strict=True):
        if account.alias in (SHARED, grant.alias):
            _correct(account, state, grant, more, now)


def _correct(account: Account, state: AccountState, grant: Grant, more: Cost, now: float) -> None:
    for part, numbers in zip(account.parts, state.parts, strict=True):
        if isinstance(part, Slots):
            part.release(numbers, grant.lease)
        elif more[part.dimension]:
            part.settle(numbers, now, more[part.dimension], taken_at=grant.taken_at)


def mark(state: AccountState, standing: Standing, seconds: float, *, now: float) -> None:
    """Give an account a standing for some seconds; the graver and the longer one stays.

    `OK` is what a person says, and always wins.
    """
    if standing == Standing.OK:
        state.standing, state.until = Standing.OK, 0.0
        return
    until = now + seconds if standing != Standing.RETIRED else 0.0
    if state.standing != Standing.RETIRED and (standing == Standing.RETIRED or until > state.until):
        state.standing, state.until = standing, until


def observe(
    account: Account,
    state: AccountState,
    dimension: Dimension,
    *,
    now: float,
    remaining: float,
    resets_in: float,
) -> None:
    """Believe a vendor's RateLimit header; one about more than an hour is about the day."""
    is_daily = resets_in > 3600  # noqa: PLR2004 - said above
    for part, numbers in zip(account.parts, state.parts, strict=True):
        if part.dimension == dimension and part.is_daily == is_daily:
            part.observe(numbers, now, remaining, resets_in)


def kept_seconds(document: Document) -> float:
    """How long a document is kept once nobody changes it any more."""
    if any(state.standing == Standing.RETIRED for state in document.accounts):
        return RETIRED_KEPT_SECONDS
    ends = max((state.until for state in document.accounts), default=0.0)
    return max(KEPT_SECONDS, ends - document.at)
