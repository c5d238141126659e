"""One question to the models that are set, each in its turn, by the one way out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from pydantic import BaseModel, ValidationError

from forthwith.integrations.llm.question import Answer, Picture, Question, T
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.llm.vendor import GEMINI, OPENAI
from forthwith.platform import clock
from forthwith.platform.errors import Refused, Transient, Unavailable
from forthwith.platform.upstream import Attempt, Policy, Usage, first_of
from forthwith.platform.upstream.upstreams import Upstreams

if TYPE_CHECKING:
    from forthwith.integrations.llm.sdk import Connection, Connections, Said

__all__ = ["NO_MODEL", "Answer", "Models", "Picture", "Question"]

ASK: Final = "ask"
NO_MODEL: Final = "No model can be asked: set GOOGLE_API_KEY or OPENAI_API_KEY."
_MORE: Final = 4
"""How many times longer an answer may be that was cut off at first."""
_SDK: Final = "forthwith.integrations.llm.sdk"
_CONNECT_SECONDS: Final = 5.0


class Reply(msgspec.Struct, frozen=True):
    """A kept answer: JSON in the form of its schema, and what it took."""

    json: str
    tokens_in: int
    tokens_out: int
    key: str | None
    seconds: float


REPLIES: Final[Policy[Reply | None]] = Policy(
    namespace="models",
    into=cast("type[Reply | None]", Reply),  # None is an answer in the wrong form: never kept
    ttl=7 * 86_400.0,
    personal=True,
    durable=True,
)


@dataclass(frozen=True, slots=True)
class Provider:
    """One model of one vendor."""

    vendor: str
    model: str


class Models:
    """The models that are set: Gemini, then those of OpenAI."""

    def __init__(self, upstreams: Upstreams, settings: ModelSettings) -> None:
        """`upstreams` has the vendors of the same settings."""
        self.upstreams = upstreams
        self._settings = settings
        self._connections: dict[str, Connections] = {}
        self._opened: dict[tuple[Provider, str], Connection] = {}
        self._opening = asyncio.Lock()

    @property
    def at_once(self) -> int:
        """Calls that may be on their way to a vendor."""
        return self._settings.max_concurrent

    @property
    def providers(self) -> Mapping[str, Provider]:
        """Who is asked, in order, by the name under which it is counted."""
        settings, opened = self._settings, self.upstreams
        further = settings.fallback_model
        all_of_them = {
            GEMINI: Provider(GEMINI, settings.gemini_model),
            OPENAI: Provider(OPENAI, settings.default_model),
            f"{OPENAI} {further}": Provider(OPENAI, further or ""),
        }
        return {
            name: each
            for name, each in all_of_them.items()
            if each.model and each.vendor in opened.names and opened[each.vendor].vendor.keys
        }

    async def ask(self, question: Question[T], *, tags: tuple[str, ...] = ()) -> Answer[T]:
        """The first answer that one of them gives; an equal question of an owner is paid once.

        A key that is out gives way to the next, then a vendor to the next. `tags` name what
        the kept answer is forgotten with.

        Raises:
            Unavailable: No key is set, or the extra `llm` is not installed.
            Refused: The model will not answer this, whoever asks.
            UpstreamError: None of them can answer now; of the one that can soonest.
        """
        providers = self.providers
        if not providers:
            raise Unavailable(NO_MODEL)
        await self._open(providers)
        ask = partial(self._ask, question, tags, [])
        asked = await first_of({name: partial(ask, each) for name, each in providers.items()})
        return asked.value

    async def close(self) -> None:
        """Close the connections."""
        self._opened.clear()
        while self._connections:
            await self._connections.popitem()[1].close()

    async def _ask(
        self, question: Question[T], tags: tuple[str, ...], spent: list[int], provider: Provider
    ) -> Answer[T]:
        """In the form that was asked for, with more room for it at the second try.

        `spent` is what this question has cost so far, call by call.
        """
        for more in (1, _MORE):
            most_tokens = more * self._settings.max_tokens
            answer = await self._call(question, tags, spent, provider, most_tokens)
            if answer is not None:
                return answer
        # Raised out here: a model that cannot keep a form does not make its vendor ill.
        raise Transient(f"{provider.vendor} did not answer in the form that was asked for.")

    async def _call(
        self,
        question: Question[T],
        tags: tuple[str, ...],
        spent: list[int],
        provider: Provider,
        most_tokens: int,
    ) -> Answer[T] | None:
        """One call; None where its answer is cut off or has another form."""
        upstream = self.upstreams[provider.vendor]
        price = upstream.vendor.price_of(provider.model)

        async def send(attempt: Attempt) -> Reply | None:
            began = clock.monotonic()
            said = await self._said(provider, question, attempt, most_tokens)
            usage = Usage(tokens_in=said.tokens_in, tokens_out=said.tokens_out)
            attempt.used(tokens_in=usage.tokens_in, tokens_out=usage.tokens_out)
            if said.is_refusal:
                raise Refused(f"{provider.vendor} will not answer this.")
            spent.append(price.of(usage))
            if not said.is_whole or _read(question.schema, said.text) is None:
                return None  # paid, and not kept
            return Reply(
                json=said.text,
                tokens_in=usage.tokens_in,
                tokens_out=usage.tokens_out,
                key=attempt.key,
                seconds=clock.monotonic() - began,
            )

        reply = await upstream.call(
            ASK,
            send,
            keep=REPLIES,
            key=question.digest,
            tags=tags,
            estimate=question.estimate,
            model=provider.model,
            prompt_version=question.version,
        )
        value = None if reply is None else _read(question.schema, reply.json)
        if reply is None or value is None:
            return None
        return Answer(
            value=value,
            provider=provider.vendor,
            model=provider.model,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            micros=sum(spent),
            currency=price.currency,
            key=reply.key,
            seconds=reply.seconds,
            was_kept=not spent,
        )

    async def _said(
        self, provider: Provider, question: Question[Any], attempt: Attempt, most_tokens: int
    ) -> "Said":
        sdk = _sdk()
        schema: type[BaseModel] = question.schema
        wanted = sdk.Wanted(
            name=schema.__name__,
            schema=_json_schema(schema),
            temperature=self._settings.temperature,
            most_tokens=most_tokens,
            seconds=attempt.seconds,
        )
        pictures = [
            sdk.BinaryContent(each.data, media_type=each.media_type) for each in question.pictures
        ]
        content = [*pictures, question.text] if question.text else pictures
        said: Said = await self._opened[provider, attempt.secret].ask(
            question.prompt, content, wanted
        )
        return said

    async def _open(self, providers: Mapping[str, Provider]) -> None:
        """Open what all keys need before the first call, beside the loop.

        Loading the SDKs takes seconds, and a client of a key longer than a switch may.
        """
        async with self._opening:
            if not self._opened:
                self._opened = await asyncio.to_thread(self._open_all, providers)

    def _open_all(
        self, providers: Mapping[str, Provider]
    ) -> "dict[tuple[Provider, str], Connection]":
        try:
            import_module(_SDK)
        except ImportError as error:
            raise Unavailable("Models cannot be asked: pip install 'forthwith[llm]'") from error
        return {
            (each, key.secret): self._connection(each, key.secret)
            for each in providers.values()
            for key in self.upstreams[each.vendor].vendor.keys
        }

    def _connection(self, provider: Provider, key: str) -> "Connection":
        settings = self._settings
        url = settings.gemini_base_url if provider.vendor == GEMINI else settings.openai_base_url
        if provider.vendor not in self._connections:
            self._connections[provider.vendor] = _sdk().Connections(
                url, settings.timeout_seconds, _CONNECT_SECONDS
            )
        connections = self._connections[provider.vendor]
        make = connections.gemini if provider.vendor == GEMINI else connections.openai
        return make(provider.model, key)


def _read(schema: type[T], json: str) -> T | None:
    """The answer, if it has the form that was asked for."""
    try:
        return schema.model_validate_json(json)
    except ValidationError:
        return None


@cache
def _json_schema(schema: type[BaseModel]) -> dict[str, Any]:
    return schema.model_json_schema()


def _sdk() -> Any:
    return import_module(_SDK)
