"""The worker process: carries the runs of the applications to their ends, drains on SIGTERM."""

import asyncio
import signal
from collections.abc import Sequence

from forthwith import registry
from forthwith.platform import logging
from forthwith.platform.app import App
from forthwith.platform.config import PlatformSettings
from forthwith.platform.jobs import Worker
from forthwith.platform.runtime import Runtime, database_dsn, open_runtime, run


def work(settings: PlatformSettings) -> None:
    """Work until SIGTERM or SIGINT, then drain."""
    logging.configure(settings.log, service="worker")
    run(_work(settings))


async def _work(settings: PlatformSettings) -> None:
    apps = registry.selected(settings.apps.names)
    async with (
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, registry.jobs(apps), registry.schedules(apps)) as runtime,
    ):
        await work_until_signal(runtime, apps)


async def work_until_signal(runtime: Runtime, apps: Sequence[App]) -> None:
    """Work with what this process has open until SIGTERM or SIGINT, then drain."""
    worker = _worker(runtime)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, worker.stop)
    warming = asyncio.create_task(_warm_up(runtime, apps))
    await worker.run()
    warming.cancel()
    await asyncio.wait({warming})


def _worker(runtime: Runtime) -> Worker:
    return Worker(
        runtime.db,
        runtime.codec,
        runtime.listener,
        runtime.jobs.declared,
        runtime.jobs.schedules,
        runtime,
        max_concurrent=runtime.settings.worker.max_concurrent,
        drain_seconds=runtime.settings.worker.drain_seconds,
    )


async def _warm_up(runtime: Runtime, apps: Sequence[App]) -> None:
    """Load what the first run would otherwise wait for."""
    for app in apps:
        if app.warm_up is not None:
            await app.warm_up(runtime.pool)
