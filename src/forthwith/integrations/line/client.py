"""LINE's Messaging API, by the one way out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec

from forthwith.integrations.line import errors
from forthwith.integrations.line.events import File, Media
from forthwith.integrations.line.messages import Json
from forthwith.platform.errors import Refused, TooLarge, Transient, Unavailable
from forthwith.platform.guard import Guard
from forthwith.platform.guard import Policy as Destinations
from forthwith.platform.upstream import Attempt, Policy, Upstream, Usage

if TYPE_CHECKING:
    from forthwith.integrations.line.sdk import Channel, Fetched

T = TypeVar("T")

PREPARING_SECONDS: Final = 2.0
"""When to ask again for bytes that LINE still prepares."""
_EXTERNAL_SECONDS: Final = 20.0
_LOADING_SECONDS: Final = range(5, 61, 5)
_SDK: Final = "forthwith.integrations.line.sdk"


class Sent(msgspec.Struct, frozen=True):
    """Messages that LINE has taken: their ids, and tokens to quote them by, where it gives any.

    `was_repeated`: an earlier request with this retry key had sent them already.
    """

    ids: tuple[str, ...]
    quote_tokens: tuple[str | None, ...] = ()
    was_repeated: bool = False


class Quota(msgspec.Struct, frozen=True):
    """Messages of the month; `limit` None is without one. Replies are not counted."""

    limit: int | None
    used: int

    @property
    def left(self) -> float:
        """How many may still be pushed."""
        return float("inf") if self.limit is None else max(0, self.limit - self.used)


QUOTA: Final = Policy(namespace="line_quota", into=Quota, ttl=30)


class _SentMessage(msgspec.Struct, rename="camel"):
    id: str
    quote_token: str | None = None


class _Accepted(msgspec.Struct, rename="camel"):
    sent_messages: tuple[_SentMessage, ...] = ()


class Line:
    """One channel. Every method raises as `Upstream.call` does, beside what it names itself."""

    def __init__(
        self,
        upstream: Upstream,
        *,
        base_url: str | None = None,
        guard: Guard | None = None,
    ) -> None:
        """`base_url` stands for both hosts of LINE; None leaves them.

        `guard` fetches contents that are elsewhere, at addresses that anybody may have chosen.
        """
        self._upstream = upstream
        self._base_url = base_url.rstrip("/") if base_url else None
        self._guard = guard or Guard(Destinations(seconds=_EXTERNAL_SECONDS))
        self._channels: dict[str, Channel] = {}

    async def content(self, message: Media | File, *, most_bytes: int) -> bytes:
        """The bytes that a person sent.

        Raises:
            Transient: LINE still prepares them; `retry_after` says when to ask again.
            Refused: They are gone (taken back, too old, never there), or elsewhere at an
                address that is not called.
            TooLarge: They are more than `most_bytes`.
        """
        if isinstance(message, Media) and message.provider.type == "external":
            return await self._external(message.provider.original_content_url or "", most_bytes)
        path = quote(message.id, safe="")

        async def send(channel: "Channel") -> "Fetched":
            fetched = await channel.content(path, most_bytes)
            if fetched.status >= HTTPStatus.BAD_REQUEST:
                name = self._upstream.vendor.name
                raise errors.refused(name, fetched.status, fetched.headers, fetched.data)
            return fetched

        fetched = await self._call("content", send)
        if fetched.status == HTTPStatus.ACCEPTED:
            # Raised out here: under the call it would make all other calls wait as well.
            raise Transient("LINE still prepares the content.", retry_after=PREPARING_SECONDS)
        if fetched.data is None:
            raise _too_large(most_bytes)
        return fetched.data

    async def reply(self, token: str, messages: Sequence[Json]) -> Sent:
        """Answer an event; free, once a token, within a minute of it.

        Raises:
            ReplyTokenSpent: Used before or too old. After a try without an answer it may be
                that very try which used it.
        """

        async def send(channel: "Channel") -> Sent:
            return _sent(await channel.reply(token, messages))

        return await self._call("reply", send)

    async def push(self, to: str, messages: Sequence[Json], *, retry_key: UUID) -> Sent:
        """Send to a person or group at any time: once for a retry key, for 24 hours.

        Raises:
            MonthlyLimit: The messages of the month are spent.
        """

        async def send(channel: "Channel") -> Sent | None:
            try:
                return _sent(await channel.push(to, messages, retry_key))
            except _sdk().ApiException as error:
                if error.status == HTTPStatus.CONFLICT:
                    return _sent_before(error.body)
                if errors.is_monthly_limit(error.status, error.body):
                    return None
                raise

        sent = await self._call("push", send)
        if sent is None:
            # Raised out here: under the call it would retire the key, and replies with it.
            raise errors.monthly_limit()
        return sent

    async def quota(self) -> Quota:
        """What may still be pushed this month, as of at most half a minute ago."""

        async def send(channel: "Channel") -> Quota:
            return Quota(*await channel.quota())

        return await self._call("quota", send, keep=QUOTA, key="channel", estimate=Usage(calls=2))

    async def show_loading(self, user: str, seconds: float = 20) -> None:
        """Show the animation until the next message, or so long (5 to 60 s, rounded up to 5).

        Only to a person, and only while the chat is open; a group is refused.
        """
        shown = next((each for each in _LOADING_SECONDS if each >= seconds), _LOADING_SECONDS[-1])
        await self._call("loading", lambda channel: channel.show_loading(user, shown))

    async def validate_reply(self, messages: Sequence[Json]) -> None:
        """Ask whether a reply could be sent. Raises `Refused` with what is wrong where."""
        await self._call("validate", lambda channel: channel.validate_reply(messages))

    async def close(self) -> None:
        """Close the connections."""
        while self._channels:
            await self._channels.popitem()[1].close()

    async def _external(self, url: str, most_bytes: int) -> bytes:
        """From a server that is not LINE's and must not see our token."""
        policy = replace(self._guard.policy, max_reply_bytes=most_bytes)
        reply = await replace(self._guard, policy=policy).send("GET", url)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Transient(f"The server of the content answered {reply.status}.")
        if reply.status != HTTPStatus.OK:
            raise Refused(f"The server of the content answered {reply.status}.")
        if reply.is_cut:
            raise _too_large(most_bytes)
        return reply.body

    async def _call(
        self, operation: str, ask: "Callable[[Channel], Awaitable[T]]", **options: Any
    ) -> T:
        async def send(attempt: Attempt) -> T:
            return await ask(self._channel(attempt))

        if not self._channels:
            await _load_sdk()
        return await self._upstream.call(operation, send, **options)

    def _channel(self, attempt: Attempt) -> "Channel":
        """Connections that this token shares."""
        if attempt.secret not in self._channels:
            channel = _sdk().Channel(attempt.secret, self._base_url, attempt.seconds)
            self._channels[attempt.secret] = channel
        return self._channels[attempt.secret]


async def _load_sdk() -> None:
    """Import the SDK beside the loop, which would stand still for a second."""
    try:
        await asyncio.to_thread(import_module, _SDK)
    except ImportError as error:
        raise Unavailable("LINE cannot be called: pip install 'forthwith[line]'") from error


def _sdk() -> Any:
    return import_module(_SDK)


def _too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"The content has more than {most_bytes:,} bytes; send a smaller one.")


def _sent(response: Any) -> Sent:
    messages = response.sent_messages
    return Sent(tuple(each.id for each in messages), tuple(each.quote_token for each in messages))


def _sent_before(body: str | None) -> Sent:
    """A retry key that LINE knows: its answer names what was sent then, if it can be read."""
    messages: tuple[_SentMessage, ...] = ()
    with contextlib.suppress(msgspec.MsgspecError):
        messages = msgspec.json.decode(body or "", type=_Accepted).sent_messages
    ids = tuple(each.id for each in messages)
    return Sent(ids, tuple(each.quote_token for each in messages), was_repeated=True)
