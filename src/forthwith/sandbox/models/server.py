"""Both vendors as servers on this machine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from forthwith.sandbox.models.answering import Answering, Reader
from forthwith.sandbox.models.contract import Contract
from forthwith.sandbox.models.gemini import gemini
from forthwith.sandbox.models.openai import openai
from forthwith.sandbox.vendor import serving

PLAYED_KEY: Final = "sandbox"
"""The key by which people ask for the played vendors; they take any other, too."""


@dataclass(frozen=True, slots=True)
class ModelsSandbox:
    """A Gemini and an OpenAI that run, each at its own address."""

    gemini_url: str
    openai_url: str
    contract: Contract | None = None

    def environment(self) -> dict[str, str]:
        """The settings of whoever asks them."""
        return {
            "GEMINI_BASE_URL": self.gemini_url,
            "GOOGLE_API_KEY": PLAYED_KEY,
            "OPENAI_API_BASE": f"{self.openai_url}/v1",
            "OPENAI_API_KEY": PLAYED_KEY,
        }


@asynccontextmanager
async def models_sandbox(
    read: Reader, *, specification: Path | None = None
) -> AsyncGenerator[ModelsSandbox]:
    """Run both on loopback while the block lasts, answering with what `read` says.

    With the folder of the published `specification` everything said is held against it.
    """
    contract = None if specification is None else Contract(specification)
    async with (
        serving(gemini(Answering(read), contract).app()) as gemini_url,
        serving(openai(Answering(read), contract).app()) as openai_url,
    ):
        yield ModelsSandbox(gemini_url, openai_url, contract)
