"""Ours: a run with one step, enqueued in one statement with a business row."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from sqlalchemy import column, table

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue
from forthwith.platform import ids, logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.garbage import collect_rarely
from forthwith.platform.jobs import Run, job
from forthwith.platform.loop import run
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.worker import work_until_signal

NOTES = table("notes", column("id"), column("owner"), column("run"), column("text"))
OWNER = uuid4()


@job("notes.keep")
async def keep(run: Run, _: Runtime, *, due: float, hold: float) -> None:
    """One step, which does nothing unless it is told to hold."""
    await run.step("note", note, due, hold)


async def note(due: float, hold: float) -> bool:
    """Say that the run has started."""
    protocol.started(due)
    if hold:
        await asyncio.sleep(hold)
    return True


def work() -> None:
    """As `forthwith work` does."""
    settings = PlatformSettings()
    logging.configure(settings.log, service="worker")
    run(_work(settings))


async def _work(settings: PlatformSettings) -> None:
    async with open_runtime(settings, protocol.DSN, [keep], ()) as runtime:
        collect_rarely()
        await work_until_signal(runtime)


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """What a route of ours calls."""
    settings = PlatformSettings()
    async with open_runtime(settings, protocol.DSN, [keep], ()) as runtime:
        collect_rarely()

        async def enqueue(due: float, hold: float) -> None:
            note, run = ids.new(), ids.new()
            row = {"id": note, "owner": OWNER, "run": run, "text": "a note"}
            args = {"due": due, "hold": hold}
            await runtime.jobs.enqueue_with(NOTES, row, keep.name, args, owner=OWNER, run=run)

        yield enqueue


if __name__ == "__main__":
    protocol.main(Engine(protocol.nothing, work, opened))
