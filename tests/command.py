"""The command line, run as people run it."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

START_SECONDS = 120.0  # imports of several processes on a busy machine


def forthwith(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    command = [sys.executable, "-m", "forthwith", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, "FORTHWITH_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextlib.asynccontextmanager
async def running(*arguments: str, **environment: str) -> AsyncIterator[None]:
    """A `forthwith` process while the block lasts."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "forthwith", *arguments), env=os.environ | environment
    )
    try:
        yield
    finally:
        started.terminate()
        await started.wait()


@contextlib.asynccontextmanager
async def running_server(**environment: str) -> AsyncIterator[str]:
    """A server that is ready; its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with running("serve", PORT=str(port), **environment):
        await is_ready(url)
        yield url


async def is_ready(url: str) -> None:
    """Wait until a server that was started answers."""
    async with httpx.AsyncClient() as http, asyncio.timeout(START_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(f"{url}/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.2)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
