"""The real vendors, for the keys that are set: `make live`."""

from collections.abc import AsyncIterator

import pytest
from support import EXAMPLES

from forthwith.apps.cards.evaluation import load_labels
from forthwith.apps.cards.readers.opened import readers_alone
from forthwith.apps.cards.reading.scoring import score
from forthwith.apps.cards.schemas import Reading
from forthwith.apps.cards.settings import Reader
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.platform.pool import ProcessPool

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(300)]
GOOGLE, OPENAI = ("GOOGLE_API_KEY", "GOOGLE_API_KEY_FALLBACK"), ("OPENAI_API_KEY",)


@pytest.fixture
async def pool() -> AsyncIterator[ProcessPool]:
    """One process."""
    async with ProcessPool(1) as begun:
        yield begun


async def _read(pool: ProcessPool, photo: str) -> Reading:
    async with readers_alone(pool, Reader.MODEL) as readers:
        return await readers.read_at_once((EXAMPLES / photo).read_bytes())


@pytest.mark.parametrize("provider", ["gemini", "openai"])
async def test_a_vendor_reads_an_example_right(
    pool: ProcessPool, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ModelSettings()
    is_google = provider == "gemini"
    if (settings.google_api_key if is_google else settings.openai_api_key) is None:
        pytest.skip(f"set {(GOOGLE if is_google else OPENAI)[0]} to ask {provider}")
    for name in OPENAI if is_google else GOOGLE:
        monkeypatch.setenv(name, "")
    reading = await _read(pool, "taiwan.jpg")
    labels = load_labels(EXAMPLES)["taiwan.jpg"]

    assert reading.provider == provider
    assert reading.cost_micros > 0
    assert score(reading.cards, labels["fields"]).whole
