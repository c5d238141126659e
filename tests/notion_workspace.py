"""A workspace of the sandbox's Notion, and what writes into it as the product does."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from support import REPOSITORY

from forthwith.integrations.notion.client import Notion
from forthwith.integrations.notion.settings import NotionSettings
from forthwith.integrations.notion.vendor import vendor
from forthwith.platform.upstream import Upstream, in_memory
from forthwith.sandbox.notion import NotionKnobs, NotionSandbox, notion_sandbox


def recordings() -> Path | None:
    """The recorded answers beside the checkout, or None."""
    shared = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY.parent / "shared"))
    folder = shared / "contracts" / "notion"
    return folder if folder.is_dir() else None


@dataclass(frozen=True)
class Held:
    """The control side of a running sandbox."""

    sandbox: NotionSandbox
    control: httpx.AsyncClient

    async def behave(self, **knobs: Any) -> None:
        """Set latency, budget and faults."""
        (await self.control.put("/_sandbox/knobs", json=knobs)).raise_for_status()

    async def set_knobs(self, knobs: NotionKnobs) -> None:
        """Set how the workspace itself behaves."""
        content = msgspec.json.encode(knobs)
        (await self.control.put("/_sandbox/workspace", content=content)).raise_for_status()

    async def pages(self, *, also_trash: bool = False) -> list[dict[str, Any]]:
        """What is held, as people read it."""
        held = (await self.control.get("/_sandbox/pages")).json()
        return [page for page in held if also_trash or not page["in_trash"]]

    async def calls(self, method: str, path: str) -> list[dict[str, Any]]:
        """What Notion was asked, by method (or any) and the beginning of the path."""
        log = (await self.control.get("/_sandbox/log")).json()
        return [
            each
            for each in log
            if each["method"] == (method or each["method"]) and each["path"].startswith(path)
        ]


@dataclass(frozen=True)
class Running(Held):
    """All of it."""

    notion: Notion
    upstream: Upstream


@asynccontextmanager
async def held() -> AsyncIterator[Held]:
    """A workspace while the block lasts; nothing said in it may break what was recorded."""
    async with (
        notion_sandbox(recordings=recordings()) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as control,
    ):
        yield Held(sandbox, control)
    broken = [] if sandbox.contract is None else sandbox.contract.broken
    assert not broken, broken


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Running]:
    """A workspace and the product's client of it, with a budget that holds up no test."""
    async with held() as begun:
        found = NotionSettings(
            **{**begun.sandbox.environment(), "NOTION_REQUESTS_PER_SECOND": 1_000, **settings}
        )
        upstream = Upstream(vendor(found), in_memory())
        notion = Notion(upstream, found)
        yield Running(begun.sandbox, begun.control, notion, upstream)
        await notion.close()
        await upstream.close()
