"""What people do in the app, below `/_sandbox/line`: write, send pictures, tap, take back."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.line import names
from forthwith.sandbox.line.channel import Channel
from forthwith.sandbox.line.chats import Chat
from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.knobs import LineKnobs
from forthwith.sandbox.line.login import Login, WantedToken
from forthwith.sandbox.line.rules import Json
from forthwith.sandbox.line.webhooks import Webhooks

T = TypeVar("T")

ROOT: Final = "/line"


class WrittenText(msgspec.Struct, forbid_unknown_fields=True):
    """A text, in answer to a message or not, in a group or not."""

    text: str
    quoted_message_id: str | None = None
    group: str | None = None


class Tap(msgspec.Struct, forbid_unknown_fields=True):
    """A tap on a quick reply or button: its action as the bot sent it."""

    action: Json


class TakenBack(msgspec.Struct, forbid_unknown_fields=True):
    """A message that its sender removes."""

    message_id: str


class AnyEvent(msgspec.Struct, forbid_unknown_fields=True):
    """An event of any kind with any members, such as `follow`, or a kind of the future."""

    type: str
    members: Json = {}
    group: str | None = None
    is_answerable: bool = True


class Webhook(msgspec.Struct, forbid_unknown_fields=True):
    """Where the bot listens."""

    url: str | None


class People:
    """The people of the channel, and the settings of it that nobody in a chat sees."""

    def __init__(
        self, channel: Channel, webhooks: Webhooks, login: Login, contract: Contract | None
    ) -> None:
        self._channel = channel
        self._webhooks = webhooks
        self._login = login
        self._contract = contract

    def routes(self) -> list[Route]:
        """All of them."""
        chat = f"{ROOT}/chats/{{name}}"
        return [
            _route("PUT", f"{ROOT}/knobs", self._set_knobs),
            _route("PUT", f"{ROOT}/webhook", self._set_webhook),
            _route("GET", f"{ROOT}/deliveries", self._deliveries),
            _route("GET", f"{ROOT}/broken", self._broken),
            _route("POST", f"{ROOT}/id-tokens", self._make_id_token),
            _route("GET", f"{ROOT}/contents/{{message_id}}", self._content),
            _route("GET", f"{ROOT}/chats", self._chats),
            _route("GET", chat, self._read),
            _route("POST", f"{chat}/texts", self._write),
            _route("POST", f"{chat}/images", self._send_images),
            _route("POST", f"{chat}/taps", self._tap),
            _route("POST", f"{chat}/unsends", self._take_back),
            _route("POST", f"{chat}/events", self._do_anything),
        ]

    def send_picture(self, user: str, picture: bytes, media_type: str = "image/jpeg") -> None:
        """Let somebody send a picture, from within this process."""
        message = self._picture(picture, media_type)
        self._say(self._chat_of(user), [message])

    async def _set_knobs(self, request: Request) -> Any:
        self._channel.knobs = await _read(request, LineKnobs)
        self._webhooks.seed(self._channel.knobs.seed)
        return self._channel.knobs

    async def _set_webhook(self, request: Request) -> Any:
        self._channel.webhook_url = (await _read(request, Webhook)).url
        return {"url": self._channel.webhook_url}

    async def _deliveries(self, _: Request) -> Any:
        return list(self._webhooks.deliveries)

    async def _broken(self, _: Request) -> Any:
        return self._contract.broken if self._contract else []

    async def _make_id_token(self, request: Request) -> Any:
        return {"id_token": self._login.make(await _read(request, WantedToken))}

    async def _content(self, request: Request) -> Any:
        found = self._channel.contents.find(request.path_params["message_id"])
        if isinstance(found, HTTPStatus):
            return Response(status_code=found)
        return Response(found.data, media_type=found.media_type)

    async def _chats(self, _: Request) -> Any:
        return [{"id": each.id, "name": each.name} for each in self._channel.chats.all()]

    async def _read(self, request: Request) -> Any:
        chat = self._chat(request)
        after = int(request.query_params.get("after", "0"))
        return {
            "id": chat.id,
            "name": chat.name,
            "loading_seconds": chat.loading_seconds,
            "entries": [each for each in chat.entries if each.number > after],
        }

    async def _write(self, request: Request) -> Any:
        text, chat = await _read(request, WrittenText), self._chat(request)
        message = {"type": "text", "id": names.message_id(), "text": text.text}
        if text.quoted_message_id is not None:
            message["quotedMessageId"] = text.quoted_message_id
        self._say(chat, [message], text.group)
        return {"ids": [message["id"]]}

    async def _send_images(self, request: Request) -> Any:
        chat = self._chat(request)
        async with request.form() as form:
            is_set, group = form.get("image_set") == "1", form.get("group")
            images = [
                self._picture(await each.read(), each.content_type or "image/jpeg")
                for each in form.getlist("images")
                if isinstance(each, UploadFile)
            ]
        if is_set and len(images) > 1:
            _join(images)
        self._say(chat, images, str(group) if group else None)
        return {"ids": [each["id"] for each in images]}

    def _picture(self, content: bytes, media_type: str) -> Json:
        """The message of a picture, whose bytes are kept."""
        identifier, seconds = names.message_id(), self._channel.knobs.content_seconds
        self._channel.contents.add(identifier, content, media_type, seconds)
        return {"type": "image", "id": identifier, "contentProvider": {"type": "line"}}

    async def _tap(self, request: Request) -> Any:
        action, chat = (await _read(request, Tap)).action, self._chat(request)
        said = action.get("text") if action["type"] == "message" else action.get("displayText")
        ids = [names.message_id()] if said else []
        messages = [{"type": "text", "id": each, "text": said} for each in ids]
        if action["type"] == "message":
            self._say(chat, messages)
        elif action["type"] == "postback":
            for each in messages:
                self._channel.chats.add_of_person(chat, each)
            self._send(chat, [self._event(chat, "postback", postback={"data": action["data"]})])
        return {"ids": ids}

    async def _take_back(self, request: Request) -> Any:
        taken, chat = await _read(request, TakenBack), self._chat(request)
        self._channel.contents.drop(taken.message_id)
        self._channel.chats.take_back(chat, taken.message_id)
        unsend = {"messageId": taken.message_id}
        self._send(chat, [self._event(chat, "unsend", is_answerable=False, unsend=unsend)])
        return {"ids": []}

    async def _do_anything(self, request: Request) -> Any:
        wanted, chat = await _read(request, AnyEvent), self._chat(request)
        if wanted.type in {"follow", "unfollow"}:
            chat.is_blocked = wanted.type == "unfollow"
        event = self._event(
            chat,
            wanted.type,
            wanted.group,
            is_answerable=wanted.is_answerable,
            **wanted.members,
        )
        self._send(chat, [event])
        return {"event_id": event["webhookEventId"]}

    def _chat(self, request: Request) -> Chat:
        return self._chat_of(request.path_params["name"])

    def _chat_of(self, name: str) -> Chat:
        return self._channel.chats.named(names.chat_id(name), name)

    def _say(self, chat: Chat, messages: Sequence[Json], group: str | None = None) -> None:
        shown_in = chat
        if group is not None:
            shown_in = self._channel.chats.named(names.group_id(group), group)
        quotable = [each | {"quoteToken": names.token()} for each in messages]
        for message in quotable:
            self._channel.chats.add_of_person(shown_in, message)
        self._send(chat, [self._event(chat, "message", group, message=each) for each in quotable])

    def _event(
        self,
        chat: Chat,
        kind: str,
        group: str | None = None,
        *,
        is_answerable: bool = True,
        **members: Any,
    ) -> Json:
        group_id = None if group is None else names.group_id(group)
        return self._channel.event(kind, chat.id, group_id, is_answerable=is_answerable, **members)

    def _send(self, chat: Chat, events: Sequence[Json]) -> None:
        """Nobody hears of what people do who have blocked the bot, but that they did."""
        if not chat.is_blocked or any(each["type"] == "unfollow" for each in events):
            self._webhooks.send(events)


def _join(images: list[Json]) -> None:
    """Make pictures that are sent in one go one set."""
    set_id = names.token().upper()
    for index, image in enumerate(images, 1):
        image["imageSet"] = {"id": set_id, "index": index, "total": len(images)}


def _route(method: str, path: str, handler: Callable[[Request], Awaitable[Any]]) -> Route:
    """A route that answers JSON, and 422 to what it cannot read."""

    async def answer(request: Request) -> Response:
        try:
            found = await handler(request)
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        if isinstance(found, Response):
            return found
        return Response(msgspec.json.encode(found), media_type="application/json")

    return Route(path, answer, methods=[method])


async def _read(request: Request, into: type[T]) -> T:
    return msgspec.json.decode(await request.body(), type=into)
