"""The voices of clouds over HTTP, and who speaks when they do not."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from forthwith.integrations.speech.speaking import Speech, speak
from forthwith.integrations.speech.vendors import vendors
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import in_memory
from forthwith.platform.upstream.costs import MemoryLedger
from forthwith.platform.upstream.stores import Stores
from forthwith.platform.upstream.upstreams import Upstreams
from forthwith.sandbox import serving
from forthwith.sandbox.azure_speech import azure_speech
from forthwith.sandbox.google_tts import GoogleTts

pytestmark = pytest.mark.slow  # each waits for an encoder of its own

DOCUMENT = "contracts/google-tts/texttospeech.v1.subset.json"
TEXT = "牛肉麵兩碗"


@dataclass
class Cloud:
    """A cloud's voice that is configured, and the pool."""

    url: str
    pool: ProcessPool
    stores: Stores = field(default_factory=in_memory)

    def __post_init__(self) -> None:
        self.upstreams = Upstreams(vendors(), self.stores)

    async def says(self, text: str = TEXT, rate: float = 1.0) -> Speech:
        """What becomes of a text."""
        return await speak(self.pool, self.upstreams, text, rate=rate)

    async def behaves(self, **knobs: Any) -> None:
        """Set how the cloud behaves."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            answer = await http.put("/_sandbox/knobs", json=knobs)
        assert answer.is_success, answer.text

    async def requests(self) -> list[dict[str, Any]]:
        """What the cloud was asked."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            log: list[dict[str, Any]] = (await http.get("/_sandbox/log")).json()
        return log


@pytest.fixture
async def google(pool: ProcessPool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    async with serving(GoogleTts().vendor().app()) as url:
        monkeypatch.setenv("GOOGLE_TTS_API_KEY", "good")
        monkeypatch.setenv("GOOGLE_TTS_BASE_URL", url)
        cloud = Cloud(url, pool)
        yield cloud
        await cloud.upstreams.close()


@pytest.fixture
async def azure(pool: ProcessPool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    async with serving(azure_speech().app()) as url:
        monkeypatch.setenv("AZURE_SPEECH_KEY", "good")
        monkeypatch.setenv("AZURE_SPEECH_BASE_URL", url)
        cloud = Cloud(url, pool)
        yield cloud
        await cloud.upstreams.close()


async def test_google_speaks_where_its_key_is_set(google: Cloud) -> None:
    speech = await google.says()

    assert speech.provider == "google_tts"
    assert speech.milliseconds == pytest.approx(5 * 200, abs=60)
    assert speech.audio.index(b"moov") < speech.audio.index(b"mdat")


async def test_google_speaks_at_the_rate(google: Cloud) -> None:
    assert (await google.says(rate=0.7)).milliseconds == pytest.approx(5 * 200 / 0.7, abs=60)


async def test_azure_speaks_where_its_key_is_set(azure: Cloud) -> None:
    speech = await azure.says(rate=1.3)

    assert speech.provider == "azure_speech"
    assert speech.milliseconds == pytest.approx(5 * 200 / 1.3, abs=60)


async def test_a_note_of_a_guest_is_no_markup_for_azure(azure: Cloud) -> None:
    await azure.says("不要蔥 & 蒜 </prosody><voice>")

    (request,) = await azure.requests()
    assert request["outcome"] == "200"
    assert request["body"].count("prosody") == 2


async def test_an_equal_text_is_asked_and_paid_once(google: Cloud) -> None:
    first, second = [await google.says("2碗牛肉麵"), await google.says(" 兩碗牛肉麵")]

    assert second is first
    assert len(await google.requests()) == 1


async def test_it_costs_by_characters(google: Cloud) -> None:
    await google.says()

    ledger = google.stores.ledger
    assert isinstance(ledger, MemoryLedger)
    (charge,) = ledger.charges
    assert (charge.vendor, charge.usage.tokens_in, charge.micros) == ("google_tts", 5, 80)


FAULTS: dict[str, dict[str, Any]] = {
    "is ill": {"faults": [{"kind": "status", "status": 503}], "fault_rate": 1},
    "drops the connection": {"faults": [{"kind": "disconnect"}], "fault_rate": 1},
    "cuts its answer": {"faults": [{"kind": "cut"}], "fault_rate": 1},
    "refuses the text": {"faults": [{"kind": "status", "status": 400}], "fault_rate": 1},
    "has no quota": {"quota": {"per_day": 0}},
    "refuses the key": {"quota": {"refused_keys": ["good"]}},
}


@pytest.mark.parametrize("knobs", FAULTS.values(), ids=FAULTS)
async def test_the_local_voice_speaks_where_google(google: Cloud, knobs: dict[str, Any]) -> None:
    await google.behaves(**knobs)

    assert (await google.says()).provider == "espeak"


@pytest.mark.parametrize("knobs", FAULTS.values(), ids=FAULTS)
async def test_the_local_voice_speaks_where_azure(azure: Cloud, knobs: dict[str, Any]) -> None:
    await azure.behaves(**knobs)

    assert (await azure.says()).provider == "espeak"


@pytest.mark.slow
async def test_no_order_waits_for_a_cloud_that_hangs(google: Cloud) -> None:
    await google.behaves(faults=[{"kind": "hang", "seconds": 60}], fault_rate=1)
    began = time.monotonic()
    speech = await google.says()

    assert speech.provider == "espeak"
    assert time.monotonic() - began < 20


async def test_azure_speaks_where_google_is_ill(google: Cloud, azure: Cloud) -> None:
    await google.behaves(**FAULTS["is ill"])

    assert (await azure.says()).provider == "azure_speech"


async def test_google_speaks_again_when_it_is_well(google: Cloud) -> None:
    """What the local voice said meanwhile is not kept as Google's."""
    await google.behaves(next_faults=[{"kind": "status", "status": 503}])
    providers = [(await google.says()).provider for _ in range(2)]

    assert providers == ["espeak", "google_tts"]


async def test_a_second_key_stands_in_for_a_revoked_one(
    google: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_TTS_API_KEY", "revoked,good")
    await google.behaves(quota={"refused_keys": ["revoked"]})
    cloud = Cloud(google.url, google.pool)
    providers = {(await cloud.says(text)).provider for text in ("湯", "飯", "麵")}
    await cloud.upstreams.close()

    assert providers == {"google_tts"}


async def test_another_encoding_can_be_asked_for(
    google: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_TTS_ENCODING", "LINEAR16")
    speech = await google.says()

    assert speech.provider == "google_tts"
    assert speech.audio[4:11] == b"ftypM4A"


async def test_everything_said_to_google_fits_its_document(
    shared: Path, pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    google = GoogleTts(shared / DOCUMENT)
    async with serving(google.vendor().app()) as url:
        monkeypatch.setenv("GOOGLE_TTS_API_KEY", "good")
        monkeypatch.setenv("GOOGLE_TTS_BASE_URL", url)
        cloud = Cloud(url, pool)
        speech = await cloud.says(rate=0.7)
        await cloud.upstreams.close()

    assert speech.provider == "google_tts"
    assert google.contract is not None
    assert google.contract.broken == []
