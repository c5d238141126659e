"""People who order without a pause, and remember what was acknowledged."""

import asyncio
import contextlib
from typing import Self
from uuid import UUID

import httpx


class Load:
    """Orders through an API, about `per_second`; a refused or lost request is asked again."""

    def __init__(self, client: httpx.AsyncClient, *, per_second: float) -> None:
        self.client = client
        self.acknowledged: list[UUID] = []
        self._pause = 1 / per_second
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._order())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _order(self) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self.client.post("/orders", json={"steps": 2, "seconds": 0.1})
                if answer.status_code == httpx.codes.ACCEPTED:
                    self.acknowledged.append(UUID(answer.json()["id"]))
            await asyncio.sleep(self._pause)
