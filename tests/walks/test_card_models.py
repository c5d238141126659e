"""Photos that a model reads, from the front door to the contact, with the real SDKs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from model_cards import said
from model_vendors import picture
from support import API_KEY, EXAMPLES, send_photo, serving, working

from forthwith import registry
from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox.models import ModelsSandbox, models_sandbox, stored

pytest.importorskip("pydantic_ai", reason="needs the extra: pip install 'forthwith[llm]'")
PHOTO = picture().data


@dataclass(frozen=True, slots=True)
class Process:
    """One that serves and works, beside a Gemini and an OpenAI."""

    runtime: Runtime
    api: httpx.AsyncClient
    vendors: ModelsSandbox

    async def read(self, photo: bytes = PHOTO) -> dict[str, Any]:
        """Send a photo and wait for its card."""
        sent = await send_photo(self.api, photo)
        card: dict[str, Any] = {"processing": True}
        async with working(self.runtime):
            while card["processing"]:
                card = (await self.api.get(sent.json()["data"]["polling_url"])).json()["data"]
        return card

    async def behave(self, url: str, **knobs: Any) -> None:
        """Set how a vendor behaves."""
        answer = await self.api.put(f"{url}/_sandbox/knobs", json=knobs)
        answer.raise_for_status()


@pytest.fixture
async def process(
    db: Database, dsn: str, settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Process]:
    """Models first, two keys of Gemini."""
    await ensure_operator(db, API_KEY)
    async with models_sandbox(stored({}, said({}))) as vendors:
        own = {**vendors.environment(), "GOOGLE_API_KEY": "first", "CARDS_READER": "model"}
        for name, value in {**own, "GOOGLE_API_KEY_FALLBACK": "second"}.items():
            monkeypatch.setenv(name, value)
        async with (
            open_runtime(settings, dsn, **registry.parts(registry.APPS)) as runtime,
            serving(runtime) as url,
            httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30) as api,
        ):
            yield Process(runtime, api, vendors)


async def test_a_card_says_which_model_read_it_and_what_that_cost(process: Process) -> None:
    card = await process.read()

    assert card["cards"][0]["name"]["value"] == "Ada Lovelace"
    assert card["cards"][0]["phones"][0]["e164"] == "+447400123456"
    assert (card["provider"], card["model"]) == ("gemini", "gemini-3.5-flash-lite")
    assert card["cost_micros"] > 0
    assert card["currency"] == "USD"


async def test_an_equal_photo_is_paid_once_until_its_card_is_deleted(process: Process) -> None:
    first, second = [await process.read() for _ in range(2)]
    for card in (first, second):
        await process.api.delete(f"/api/v1/cards/{card['id']}")
    third = await process.read()

    assert [card["cost_micros"] > 0 for card in (first, second, third)] == [True, False, True]


async def test_the_ledger_has_what_a_card_cost_under_its_application(process: Process) -> None:
    card = await process.read()
    await process.runtime.stores.ledger.flush()
    costs = (await process.api.get("/api/v1/costs")).json()["data"]

    assert str(card["cost_micros"]) in str(costs)
    assert "cards" in str(costs)


@pytest.mark.slow
async def test_with_every_vendor_out_this_machine_answers_and_says_so(process: Process) -> None:
    """The first key has no quota left, the second has to wait, the other vendor is ill."""
    gemini = {"spent_keys": ["first"], "per_minute": 0, "minute_seconds": 7}
    await process.behave(process.vendors.gemini_url, quota=gemini)
    ill = [{"kind": "status", "status": 500}]
    await process.behave(process.vendors.openai_url, next_faults=ill)
    began = clock.monotonic()
    card = await process.read((EXAMPLES / "usa-icons.jpg").read_bytes())
    seconds = clock.monotonic() - began
    print(  # noqa: T201 - shown with -s
        f"answered by {card['provider']} in {seconds:.2f} s, of that read in {card['seconds']} s"
    )

    assert card["status"] == "succeeded"
    assert (card["provider"], card["cost_micros"]) == ("local", 0)
    assert card["cards"][0]["emails"]
