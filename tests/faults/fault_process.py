"""A worker or an API over the jobs of the fault suite: `fault_process.py work | serve`."""

import asyncio
import os
import signal
import sys
from typing import Any
from uuid import UUID

import uvicorn
from fault_jobs import JOBS

from forthwith.platform import logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.jobs import Worker, runner
from forthwith.platform.runtime import Current, Runtime, open_runtime
from forthwith.server import create_app, uvicorn_options

OWNER = UUID(int=7)
MAX_TAKEOVERS = "MAX_TAKEOVERS"
"""The environment variable that lets a poisoned run end before ten leases are over."""


async def work(runtime: Runtime) -> None:
    """One worker, until SIGTERM."""
    worker = Worker(
        runtime.db,
        runtime.codec,
        runtime.listener,
        runtime.jobs.declared,
        runtime.jobs.schedules,
        runtime,
        max_concurrent=runtime.settings.worker.max_concurrent,
        drain_seconds=runtime.settings.worker.drain_seconds,
        max_takeovers=int(os.environ.get(MAX_TAKEOVERS, runner.MAX_TAKEOVERS)),
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()


async def serve(runtime: Runtime) -> None:
    """The real server with one more route: POST /orders answers 202 when the run is safe."""
    app = create_app(runtime.settings, runtime)

    @app.post("/orders", status_code=202)
    async def submit(current: Current, args: dict[str, Any]) -> dict[str, UUID]:
        name, unique = args.pop("name", "fault.order"), args.pop("unique", None)
        async with current.db.transaction() as session:
            run = await current.jobs.enqueue(session, name, args, owner=OWNER, unique=unique)
        return {"id": run}

    port = runtime.settings.server.port
    await uvicorn.Server(uvicorn.Config(app, port=port, **uvicorn_options())).serve()


async def main(role: str) -> None:
    """Open what the process needs and do its part."""
    settings = PlatformSettings()
    logging.configure(settings.log, service=f"{role}-{os.getpid()}")
    assert settings.database.dsn is not None
    async with open_runtime(settings, settings.database.dsn, JOBS, ()) as runtime:
        await {"work": work, "serve": serve}[role](runtime)


def run() -> None:
    """Be what the command line asks for."""
    asyncio.run(main(sys.argv[1]))


if __name__ == "__main__":
    run()
