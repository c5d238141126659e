"""Telling somebody in a test, and looking at what became of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from forthwith.platform.notify import Address, Notice, Template, notify, templates
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.push import PushService
from forthwith.sandbox.webhook import WebhookReceiver

OWNER = UUID(int=7)
ANN = "ann@example.org"
PATIENCE_SECONDS = 30.0

GREETING = Template(
    "test.greeting",
    subject={"en": "Hello {name}", "zh-TW": "{name},您好", "ja": "{name}さん、こんにちは"},
    body={"en": "Your code is {code}.", "zh-TW": "代碼:{code}", "ja": "コード:{code}"},
)
NEWS = Template(
    "test.news", subject={"en": "News: {what}"}, body={"en": "It is {what}."}, digest_minutes=10
)
templates.register(GREETING, NEWS)


def greeting(event: str = "e1", **changes: Any) -> Notice:
    """A greeting to Ann by mail."""
    told: dict[str, Any] = {
        "owner": OWNER,
        "event_key": event,
        "template": GREETING.name,
        "to": [Address("mail", ANN)],
        "data": {"name": "Ann", "code": 42},
        "language": "en",
    }
    return Notice(**{**told, **changes})


def news(what: str, **changes: Any) -> Notice:
    """News to Ann, which may wait for other news."""
    return greeting(f"news {what}", template=NEWS.name, data={"what": what}, **changes)


@dataclass(frozen=True, slots=True)
class Hook:
    """A receiver of webhooks, where events go, and its control."""

    receiver: WebhookReceiver
    url: str
    control: httpx.AsyncClient

    async def goes_wrong(self, *faults: dict[str, Any]) -> None:
        """Let the next requests go wrong."""
        await self.control.put("/_sandbox/knobs", json={"next_faults": faults})

    async def outcomes(self) -> list[str]:
        """What became of each request."""
        entries = (await self.control.get("/_sandbox/log")).json()
        return [entry["outcome"] for entry in entries]

    async def ids(self) -> list[str]:
        """The webhook-id of each request, as it came."""
        entries = (await self.control.get("/_sandbox/log")).json()
        return [entry["key"] for entry in entries]


@dataclass(frozen=True, slots=True)
class PushSandbox:
    """A push service, and its control."""

    service: PushService
    control: httpx.AsyncClient

    async def subscription(self) -> dict[str, Any]:
        """What a page would send of a new browser."""
        subscription: dict[str, Any] = (await self.control.post("/_sandbox/subscriptions")).json()
        return subscription


async def tell(runtime: Runtime, notice: Notice) -> UUID | None:
    """Notify in a transaction of its own."""
    async with runtime.db.transaction() as session:
        return await notify(session, runtime.jobs, notice)


async def told(runtime: Runtime, notice: Notice) -> UUID:
    """Notify of something new; the message's id."""
    notification = await tell(runtime, notice)
    assert notification is not None
    return notification


async def row_of(runtime: Runtime, notification: UUID) -> asyncpg.Record:
    """The message as it is kept."""
    row = await runtime.db.fetchrow(
        "select * from platform.notifications where id = $1", notification
    )
    assert row is not None
    return row


async def reached(
    runtime: Runtime, notification: UUID, *states: str, within: float = PATIENCE_SECONDS
) -> asyncpg.Record:
    """The message once it is in one of these states, by default an end; nothing waits long."""
    wanted = states or ("sent", "failed", "suppressed")

    async def there() -> bool:
        await due_now(runtime)
        return (await row_of(runtime, notification))["state"] in wanted

    await until(there, within=within)
    return await row_of(runtime, notification)


async def until(condition: Callable[[], Awaitable[bool]], *, within: float) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, f"it did not happen within {within} s"
        await asyncio.sleep(0.05)


async def due_now(runtime: Runtime) -> None:
    """Let every run that waits for its time be due."""
    await runtime.db.execute(
        "update platform.runs set run_at = now() where state = 'queued' and run_at > now()"
    )
    await runtime.db.execute(
        "update pgqueuer.pgqueuer set execute_after = now() where execute_after > now()"
    )
