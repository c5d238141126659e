"""What tests use beside fixtures: a real server, a worker, sending a photo, reading events."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from forthwith.platform.jobs import Worker
from forthwith.platform.runtime import Runtime
from forthwith.platform.serving import served
from forthwith.server import create_app, uvicorn_options

REPOSITORY = Path(__file__).parent.parent
EXAMPLES = REPOSITORY / "examples" / "cards"
API_KEY = "fw_test-key-of-the-operator"
ENCRYPTION_KEY = "5a" * 32
JWT_SECRET = "test:" + "5b" * 32


def serving(runtime: Runtime) -> AbstractAsyncContextManager[str]:
    """The real server over an open runtime; its URL."""
    app = create_app(runtime.settings, runtime)
    return served(app, socket.create_server(("127.0.0.1", 0)), **uvicorn_options())


@asynccontextmanager
async def working(runtime: Runtime, **options: float) -> AsyncIterator[Worker]:
    """A worker in this process, drained at the end."""
    worker = Worker(
        runtime.db,
        runtime.codec,
        runtime.listener,
        runtime.jobs.declared,
        runtime.jobs.schedules,
        runtime,
        max_concurrent=int(options.get("max_concurrent", 20)),
        drain_seconds=options.get("drain_seconds", 5.0),
    )
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await task


async def send_photo(api: httpx.AsyncClient, photo: bytes, **headers: str) -> httpx.Response:
    """POST a photo as a person's program would."""
    return await api.post("/api/v1/cards", files={"photo": photo}, headers=headers)


async def events(api: httpx.AsyncClient, url: str, **headers: str) -> list[dict[str, Any]]:
    """All server-sent events of a stream until it ends: id, event, data."""
    found: list[dict[str, Any]] = []
    async with api.stream("GET", url, headers=headers) as answer:
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                found.append({"id": int(value)})
            elif name == "event":
                found[-1]["event"] = value
            elif name == "data":
                found[-1]["data"] = msgspec.json.decode(value)
    return found
