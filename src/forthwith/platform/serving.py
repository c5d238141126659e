"""An application served by uvicorn inside a process that does other things too."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn

KEEP_ALIVE_SECONDS: Final = 75
"""How long an idle connection is kept: longer than clients and proxies keep theirs (nginx: 60 s).

Who closes first must be they. A server that does so while the next request is on its way makes
it fail, and a POST is not sent again. uvicorn's five seconds are just those of httpx.
"""


@asynccontextmanager
async def served(app: Any, listening: socket.socket, **options: Any) -> AsyncGenerator[str]:
    """Serve an ASGI application on an open socket while the block lasts; its URL.

    `options` are those of `uvicorn.Config`. Signals are left to the process. The socket is
    closed at the end.
    """
    server = _Server(uvicorn.Config(app, **{"timeout_keep_alive": KEEP_ALIVE_SECONDS, **options}))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    host, port = listening.getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.end()
        await task
        listening.close()


class _Server(uvicorn.Server):
    """A server that ends when it is told to, where uvicorn looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def end(self) -> None:
        """Take no more requests, answer those that came."""
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        """Tick as uvicorn does; its counter only decides when `Date` changes."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
