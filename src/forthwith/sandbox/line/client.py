"""The phones of the sandbox's people: what the chat page and tests do in LINE's app."""

from collections.abc import Sequence
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from forthwith.sandbox.line.chats import Entry
from forthwith.sandbox.line.knobs import LineKnobs
from forthwith.sandbox.line.rules import Json
from forthwith.sandbox.line.webhooks import Delivery

T = TypeVar("T")

Unanswered = httpx.HTTPError
"""What every method raises when the sandbox is away or refuses."""

_ROOT: Final = "/_sandbox/line"
_TIMEOUT_SECONDS: Final = 30.0


class ChatView(msgspec.Struct, frozen=True):
    """A chat as its person sees it: new messages, and how long the bot seems to write."""

    id: str
    name: str
    loading_seconds: float
    entries: tuple[Entry, ...]


class _Sent(msgspec.Struct):
    ids: tuple[str, ...]


class _IdToken(msgspec.Struct):
    id_token: str


class LinePhone:
    """A client of one sandbox. People are named by any name, or by their user id.

    Every method raises `Unanswered`.
    """

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send_text(
        self, user: str, text: str, *, quoted: str | None = None, group: str | None = None
    ) -> str:
        """Write a text, in answer to the message with the id `quoted` if given; its id."""
        body = {"text": text, "quoted_message_id": quoted, "group": group}
        return (await self._send(user, "texts", json=body)).ids[0]

    async def send_images(
        self,
        user: str,
        images: Sequence[bytes],
        *,
        image_set: bool = True,
        group: str | None = None,
    ) -> list[str]:
        """Send pictures, several in one go as one set unless told otherwise; their ids."""
        files = [("images", (f"{number}.jpg", data)) for number, data in enumerate(images)]
        form = {"image_set": "1" if image_set else "0", "group": group or ""}
        return list((await self._send(user, "images", data=form, files=files)).ids)

    async def tap(self, user: str, action: Json) -> None:
        """Tap a quick reply or button: its action as the bot sent it."""
        await self._send(user, "taps", json={"action": action})

    async def take_back(self, user: str, message_id: str) -> None:
        """Unsend a message of one's own."""
        await self._send(user, "unsends", json={"message_id": message_id})

    async def do(self, user: str, kind: str, **more: Any) -> None:
        """Cause an event of any kind: `follow`, or `members=` that LINE may think of."""
        answer = await self._http.post(f"{_chat(user)}/events", json={"type": kind, **more})
        answer.raise_for_status()

    async def messages_of(self, user: str, after: int = 0) -> ChatView:
        """The person's chat: its messages with a number greater than `after`."""
        return await self._get(_chat(user), ChatView, after=after)

    async def content(self, message_id: str) -> bytes:
        """A picture that a person sent."""
        answer = await self._http.get(f"{_ROOT}/contents/{message_id}")
        return answer.raise_for_status().content

    async def id_token(self, user: str, **claims: Any) -> str:
        """What `liff.getIDToken()` would give the person's page; see `login.WantedToken`."""
        answer = await self._http.post(f"{_ROOT}/id-tokens", json={"user": user, **claims})
        return msgspec.json.decode(answer.raise_for_status().content, type=_IdToken).id_token

    async def deliver_to(self, webhook_url: str | None) -> None:
        """Send webhooks there from now on."""
        answer = await self._http.put(f"{_ROOT}/webhook", json={"url": webhook_url})
        answer.raise_for_status()

    async def set_knobs(self, knobs: LineKnobs) -> None:
        """Change how the channel behaves."""
        answer = await self._http.put(f"{_ROOT}/knobs", content=msgspec.json.encode(knobs))
        answer.raise_for_status()

    async def deliveries(self) -> list[Delivery]:
        """Every webhook that was tried, in order."""
        return await self._get(f"{_ROOT}/deliveries", list[Delivery])

    async def broken(self) -> list[str]:
        """What was said that the published specification does not allow."""
        return await self._get(f"{_ROOT}/broken", list[str])

    async def _send(self, user: str, what: str, **content: Any) -> _Sent:
        answer = await self._http.post(f"{_chat(user)}/{what}", **content)
        return msgspec.json.decode(answer.raise_for_status().content, type=_Sent)

    async def _get(self, path: str, into: type[T], **query: Any) -> T:
        answer = await self._http.get(path, params=query)
        return msgspec.json.decode(answer.raise_for_status().content, type=into)


def _chat(user: str) -> str:
    return f"{_ROOT}/chats/{quote(user, safe='')}"
