"""Asking for runs and waiting for what becomes of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg

from forthwith.platform.jobs import RunError
from forthwith.platform.jobs.runner import error_place, result_place
from forthwith.platform.runtime import Runtime

Opener: TypeAlias = Callable[..., AbstractAsyncContextManager[Runtime]]

OWNER = UUID(int=7)
PATIENCE_SECONDS = 30.0  # an outcome takes milliseconds on an idle machine


async def ask(runtime: Runtime, name: str, /, **args: Any) -> UUID:
    """Queue a run."""
    async with runtime.db.transaction() as session:
        return await runtime.jobs.enqueue(session, name, args, owner=OWNER)


async def row_of(runtime: Runtime, run: UUID) -> asyncpg.Record:
    """The run as the ledger has it."""
    row = await runtime.db.fetchrow("select * from platform.runs where id = $1", run)
    assert row is not None
    return row


async def reached(
    runtime: Runtime, run: UUID, *states: str, within: float = PATIENCE_SECONDS
) -> asyncpg.Record:
    """The run once it is in one of these states, by default an end."""
    wanted = states or ("succeeded", "failed", "cancelled")

    async def there() -> bool:
        return (await row_of(runtime, run))["state"] in wanted

    await until(there, within=within)
    return await row_of(runtime, run)


async def until(condition: Callable[[], Awaitable[bool]], *, within: float) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, f"it did not happen within {within} s"
        await asyncio.sleep(0.01)


def result_of(runtime: Runtime, row: asyncpg.Record) -> Any:
    """What the job returned."""
    return runtime.codec.open(row["result"], result_place(row["id"]))


def error_of(runtime: Runtime, row: asyncpg.Record) -> RunError:
    """Why it failed."""
    return runtime.codec.open(row["error"], error_place(row["id"]), RunError)


async def steps_of(runtime: Runtime, run: UUID) -> list[str]:
    """Names of the recorded steps."""
    rows = await runtime.db.fetch("select name from platform.steps where run = $1", run)
    return sorted(row["name"] for row in rows)


async def kinds_of(runtime: Runtime, run: UUID) -> list[str]:
    """Kinds of the run's events, in their order."""
    rows = await runtime.db.fetch(
        "select kind from platform.events where stream = $1 order by seq", run
    )
    return [row["kind"] for row in rows]


async def left_by_a_dead_worker(runtime: Runtime, run: UUID, *, takeovers: int = 0) -> None:
    """Make a queued run look as a worker left it that died ten seconds ago."""
    await runtime.db.execute(
        "update platform.runs set state = 'running', holder = $2, takeovers = $3,"
        " lease_until = now() - interval '4 seconds' where id = $1",
        run,
        uuid4(),
        takeovers,
    )


async def taken_by_another(runtime: Runtime, run: UUID) -> None:
    """Give a running run to a worker that does not exist."""
    await runtime.db.execute(
        "update platform.runs set holder = $2, lease_until = now() + interval '1 minute'"
        " where id = $1",
        run,
        uuid4(),
    )
