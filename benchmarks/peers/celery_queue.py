"""celery over Redis with its defaults: prefork, a process a core, early acknowledgement."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from celery import Celery  # type: ignore[import-not-found]

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

app = Celery("notes", broker=f"redis://127.0.0.1:{protocol.REDIS_PORT}/0")
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True


@app.task(name="note")  # type: ignore[untyped-decorator]
def note(due: float, hold: float) -> None:
    """Say that the job has started."""
    protocol.started(due)
    if hold:
        time.sleep(hold)


def work() -> None:
    """As `celery worker` does."""
    app.worker_main(["worker", "--loglevel=WARNING", f"--hostname=w{os.getpid()}@%h"])


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """`delay`, which blocks the loop for as long as it takes, as in its users' routes."""

    async def enqueue(due: float, hold: float) -> None:
        note.delay(due, hold)

    yield enqueue


if __name__ == "__main__":
    protocol.main(Engine(protocol.nothing, work, opened))
