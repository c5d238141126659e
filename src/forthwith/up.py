"""`forthwith up`, what `make run` starts: everything on this machine, in one process.

The processes that read are started before this one imports the server: each takes seconds,
on its own core.
"""

import asyncio
from importlib import import_module

from rich.console import Console

from forthwith import registry
from forthwith.platform import logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.loop import run
from forthwith.warming import warming_pool


def up(settings: PlatformSettings) -> None:
    """Run everything on this machine until Ctrl-C."""
    Console(highlight=False).print("Starting the database and loading the models ...")
    logging.configure(settings.log, service="up")
    run(_up(settings))


async def _up(settings: PlatformSettings) -> None:
    apps = registry.selected(settings.apps.names)
    async with warming_pool(settings, apps) as (pool, warming):
        await asyncio.to_thread(import_module, "forthwith.all_in_one")
        from forthwith.all_in_one import serve_and_work  # noqa: PLC0415

        await serve_and_work(settings, apps, pool, warming)
