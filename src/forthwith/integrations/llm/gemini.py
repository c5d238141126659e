"""Gemini's `generateContent` without the detours of its SDK, imported by `sdk` alone.

google-genai makes pydantic models of what pydantic-ai hands it, dicts of these, and text of a
photo in several steps: two thirds of what a call costs this process. Here a request is written
in one step. Its errors stay those of the SDK, which pydantic-ai tells apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, cast

import httpx2
import msgspec
from google.genai.client import Client
from google.genai.errors import APIError, UnknownApiResponseError
from google.genai.models import AsyncModels
from google.genai.types import GenerateContentResponse, HttpOptions
from pydantic import ValidationError

_GENERATION: Final = MappingProxyType(
    {
        "temperature": "temperature",
        "max_output_tokens": "maxOutputTokens",
        "response_mime_type": "responseMimeType",
        "response_json_schema": "responseJsonSchema",
        "response_modalities": "responseModalities",
        "thinking_config": "thinkingConfig",
    }
)
_ASKED: Final = frozenset({*_GENERATION, "system_instruction", "http_options"})
_PARTS: Final = MappingProxyType({"inline_data": "inlineData", "text": "text"})

Content = Mapping[str, Any]


class GeminiClient(Client):
    """The SDK's client of the Gemini API, for pydantic-ai."""

    def __init__(self, http: httpx2.AsyncClient, base_url: str, key: str) -> None:
        seconds = http.timeout.read
        options = HttpOptions(
            base_url=base_url,
            httpx_async_client=http,
            timeout=None if seconds is None else round(1000 * seconds),
        )
        super().__init__(vertexai=False, api_key=key, http_options=options)
        self._asking = _Asking(_Models(http, base_url, key, super().aio.models))

    @property
    def aio(self) -> Any:
        """What asks, as `.models`."""
        return self._asking


@dataclass(frozen=True, slots=True)
class _Asking:
    models: "_Models"


class _Models:
    """`generate_content` of the SDK."""

    def __init__(
        self, http: httpx2.AsyncClient, base_url: str, key: str, of_sdk: AsyncModels
    ) -> None:
        self._http = http
        self._base_url = f"{base_url.rstrip('/')}/v1beta"
        self._key = key
        self._of_sdk = of_sdk

    async def generate_content(
        self, *, model: str, contents: Sequence[Content], config: Mapping[str, Any]
    ) -> GenerateContentResponse:
        """One call. What nobody here asks for goes by the SDK.

        Raises `APIError` for a status that is not 200, `UnknownApiResponseError` for an answer
        that cannot be read, and what httpx2 raises.
        """
        given = {name: value for name, value in config.items() if value is not None}
        if not _ASKED.issuperset(given) or not all(map(_is_plain, contents)):
            return await self._of_sdk.generate_content(
                model=model, contents=cast("Any", contents), config=cast("Any", config)
            )
        options = given["http_options"]
        response = await self._http.post(
            f"{self._base_url}/{_path(model)}:generateContent",
            content=msgspec.json.encode(_body(contents, given)),
            headers={**options["headers"], "x-goog-api-key": self._key},
            timeout=httpx2.Timeout(options["timeout"] / 1000, connect=self._http.timeout.connect),
        )
        await APIError.raise_for_async_response(response)
        return _read(response.content)


def _path(model: str) -> str:
    return model if "/" in model else f"models/{model}"


def _is_plain(content: Content) -> bool:
    return all(_PARTS.keys() >= part.keys() for part in content["parts"])


def _body(contents: Sequence[Content], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "contents": [_content(each) for each in contents],
        "systemInstruction": given.get("system_instruction"),
        "generationConfig": {
            name: given[each] for each, name in _GENERATION.items() if each in given
        },
    }


def _content(content: Content) -> dict[str, Any]:
    parts = [{_PARTS[name]: value for name, value in part.items()} for part in content["parts"]]
    return {"role": content["role"], "parts": parts}


def _read(body: bytes) -> GenerateContentResponse:
    try:
        return GenerateContentResponse.model_validate_json(body, extra="ignore")
    except ValidationError:
        # Without the cause, which repeats what was said.
        raise UnknownApiResponseError("the answer cannot be read") from None
