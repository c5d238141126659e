"""An application served by uvicorn inside a process that does other things too."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn


@asynccontextmanager
async def served(app: Any, listening: socket.socket, **options: Any) -> AsyncGenerator[str]:
    """Serve an ASGI application on an open socket while the block lasts; its URL.

    `options` are those of `uvicorn.Config`. Signals are left to the process. The socket is
    closed at the end.
    """
    server = _Server(uvicorn.Config(app, **options))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    host, port = listening.getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task
        listening.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
