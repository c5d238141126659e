"""How every measured server is run: one uvicorn process, told apart only by its application."""

import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from forthwith.server import uvicorn_options

Serve = Callable[[Any], Awaitable[None]]
_BACKLOG = 2048


def main(serving: Callable[[Serve], Awaitable[None]]) -> None:
    """Run `serving` on the event loop of `forthwith serve`; it is handed what serves an app.

    The port is free and already open when it is written to the file PORT_FILE, so that
    requests wait for the start instead of failing.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(_BACKLOG)

        async def serve(app: Any) -> None:
            server = uvicorn.Server(uvicorn.Config(app, **uvicorn_options()))
            await server.serve(sockets=[listening])

        async def run() -> None:
            await serving(serve)

        Path(os.environ["PORT_FILE"]).write_text(str(listening.getsockname()[1]))
        uvloop.run(run())
