"""A channel of the sandbox's LINE, a bot that listens, and what calls LINE as the product does."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from support import REPOSITORY

from forthwith.integrations.line import events, signature
from forthwith.integrations.line.client import Line
from forthwith.integrations.line.events import Callback, Event
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import vendor
from forthwith.platform.guard import Guard
from forthwith.platform.upstream import Upstream, in_memory
from forthwith.sandbox import serving
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox


def specification() -> Path | None:
    """The published specification beside the checkout, or None."""
    shared = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY.parent / "shared"))
    folder = shared / "contracts" / "line"
    return folder if folder.is_dir() else None


@dataclass
class Bot:
    """A webhook that remembers; `answers` are its statuses in turn, then 200."""

    secret: str
    answers: list[int] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    received: list[tuple[bytes, str]] = field(default_factory=list)
    """Bodies as they came, with their signatures."""

    async def listen(self, request: Request) -> Response:
        """Take a webhook."""
        body = await request.body()
        header = request.headers.get("x-line-signature", "")
        if not signature.verify(self.secret, body, header):
            return Response(status_code=400)
        self.received.append((body, header))
        self.callbacks.append(events.parse(body))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    @property
    def events(self) -> list[Event]:
        """Everything that came, in order."""
        return [event for callback in self.callbacks for event in callback.events]

    async def heard(self, count: int = 1) -> Sequence[Event]:
        """The first so many events, once they have come."""
        async with asyncio.timeout(10):
            while len(self.events) < count:
                await asyncio.sleep(0.01)
        return self.events[:count]


@dataclass(frozen=True)
class Running:
    """All of it."""

    sandbox: LineSandbox
    phone: LinePhone
    bot: Bot
    line: Line
    upstream: Upstream
    control: httpx.AsyncClient

    async def behave(self, **knobs: Any) -> None:
        """Set latency, rate and faults."""
        (await self.control.put("/_sandbox/knobs", json=knobs)).raise_for_status()

    async def calls(self, path: str) -> list[dict[str, Any]]:
        """What LINE was asked at this path."""
        log = (await self.control.get("/_sandbox/log")).json()
        return [entry for entry in log if entry["path"] == path]


@asynccontextmanager
async def running(guard: Guard | None = None) -> AsyncIterator[Running]:
    """A channel while the block lasts; nothing said in it may break the specification."""
    async with line_sandbox(specification=specification()) as sandbox:
        bot = Bot(sandbox.channel.secret)
        upstream = Upstream(vendor(LineSettings(**sandbox.environment())), in_memory())
        line = Line(upstream, base_url=sandbox.url, guard=guard)
        webhook = Starlette(routes=[Route("/hook", bot.listen, methods=["POST"])])
        async with (
            serving(webhook) as url,
            LinePhone(sandbox.url) as phone,
            httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as control,
        ):
            await phone.deliver_to(f"{url}/hook")
            yield Running(sandbox, phone, bot, line, upstream, control)
            broken = await phone.broken()
            await line.close()
            await upstream.close()
    assert broken == []
