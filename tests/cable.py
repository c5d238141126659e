"""A network cable between us and the database, that a test can cut and mend."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit


class Cable:
    """Forwards bytes to the database until it is cut."""

    def __init__(self, dsn: str) -> None:
        """Remember the far end; `open` starts forwarding."""
        self._parts = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def dsn(self) -> str:
        """How to reach the database through this cable."""
        user, _, _ = self._parts.netloc.rpartition("@")
        return f"postgresql://{user}@127.0.0.1:{self.port}{self._parts.path}?sslmode=disable"

    async def mend(self) -> None:
        """Let connections through again, at the port of before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Close every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._forward(reader, writer)
        writer.transport.abort()
        self._running.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._dial()
        ways = (_pump(reader, far_writer), _pump(far_reader, writer))
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            far_writer.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._parts.query)
        port = int(query.get("port", [str(self._parts.port or 5432)])[0])
        host = query.get("host", [self._parts.hostname or "localhost"])[0]
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def cable_to(dsn: str) -> AsyncGenerator[Cable]:
    """A whole cable to the database of `dsn`, cut at the end."""
    cable = Cable(dsn)
    await cable.mend()
    try:
        yield cable
    finally:
        await cable.cut()
