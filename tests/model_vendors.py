"""A Gemini and an OpenAI on this machine, and the real SDKs that ask them."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from pydantic import BaseModel

from forthwith.integrations.llm.client import Models, Picture, Question
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.llm.vendor import vendors
from forthwith.platform.upstream import Upstream, in_memory
from forthwith.platform.upstream.costs import Charge, MemoryLedger, Source
from forthwith.platform.upstream.upstreams import Upstreams
from forthwith.sandbox.models import ModelsSandbox, Reader, models_sandbox, stored

READ = '{"name": "Ada Lovelace", "lines": ["Analytical Engines", "London"]}'


class Plate(BaseModel):
    """A form to answer in."""

    name: str
    lines: list[str] = []


@dataclass(frozen=True, slots=True)
class Running:
    """Both vendors, and a client of them."""

    sandbox: ModelsSandbox
    models: Models
    upstreams: Upstreams
    http: httpx.AsyncClient

    async def gemini(self, **knobs: Any) -> None:
        """Set how Gemini behaves."""
        await self._put(f"{self.sandbox.gemini_url}/_sandbox/knobs", knobs)

    async def openai(self, **knobs: Any) -> None:
        """Set how OpenAI behaves."""
        await self._put(f"{self.sandbox.openai_url}/_sandbox/knobs", knobs)

    async def gemini_ends(self, *endings: str) -> None:
        """Set how the next answers of Gemini end."""
        await self._put(f"{self.sandbox.gemini_url}/_sandbox/endings", {"next": endings})

    async def openai_ends(self, *endings: str) -> None:
        """Set how the next answers of OpenAI end."""
        await self._put(f"{self.sandbox.openai_url}/_sandbox/endings", {"next": endings})

    async def asked(self) -> list[dict[str, Any]]:
        """What both were asked, in order; Gemini's first."""
        urls = (self.sandbox.gemini_url, self.sandbox.openai_url)
        logs = [(await self.http.get(f"{url}/_sandbox/log")).json() for url in urls]
        return [entry for log in logs for entry in log]

    def upstream(self, vendor: str) -> Upstream:
        """The way to a vendor, with its keys."""
        return self.upstreams[vendor]

    def charges(self) -> list[Charge]:
        """The lines of the cost ledger."""
        ledger = self.upstreams.stores.ledger
        assert isinstance(ledger, MemoryLedger)
        return [each for each in ledger.charges if each.source is Source.VENDOR]

    async def _put(self, url: str, knobs: Mapping[str, Any]) -> None:
        (await self.http.put(url, json=knobs)).raise_for_status()


@asynccontextmanager
async def running(
    read: Reader | None = None, *, specification: Path | None = None, **settings: str
) -> AsyncIterator[Running]:
    """Both vendors with two keys of Gemini and one of OpenAI, unless `settings` say otherwise."""
    async with (
        models_sandbox(read or stored({}, READ), specification=specification) as sandbox,
        httpx.AsyncClient() as http,
    ):
        own = {**sandbox.environment(), "GOOGLE_API_KEY": "first,second", **settings}
        configured = ModelSettings.model_validate(own)
        upstreams = Upstreams(vendors(configured), in_memory())
        models = Models(upstreams, configured)
        try:
            yield Running(sandbox, models, upstreams, http)
        finally:
            await models.close()
            await upstreams.close()


def picture(shade: int = 200) -> Picture:
    """A small picture; another shade is another picture."""
    out = io.BytesIO()
    Image.new("RGB", (40, 25), (shade, shade, shade)).save(out, "JPEG")
    return Picture(out.getvalue(), "image/jpeg")


def question(shade: int = 200) -> Question[Plate]:
    """What is on a picture."""
    return Question(
        prompt="Read the plate.", version="plate-1", schema=Plate, pictures=(picture(shade),)
    )
