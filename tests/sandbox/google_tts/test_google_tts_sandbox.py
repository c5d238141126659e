"""The sandbox's Google, held to its own word."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from forthwith.sandbox import serving
from forthwith.sandbox.google_tts import GoogleTts
from forthwith.sandbox.google_tts.contract import Contract

GOOD: dict[str, Any] = {
    "input": {"text": "你好"},
    "voice": {"languageCode": "cmn-TW", "name": "cmn-TW-Wavenet-A"},
    "audioConfig": {"audioEncoding": "LINEAR16", "speakingRate": 1.0},
}


@pytest.fixture
async def google() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(GoogleTts().vendor().app()) as url,
        httpx.AsyncClient(base_url=url, headers={"x-goog-api-key": "good"}) as client,
    ):
        yield client


async def synthesised(google: httpx.AsyncClient, **parts: Any) -> httpx.Response:
    return await google.post("/v1/text:synthesize", json={**GOOD, **parts})


async def test_a_text_becomes_a_wav(google: httpx.AsyncClient) -> None:
    answer = await synthesised(google)

    assert base64.b64decode(answer.json()["audioContent"])[:4] == b"RIFF"


WRONG: dict[str, dict[str, Any]] = {
    "no text": {"input": {}},
    "text and ssml": {"input": {"text": "a", "ssml": "<speak/>"}},
    "5,001 bytes": {"input": {"text": "a" * 5_001}},
    "another's voice": {"voice": {"languageCode": "cmn-TW", "name": "cmn-TW-Nobody"}},
    "no voice": {"voice": None},
    "no encoding": {"audioConfig": {}},
    "too fast": {"audioConfig": {"audioEncoding": "M4A", "speakingRate": 2.1}},
}


@pytest.mark.parametrize("parts", WRONG.values(), ids=WRONG)
async def test_a_wrong_request_is_refused(google: httpx.AsyncClient, parts: dict[str, Any]) -> None:
    answer = await synthesised(google, **parts)

    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


async def test_what_is_no_json_is_refused(google: httpx.AsyncClient) -> None:
    answer = await google.post("/v1/text:synthesize", content=b"{")

    assert answer.status_code == 400


async def test_a_wrong_key_is_named_as_google_does(google: httpx.AsyncClient) -> None:
    await google.put("/_sandbox/knobs", json={"quota": {"refused_keys": ["good"]}})
    answer = await synthesised(google)

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_a_spent_minute_is_429(google: httpx.AsyncClient) -> None:
    await google.put("/_sandbox/knobs", json={"quota": {"per_minute": 1}})
    answers = [await synthesised(google), await synthesised(google)]

    assert [answer.status_code for answer in answers] == [200, 429]


async def test_voices_are_listed_by_language(google: httpx.AsyncClient) -> None:
    answer = await google.get("/v1/voices", params={"languageCode": "cmn-TW"})

    assert [voice["name"] for voice in answer.json()["voices"]] == [
        "cmn-TW-Standard-A",
        "cmn-TW-Wavenet-A",
    ]


@pytest.fixture
def contract(shared: Path) -> Contract:
    return Contract(shared / "contracts/google-tts/texttospeech.v1.subset.json")


def test_a_good_request_breaks_nothing(contract: Contract) -> None:
    assert contract.look_at("SynthesizeSpeechRequest", GOOD) == []


BROKEN: dict[str, dict[str, Any]] = {
    "unknown member": {"tone": 1},
    "wrong type": {"input": {"text": 1}},
    "no object": {"input": "你好"},
    "none of the enum": {"audioConfig": {"audioEncoding": "FLAC"}},
    "no array": {"audioConfig": {"effectsProfileId": "x"}},
    "wrong element": {"audioConfig": {"effectsProfileId": [1]}},
    "truth for a number": {"audioConfig": {"speakingRate": True}},
}


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN)
def test_a_broken_request_is_noted(contract: Contract, parts: dict[str, Any]) -> None:
    assert len(contract.look_at("SynthesizeSpeechRequest", {**GOOD, **parts})) == 1
    assert len(contract.broken) == 1


def test_audio_that_is_no_base64_is_noted(contract: Contract) -> None:
    assert contract.look_at("SynthesizeSpeechResponse", {"audioContent": "?"}) != []


async def test_the_contract_is_asked_by_the_server(shared: Path) -> None:
    google = GoogleTts(shared / "contracts/google-tts/texttospeech.v1.subset.json")
    async with serving(google.vendor().app()) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/v1/text:synthesize", json={**GOOD, "tone": 1})

    assert answer.status_code == 400
    assert "tone" in json.dumps(answer.json())
