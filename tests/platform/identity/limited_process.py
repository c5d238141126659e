"""One API process of a fleet: `limited_process.py`. Prints its port, serves until it is killed."""

import asyncio
import os
import socket
import sys

import uvicorn

from forthwith.platform.config import PlatformSettings
from forthwith.platform.runtime import open_runtime
from forthwith.server import create_app, uvicorn_options


async def main() -> None:
    """Serve on a free port."""
    settings = PlatformSettings()
    async with open_runtime(settings, os.environ["DATABASE_URL"], (), ()) as runtime:
        listening = socket.create_server(("127.0.0.1", 0))
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(create_app(settings, runtime), **uvicorn_options())
        await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    asyncio.run(main())
