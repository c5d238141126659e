"""The processes of heavy work, loaded before the first run needs them.

Imports little: what takes longest to start is started first.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from forthwith.platform import logging
from forthwith.platform.app import App
from forthwith.platform.config import PlatformSettings
from forthwith.platform.errors import ForthwithError
from forthwith.platform.pool import ProcessPool

log = logging.get(__name__)


@asynccontextmanager
async def warming_pool(
    settings: PlatformSettings, apps: Sequence[App]
) -> AsyncGenerator[tuple[ProcessPool, asyncio.Task[None]]]:
    """The processes of heavy work, and the task that ends when they are warm.

    They need no database, so they load what the first run would wait for while that starts.
    """
    async with ProcessPool(settings.worker.cpu_processes) as pool:
        warming = asyncio.create_task(_warm_up(pool, apps))
        try:
            yield pool, warming
        finally:
            warming.cancel()
            await asyncio.wait({warming})


async def _warm_up(pool: ProcessPool, apps: Sequence[App]) -> None:
    """A process that could not be warmed loads at its first run instead."""
    for app in apps:
        if app.warm_up is None:
            continue
        try:
            await app.warm_up(pool)
        except (ForthwithError, ImportError, OSError) as error:
            log.warning("warm_up_failed", app=app.name, error=repr(error))
