"""arq over Redis: one async function; nothing ties a job to a database transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from arq import create_pool, run_worker  # type: ignore[import-not-found]
from arq.connections import RedisSettings  # type: ignore[import-not-found]

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

REDIS = RedisSettings(host="127.0.0.1", port=protocol.REDIS_PORT)


async def note(_: dict[str, Any], due: float, hold: float) -> None:
    """Say that the job has started."""
    protocol.started(due)
    if hold:
        await asyncio.sleep(hold)


class WorkerSettings:
    """As arq's documentation shows it, with the concurrency of the others."""

    functions = (note,)
    redis_settings = REDIS
    max_jobs = protocol.CONCURRENCY


def work() -> None:
    """As `arq WorkerSettings` does."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    run_worker(WorkerSettings)


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """A pool that enqueues."""
    pool = await create_pool(REDIS)

    async def enqueue(due: float, hold: float) -> None:
        await pool.enqueue_job("note", due, hold)

    yield enqueue
    await pool.aclose()


if __name__ == "__main__":
    protocol.main(Engine(protocol.nothing, work, opened))
