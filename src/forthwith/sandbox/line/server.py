"""The sandbox's LINE as a server on this machine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from forthwith.sandbox.line.channel import LOGIN_CHANNEL, Channel
from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.login import Login
from forthwith.sandbox.line.messaging import MessagingApi, refuse
from forthwith.sandbox.line.people import People
from forthwith.sandbox.line.webhooks import Webhooks
from forthwith.sandbox.vendor import Vendor, serving

_CONNECTIONS: Final = 200
_IDLE: Final = 8  # the pool looks at each idle one for each request


@dataclass(frozen=True, slots=True)
class LineSandbox:
    """A LINE that runs: where, and what a bot needs to know of it."""

    url: str
    channel: Channel
    people: People
    contract: Contract | None = None

    def deliver_to(self, webhook_url: str) -> None:
        """Send webhooks there from now on."""
        self.channel.webhook_url = webhook_url

    def environment(self) -> dict[str, str]:
        """The settings of a bot of this channel."""
        return {
            "LINE_BASE_URL": self.url,
            "LINE_CHANNEL_ACCESS_TOKEN": self.channel.token,
            "LINE_CHANNEL_SECRET": self.channel.secret,
            "LINE_LIFF_IDS": f"{LOGIN_CHANNEL}-sandbox",
        }


@asynccontextmanager
async def line_sandbox(
    *, port: int = 0, specification: Path | None = None
) -> AsyncGenerator[LineSandbox]:
    """Run a LINE on loopback while the block lasts; port 0 takes a free one.

    With the folder of the published `specification` everything said is held against it.
    """
    channel = Channel()
    contract = None if specification is None else Contract(specification)
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_IDLE)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as http:
        webhooks, login = Webhooks(channel, http, contract), Login(channel)
        people = People(channel, webhooks, login, contract)
        vendor = Vendor(
            name="line",
            routes=[*MessagingApi(channel, contract).routes(), *login.routes()],
            refuse=refuse,
            control=people.routes(),
        )
        try:
            async with serving(vendor.app(), port=port) as url:
                yield LineSandbox(url, channel, people, contract)
        finally:
            await webhooks.close()
