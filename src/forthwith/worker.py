"""The worker process: carries the runs of the applications to their ends, drains on SIGTERM."""

import asyncio
import signal

from forthwith import registry
from forthwith.platform import logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.garbage import collect_rarely
from forthwith.platform.jobs import Worker
from forthwith.platform.loop import run
from forthwith.platform.priority import give_way
from forthwith.platform.runtime import Runtime, database_dsn, open_runtime
from forthwith.warming import warming_pool


def work(settings: PlatformSettings) -> None:
    """Work until SIGTERM or SIGINT, then drain."""
    logging.configure(settings.log, service="worker")
    run(_work(settings))


async def _work(settings: PlatformSettings) -> None:
    apps = registry.selected(settings.apps.names)
    async with (
        warming_pool(settings, apps) as (pool, _),
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, pool=pool, **registry.parts(apps)) as runtime,
    ):
        collect_rarely()
        give_way()
        await work_until_signal(runtime)


async def work_until_signal(runtime: Runtime) -> None:
    """Work with what this process has open until SIGTERM or SIGINT, then drain."""
    worker = _worker(runtime)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, worker.stop)
    housekeeping = asyncio.create_task(runtime.stores.keep_house(runtime.settings))
    await worker.run()
    housekeeping.cancel()
    await asyncio.wait({housekeeping})


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
