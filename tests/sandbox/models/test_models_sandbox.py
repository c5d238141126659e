"""What the sandbox's Gemini and OpenAI say, as one sees it on the wire."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from model_vendors import READ, picture

from forthwith.sandbox.models import Asked, ModelsSandbox, models_sandbox, stored

PHOTO = picture().data
_GEMINI = "/v1beta/models/gemini-x:generateContent"


@pytest.fixture
async def sandbox() -> AsyncIterator[ModelsSandbox]:
    """Both, answering with one stored answer."""
    async with models_sandbox(stored({}, READ)) as begun:
        yield begun


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain client."""
    async with httpx.AsyncClient() as client:
        yield client


def _to_gemini(photo: bytes = PHOTO, **config: Any) -> dict[str, Any]:
    data = base64.urlsafe_b64encode(photo).decode()
    part = {"inlineData": {"data": data, "mime_type": "image/jpeg"}}
    return {"contents": [{"role": "user", "parts": [part]}], "generationConfig": config}


async def test_photos_in_url_safe_base64_arrive_whole(http: httpx.AsyncClient) -> None:
    seen: list[Asked] = []

    async def read(asked: Asked) -> str:
        seen.append(asked)
        return "{}"

    async with models_sandbox(read) as sandbox:
        await http.post(sandbox.gemini_url + _GEMINI, json=_to_gemini())

    assert seen[0].pictures == (PHOTO,)


async def test_stored_answers_go_by_the_photo(http: httpx.AsyncClient) -> None:
    known = stored({hashlib.sha256(PHOTO).hexdigest(): "known"}, "unknown")
    async with models_sandbox(known) as sandbox:
        url = sandbox.gemini_url + _GEMINI
        answers = [
            (await http.post(url, json=_to_gemini(photo))).json() for photo in (PHOTO, b"another")
        ]

    assert [_text(answer) for answer in answers] == ["known", "unknown"]


async def test_an_answer_is_cut_at_the_length_that_was_asked_for(
    sandbox: ModelsSandbox, http: httpx.AsyncClient
) -> None:
    asked = _to_gemini(maxOutputTokens=3)
    answer = (await http.post(sandbox.gemini_url + _GEMINI, json=asked)).json()

    assert answer["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert _text(answer) == READ[:9]
    assert answer["usageMetadata"]["candidatesTokenCount"] == 3


@pytest.mark.parametrize(
    ("quota", "status", "told"),
    [
        ({"refused_keys": ["k"]}, 400, "API_KEY_INVALID"),
        ({"spent_keys": ["k"]}, 429, "PerDay"),
        ({"per_minute": 0, "minute_seconds": 7}, 429, '"retryDelay":"7s"'),
    ],
    ids=["key", "day", "minute"],
)
async def test_gemini_refuses_in_its_own_words(
    sandbox: ModelsSandbox, http: httpx.AsyncClient, quota: dict[str, Any], status: int, told: str
) -> None:
    await http.put(f"{sandbox.gemini_url}/_sandbox/knobs", json={"quota": quota})
    headers = {"x-goog-api-key": "k"}
    answer = await http.post(sandbox.gemini_url + _GEMINI, json=_to_gemini(), headers=headers)

    assert answer.status_code == status
    assert told in answer.text


@pytest.mark.parametrize(
    ("quota", "status", "code"),
    [
        ({"refused_keys": ["k"]}, 401, "invalid_api_key"),
        ({"spent_keys": ["k"]}, 429, "insufficient_quota"),
        ({"per_minute": 0, "minute_seconds": 7}, 429, "rate_limit_exceeded"),
    ],
    ids=["key", "unpaid", "minute"],
)
async def test_openai_refuses_in_its_own_words(
    sandbox: ModelsSandbox, http: httpx.AsyncClient, quota: dict[str, Any], status: int, code: str
) -> None:
    await http.put(f"{sandbox.openai_url}/_sandbox/knobs", json={"quota": quota})
    url, headers = f"{sandbox.openai_url}/v1/chat/completions", {"authorization": "Bearer k"}
    answer = await http.post(url, json={"model": "gpt-x", "messages": []}, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


async def test_what_cannot_be_understood_is_refused(
    sandbox: ModelsSandbox, http: httpx.AsyncClient
) -> None:
    broken = {"contents": [{"parts": [{"inlineData": {"data": "!"}}]}]}
    answers = [
        await http.post(sandbox.gemini_url + _GEMINI, json=broken),
        await http.post(f"{sandbox.gemini_url}/v1beta/models/x:embed", json=broken),
        await http.put(f"{sandbox.gemini_url}/_sandbox/endings", json={"next": ["never"]}),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 422]


def _text(answer: dict[str, Any]) -> str:
    text: str = answer["candidates"][0]["content"]["parts"][0]["text"]
    return text
