"""pydantic-ai and the vendors' SDKs, imported only by whoever asks: they take two seconds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import msgspec
from openai import AsyncOpenAI
from pydantic_ai import BinaryContent, ModelRequest, ModelResponse, ModelSettings
from pydantic_ai.direct import model_request
from pydantic_ai.messages import SystemPromptPart, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from forthwith.integrations.llm.gemini import GeminiClient

_CONNECTIONS: Final = 200
_GOOGLE: Final = "https://generativelanguage.googleapis.com"

# At their debug level these log whole requests: photos of people.
for _name in ("openai", "google_genai"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said; `is_whole` unless it was cut off, `is_refusal` where it will not."""

    text: str
    tokens_in: int
    tokens_out: int
    is_whole: bool
    is_refusal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How an answer has to look, and how long it may be and take."""

    name: str
    schema: dict[str, Any]
    temperature: float
    most_tokens: int
    seconds: float


class _FormsKept(Model):
    """Turns a form into what the vendor takes once; pydantic-ai would at every call, for 4 ms."""

    @cached_property
    def _forms(self) -> dict[bytes, ModelRequestParameters]:
        return {}

    def customize_request_parameters(
        self, model_request_parameters: ModelRequestParameters
    ) -> ModelRequestParameters:
        """The parameters with the form as the vendor takes it."""
        form = model_request_parameters.output_object
        if form is None:
            return super().customize_request_parameters(model_request_parameters)
        key = msgspec.msgpack.encode((form.name, form.json_schema))
        if key not in self._forms:
            self._forms[key] = super().customize_request_parameters(model_request_parameters)
        return replace(model_request_parameters, output_object=self._forms[key].output_object)


class _Gemini(_FormsKept, GoogleModel):
    """A model of Gemini."""


class _OpenAI(_FormsKept, OpenAIChatModel):
    """A model of OpenAI, or of who speaks its protocol."""


class Connection:
    """A model, asked with one key."""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def ask(
        self, prompt: str, content: Sequence[str | BinaryContent], wanted: Wanted
    ) -> Said:
        """One call. Raises what pydantic-ai raises."""
        form = OutputObjectDefinition(wanted.schema, name=wanted.name, strict=True)
        response = await model_request(
            self._model,
            [ModelRequest(parts=[SystemPromptPart(prompt), UserPromptPart(list(content))])],
            model_settings=ModelSettings(
                temperature=wanted.temperature,
                max_tokens=wanted.most_tokens,
                timeout=wanted.seconds,
                thinking=False,  # what is printed is copied: thinking costs, and takes seconds
            ),
            model_request_parameters=ModelRequestParameters(
                output_mode="native", output_object=form
            ),
            instrument=False,
        )
        return _said(response)


def _said(response: ModelResponse) -> Said:
    details = response.provider_details or {}
    return Said(
        text=response.text or "",
        tokens_in=response.usage.input_tokens,
        tokens_out=response.usage.output_tokens,
        is_whole=response.finish_reason != "length",
        is_refusal=response.finish_reason == "content_filter" or "refusal" in details,
    )


class Connections:
    """Connections to one vendor that all its keys share."""

    def __init__(self, base_url: str | None, seconds: float, connect_seconds: float) -> None:
        self._base_url = base_url
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(seconds, connect=connect_seconds),
            limits=httpx2.Limits(max_connections=_CONNECTIONS),
            # Calls to this machine do not go by the proxy of the environment.
            trust_env=not _is_local(base_url),
        )

    def gemini(self, model: str, key: str) -> Connection:
        """A model of Gemini. Its SDK makes no second try unless it is told to."""
        client = GeminiClient(self._http, self._base_url or _GOOGLE, key)
        return Connection(_Gemini(model, provider=GoogleProvider(client=client)))

    def openai(self, model: str, key: str) -> Connection:
        """A model of OpenAI, whose SDK makes no second try."""
        client = AsyncOpenAI(
            api_key=key, base_url=self._base_url, http_client=self._http, max_retries=0
        )
        return Connection(_OpenAI(model, provider=OpenAIProvider(openai_client=client)))

    async def close(self) -> None:
        """Close them."""
        await self._http.aclose()


def _is_local(url: str | None) -> bool:
    return url is not None and urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
