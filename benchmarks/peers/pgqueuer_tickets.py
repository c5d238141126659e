"""pgqueuer without a ledger: what our tickets cost by themselves. No steps, no result."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.core.applications import PgQueuer
from pgqueuer.domain.models import Job
from pgqueuer.queries import Queries

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

_NOTE = "insert into notes (id, owner, run, text) values ($1, $1, $1, 'a note')"
_TABLE = (
    "create table notes (id uuid primary key, owner uuid not null, run uuid not null,"
    " text varchar not null, created_at timestamptz not null default now())"
)


def prepare() -> None:
    """The tables of pgqueuer, and the business table."""
    asyncio.run(_prepare())


async def _prepare() -> None:
    connection = await asyncpg.connect(protocol.DSN)
    await Queries(AsyncpgDriver(connection)).install()
    await connection.execute(_TABLE)
    await connection.close()


def work() -> None:
    """One queue manager over a pool, as pgqueuer's own documentation shows it."""
    asyncio.run(_work())


async def _work() -> None:
    async with asyncpg.create_pool(protocol.DSN, min_size=2, max_size=5) as pool:
        queue = PgQueuer(AsyncpgPoolDriver(pool))

        @queue.entrypoint("note")
        async def note(ticket: Job) -> None:
            due, hold = json.loads(ticket.payload or b"[0, 0]")
            protocol.started(due)
            await asyncio.sleep(hold)

        await queue.run(batch_size=10, max_concurrent_tasks=protocol.CONCURRENCY)


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """A business row and its ticket in one transaction."""
    async with asyncpg.create_pool(protocol.DSN, min_size=5, max_size=15) as pool:

        async def enqueue(due: float, hold: float) -> None:
            payload = json.dumps([due, hold]).encode()
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(_NOTE, uuid4())
                driver = AsyncpgDriver(connection)  # type: ignore[arg-type]
                await Queries(driver).enqueue("note", payload)

        yield enqueue


if __name__ == "__main__":
    protocol.main(Engine(prepare, work, opened))
