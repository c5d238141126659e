"""Budgets that processes and hosts share through Redis: one script per operation, its clock."""

from importlib.resources import files
from math import inf
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from forthwith.platform import clock
from forthwith.platform.upstream.budgets.accounts import (
    Blocked,
    Document,
    Grant,
    Obstacle,
    Pool,
    Standing,
    difference,
)
from forthwith.platform.upstream.budgets.parts import Cost, Dimension
from forthwith.platform.upstream.budgets.store import lease_numbers

_SCRIPT: Final = files(__package__).joinpath("budgets.lua").read_text()


class RedisStore:
    """Budgets in Redis, which the caller opens and closes; `prefix` keeps deployments apart.

    Raises what redis-py raises when Redis is away; `StandIn` takes over then.
    """

    is_local = False

    def __init__(self, redis: Redis, *, prefix: str = "forthwith") -> None:
        self._prefix = prefix
        self._script = redis.register_script(_SCRIPT)

    async def take(
        self, pool: Pool, cost: Cost, *, waited: float = 0.0, aside: int = 0
    ) -> Grant | Blocked:
        """Take the cost, all or nothing."""
        lease = next(lease_numbers)
        is_granted, *answer = await self._run("take", pool, cost, waited, lease, aside)
        if is_granted:
            alias, taken_at, taken_along = answer
            return Grant(alias, taken_at, cost, lease, taken_along)
        seconds, obstacle, by_slots = answer
        return Blocked(inf if seconds < 0 else seconds, Obstacle(obstacle), by_slots)

    async def settle(self, pool: Pool, grant: Grant, actual: Cost) -> None:
        """Correct what was taken and free the slots."""
        more = difference(actual, grant.cost)
        await self._run("settle", pool, grant.alias, grant.taken_at, grant.lease, more)

    async def mark(self, pool: Pool, alias: str, standing: Standing, seconds: float = 0.0) -> None:
        """Give an account a standing."""
        await self._run("mark", pool, alias, standing, seconds)

    async def observe(
        self, pool: Pool, alias: str, dimension: Dimension, remaining: float, resets_in: float
    ) -> None:
        """Believe the vendor where it says less."""
        await self._run("observe", pool, alias, dimension, remaining, resets_in)

    async def read(self, pool: Pool) -> Document:
        """A copy, as of now."""
        return msgspec.convert(await self._run("read", pool), Document, strict=False)

    async def _run(self, operation: str, pool: Pool, *arguments: object) -> Any:
        key = f"{self._prefix}:budget:{pool.name}"
        packed = msgspec.msgpack.encode(arguments)
        answer = await self._script([key], [operation, _rules(pool), packed])
        return msgspec.msgpack.decode(answer)


def _rules(pool: Pool) -> bytes:
    """The pool as budgets.lua reads it."""
    wall = clock.now().timestamp()
    return msgspec.msgpack.encode(
        [
            (each.alias, each.fingerprint, each.rules, [part.wire(wall) for part in each.parts])
            for each in pool.accounts
        ]
    )
