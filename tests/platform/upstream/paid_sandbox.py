"""A metered sandbox vendor over HTTP, and an upstream in front of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from forthwith.platform.upstream import (
    Attempt,
    Key,
    Limits,
    Policy,
    Price,
    Stores,
    Upstream,
    Vendor,
    in_memory,
)
from forthwith.sandbox import metered, serving

ANSWERS = Policy(namespace="answers", into=str, ttl=600)
PRICE = Price(per_call=1_000, per_million_tokens_in=2_000_000)


class Sandbox:
    """The vendor as tests see it: how it behaves, and what it was asked."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client

    async def behave(self, **knobs: Any) -> None:
        """Set how it behaves."""
        (await self._client.put("/_sandbox/knobs", json=knobs)).raise_for_status()

    async def log(self) -> list[dict[str, Any]]:
        """Every request it saw."""
        entries: list[dict[str, Any]] = (await self._client.get("/_sandbox/log")).json()
        return entries

    async def outcomes(self) -> list[str]:
        """How they ended, in order."""
        return [entry["outcome"] for entry in await self.log()]


@asynccontextmanager
async def sandbox() -> AsyncIterator[Sandbox]:
    """A fresh vendor, while the block lasts."""
    async with (
        serving(metered().app()) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        yield Sandbox(url, client)


class Answering:
    """What an integration has: the vendor's shapes, over the one way out."""

    def __init__(self, upstream: Upstream, http: httpx.AsyncClient) -> None:
        self.upstream = upstream
        self._http = http

    async def ask(
        self,
        question: str,
        *,
        is_kept: bool = True,
        on_sent: Callable[[], None] = lambda: None,
        **more: Any,
    ) -> str:
        """The vendor's answer."""

        async def send(attempt: Attempt) -> str:
            on_sent()
            response = await self._http.post(
                "/v1/answers",
                json={"question": question},
                headers={"Authorization": f"Bearer {attempt.secret or 'nobody'}"},
            )
            attempt.check(response)
            body = response.json()
            attempt.used(tokens_in=body["tokens"])
            return str(body["answer"])

        keep = ANSWERS if is_kept else None
        return await self.upstream.call("answer", send, keep=keep, key=question, **more)


def keys(count: int, limits: Limits = Limits()) -> list[Key]:  # noqa: B008 - frozen
    """So many keys; the secret of key-1 is `secret-1`."""
    return [Key(f"key-{number}", f"secret-{number}", limits) for number in range(1, count + 1)]


@asynccontextmanager
async def answering(
    url: str, stores: Stores | None = None, *, of: Sequence[Key] = (), **more: Any
) -> AsyncIterator[Answering]:
    """An upstream to the vendor at `url`, while the block lasts."""
    vendor = Vendor(name="metered", keys=of or keys(1), price=PRICE, **more)
    upstream = Upstream(vendor, stores or in_memory())
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as http:
        yield Answering(upstream, http)
        await upstream.close()
