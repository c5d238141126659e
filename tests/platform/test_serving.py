import asyncio
import socket
from typing import Any

import pytest

from forthwith.platform.serving import served

CLIENTS_FORGET_AFTER = 5.0  # seconds; what httpx, aiohttp's servers and uvicorn begin with
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.slow
async def test_an_idle_connection_is_kept_longer_than_clients_keep_theirs() -> None:
    """Else a request may be on its way while the server closes, and be lost."""
    listening = socket.create_server(("127.0.0.1", 0))
    async with served(answer, listening, log_config=None, lifespan="off"):
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        for pause in (CLIENTS_FORGET_AFTER + 1, 0):
            writer.write(REQUEST)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            await asyncio.sleep(pause)
        writer.close()
