"""A server of plain bytes on loopback, of which nothing is left when its block ends."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(
    handle: Handler, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A server on loopback; its port."""
    writers: list[asyncio.StreamWriter] = []
    ended = asyncio.Event()
    ended.set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        ended.clear()
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        ended.set()

    running = await asyncio.start_server(accept, host, port, ssl=tls)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
        for writer in writers:
            writer.transport.abort()
        await ended.wait()
        await asyncio.sleep(0)  # the transports say goodbye in the next turn of the loop
