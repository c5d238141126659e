"""What Gemini is sent and what it answers, beside what its SDK would make of both."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from model_vendors import Plate
from pydantic_ai import BinaryContent
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forthwith.integrations.llm.errors import classify
from forthwith.integrations.llm.gemini import GeminiClient
from forthwith.integrations.llm.sdk import Connection, Connections, Said, Wanted
from forthwith.platform.upstream import Unanswered
from forthwith.sandbox.vendor import serving

MODEL = "gemini-3.5-flash-lite"
PICTURE = BinaryContent(bytes(range(256)), media_type="image/jpeg")
WANTED = Wanted(
    name="Plate", schema=Plate.model_json_schema(), temperature=0.5, most_tokens=99, seconds=5
)
SAID: dict[str, Any] = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "Ada"}]}, "finishReason": "STOP"}
    ],
    "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
}


class Recorder:
    """A server that keeps what it is sent, and answers `body`."""

    def __init__(self) -> None:
        self.url = ""
        self.body = json.dumps(SAID)
        self.requests: list[tuple[str, dict[str, str], Any]] = []

    async def answer(self, request: Request) -> Response:
        """Keep path, headers and JSON."""
        sent = await request.json()
        self.requests.append((request.url.path, dict(request.headers), sent))
        return Response(self.body, media_type="application/json")


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    app = Starlette(routes=[Route("/{path:path}", recorder.answer, methods=["POST"])])
    async with serving(app) as recorder.url:
        yield recorder


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(timeout=5.5, trust_env=False) as client:
        yield client


@pytest.fixture
async def gemini(recorder: Recorder) -> AsyncIterator[Connection]:
    """A model of Gemini as it is asked here."""
    async with AsyncExitStack() as stack:
        connections = Connections(recorder.url, 5.5, 2.0)
        stack.push_async_callback(connections.close)
        yield connections.gemini(MODEL, "secret")


async def _ask(connection: Connection) -> Said:
    return await connection.ask("Read the plate.", [PICTURE, "It is blue."], WANTED)


async def test_a_request_and_its_answer_are_what_they_are_by_the_sdk(
    recorder: Recorder, gemini: Connection, http: httpx2.AsyncClient
) -> None:
    provider = GoogleProvider(api_key="secret", http_client=http, base_url=recorder.url)
    said = [await _ask(gemini), await _ask(Connection(GoogleModel(MODEL, provider=provider)))]
    (path, headers, sent), (path_of_sdk, headers_of_sdk, sent_by_sdk) = recorder.requests
    for body in (sent, sent_by_sdk):  # which may write base64 either way
        picture = body["contents"][0]["parts"][0]["inlineData"]
        picture["data"] = picture["data"].replace("-", "+").replace("_", "/")

    assert said[0] == said[1]
    assert path == path_of_sdk
    assert sent == sent_by_sdk
    for name in ("x-goog-api-key", "content-type", "x-server-timeout", "user-agent"):
        assert headers[name] == headers_of_sdk[name]


async def test_what_nobody_here_asks_for_goes_by_the_sdk(
    recorder: Recorder, http: httpx2.AsyncClient
) -> None:
    client = GeminiClient(http, recorder.url, "secret")
    contents = [{"role": "user", "parts": [{"text": "Read it."}]}]
    answer = await client.aio.models.generate_content(
        model=MODEL, contents=contents, config={"top_k": 7.0}
    )
    ((_, _, sent),) = recorder.requests

    assert sent["generationConfig"] == {"topK": 7.0}
    assert answer.text == "Ada"


async def test_fields_of_an_answer_that_are_new_do_no_harm(
    recorder: Recorder, gemini: Connection
) -> None:
    (candidate,) = SAID["candidates"]
    recorder.body = json.dumps({**SAID, "new": 1, "candidates": [{**candidate, "new": [1]}]})

    assert await _ask(gemini) == Said("Ada", 7, 3, is_whole=True, is_refusal=False)


@pytest.mark.parametrize("body", ["Ada is no JSON", '{"candidates": "Ada"}'])
async def test_an_answer_that_cannot_be_read_is_told_without_repeating_it(
    recorder: Recorder, gemini: Connection, body: str
) -> None:
    recorder.body = body
    with pytest.raises(ModelAPIError) as raised:
        await _ask(gemini)
    chain = f"{raised.value!r} {raised.value.__cause__!r}"

    assert "Ada" not in chain
    assert isinstance(classify("gemini", raised.value), Unanswered)
