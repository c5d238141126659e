"""procrastinate: one async task, a worker with the concurrency of the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from procrastinate import App, PsycopgConnector  # type: ignore[import-not-found]

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

app = App(connector=PsycopgConnector(conninfo=protocol.DSN, min_size=5, max_size=15))


@app.task(queue="notes")  # type: ignore[untyped-decorator]
async def note(due: float, hold: float) -> None:
    """Say that the job has started."""
    protocol.started(due)
    if hold:
        await asyncio.sleep(hold)


def prepare() -> None:
    """Its tables, and the business table."""
    asyncio.run(_prepare())


async def _prepare() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async(
            "create table notes (id uuid primary key, text varchar)"
        )


def work() -> None:
    """As `procrastinate worker --concurrency 20` does."""
    asyncio.run(_work())


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async(concurrency=protocol.CONCURRENCY)


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """A business row and its job in one transaction."""
    async with app.open_async():

        async def enqueue(due: float, hold: float) -> None:
            async with app.connector.pool.connection() as connection:
                await connection.execute("insert into notes values (%s, 'a note')", (uuid4(),))
                await note.configure(connection=connection).defer_async(due=due, hold=hold)

        yield enqueue


if __name__ == "__main__":
    protocol.main(Engine(prepare, work, opened))
