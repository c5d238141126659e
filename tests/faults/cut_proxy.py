"""A proxy before the database's socket that can fall silent, as a cut network does."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import quote

SOCKET = ".s.PGSQL.5432"


class CutProxy:
    """Forwards a Unix socket; `cut` makes the present connections deaf without closing them."""

    def __init__(self, dsn: str) -> None:
        head, _, host_and_port = dsn.partition("?host=")
        self._target = str(Path(host_and_port.partition("&")[0]) / SOCKET)
        self._folder = TemporaryDirectory(prefix="fw-cut-", dir="/tmp")  # a socket path is short
        self._wires: list[_Wire] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.dsn = f"{head}?host={quote(self._folder.name, safe='/')}&port=5432"

    async def __aenter__(self) -> Self:
        path = Path(self._folder.name) / SOCKET
        self._server = await asyncio.start_unix_server(self._connect, path)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the aborted transports close their sockets
        self._folder.cleanup()

    def cut(self, *, only_listeners: bool = False) -> int:
        """From now on nothing passes on the connections that there are; how many were cut."""
        chosen = [wire for wire in self._wires if wire.listens or not only_listeners]
        for wire in chosen:
            wire.whole.clear()
        return len(chosen)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = _Wire()
        self._wires.append(wire)
        from_server, to_server = await asyncio.open_unix_connection(self._target)
        for source, target in ((reader, to_server), (from_server, writer)):
            self._tasks.add(asyncio.create_task(wire.forward(source, target)))


class _Wire:
    """One connection in both directions."""

    def __init__(self) -> None:
        self.listens = False
        self.whole = asyncio.Event()
        self.whole.set()

    async def forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Pass on what comes, while the wire is whole."""
        try:
            while chunk := await source.read(65536):
                await self.whole.wait()
                self.listens = self.listens or b'LISTEN "' in chunk
                target.write(chunk)
                await target.drain()
        except ConnectionError:
            return  # the other direction ends by itself
        finally:
            target.transport.abort()
