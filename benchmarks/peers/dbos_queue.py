"""DBOS: a workflow with one step on a queue with its default settings."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig  # type: ignore[import-not-found]

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

QUEUE = "notes"
URL = protocol.DSN.replace("postgresql://", "postgresql+psycopg://", 1)
CONFIG: DBOSConfig = {
    "name": "bench",
    "system_database_url": URL,
    "log_level": "WARNING",
    "application_version": "1",
}


@DBOS.step()  # type: ignore[untyped-decorator]
async def say_started(due: float, hold: float) -> bool:
    """The one step."""
    protocol.started(due)
    if hold:
        await asyncio.sleep(hold)
    return True


@DBOS.workflow()  # type: ignore[untyped-decorator]
async def note(due: float, hold: float) -> bool:
    """A workflow of one step."""
    started: bool = await say_started(due, hold)
    return started


def prepare() -> None:
    """DBOS makes its tables when it is launched; then the business table."""
    _launch()
    DBOS.destroy()
    with sa.create_engine(URL).begin() as connection:
        connection.execute(sa.text("create table notes (id uuid primary key, text varchar)"))


def _launch() -> None:
    DBOS(config=CONFIG)
    DBOS.launch()
    DBOS.register_queue(QUEUE)


def work() -> None:
    """An executor, as `DBOS.launch()` in a user's main starts it."""
    _launch()
    threading.Event().wait()


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """A business row and its workflow in one transaction, in a thread as DBOS does it."""
    engine = sa.create_engine(URL, pool_size=15)
    client = DBOSClient(system_database_url=URL)
    options: Any = {"workflow_name": "note", "queue_name": QUEUE, "app_version": "1"}

    def write(due: float, hold: float) -> None:
        with engine.begin() as connection:
            connection.execute(sa.text("insert into notes values (:id, 'a note')"), {"id": uuid4()})
            client.enqueue_in_transaction(connection, options, due, hold)

    async def enqueue(due: float, hold: float) -> None:
        await asyncio.to_thread(write, due, hold)

    yield enqueue
    client.destroy()


if __name__ == "__main__":
    protocol.main(Engine(prepare, work, opened))
