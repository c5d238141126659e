"""The Messaging API, as the bot calls it."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Literal, NamedTuple
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.platform import clock
from forthwith.sandbox.line import names
from forthwith.sandbox.line.channel import BOT_NAME, Channel
from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.rules import Fault, Json, faults_of_messages
from forthwith.sandbox.quotas import Refusal

RATE: Final = "The API rate limit has been exceeded. Try again later."
MONTHLY: Final = "You have reached your monthly limit."
_MOST_BYTES: Final = 2_000_000
_MOST_RECIPIENTS: Final = 500
_LOADING_SECONDS: Final = range(5, 61, 5)


class Answer(NamedTuple):
    """What is answered; `headers` beside those that every answer has."""

    body: Json
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = MappingProxyType({})


Handler = Callable[[Request, Json], Awaitable[Answer | Response]]


class MessagingApi:
    """The routes of both hosts, api.line.me and api-data.line.me."""

    def __init__(self, channel: Channel, contract: Contract | None) -> None:
        self._channel = channel
        self._contract = contract

    def routes(self) -> list[Route]:
        """All of them."""
        message = "/v2/bot/message"
        content = f"{message}/{{message_id}}/content"
        return [
            *(self._post(f"{message}/validate/{kind}", self._validate) for kind in _VALIDATED),
            self._post(f"{message}/reply", self._reply),
            self._post(f"{message}/push", self._push),
            self._post(f"{message}/multicast", self._multicast),
            self._get(f"{message}/quota", self._quota),
            self._get(f"{message}/quota/consumption", self._consumption),
            self._get(content, self._content),
            self._get(f"{content}/preview", self._content),
            self._get(f"{content}/transcoding", self._transcoding),
            self._get("/v2/bot/profile/{user}", self._profile),
            self._get("/v2/bot/info", self._info),
            self._post("/v2/bot/chat/loading/start", self._show_loading),
        ]

    def _get(self, path: str, handler: Handler) -> Route:
        return Route(path, self._answering(handler), methods=["GET"])

    def _post(self, path: str, handler: Handler) -> Route:
        return Route(path, self._answering(handler), methods=["POST"])

    def _answering(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """The handler, behind the checks that every route has."""

        async def answer(request: Request) -> Response:
            response = _response(await self._checked(request, handler))
            response.headers.setdefault("x-line-request-id", names.token())
            return response

        return answer

    async def _checked(self, request: Request, handler: Handler) -> Answer | Response:
        if request.headers.get("authorization") != f"Bearer {self._channel.token}":
            return unauthorized()
        body = await _json_body(request)
        if isinstance(body, Answer):
            return body
        path = request.url.path
        if self._contract is not None:
            self._contract.look_at_request(request.method, path, body)
        answer = await handler(request, body)
        if self._contract is not None and isinstance(answer, Answer):
            self._contract.look_at_answer(request.method, path, answer.status, answer.body)
        return answer

    async def _reply(self, _: Request, body: Json) -> Answer:
        faults = faults_of_messages(body)
        if faults:
            return _invalid(faults)
        token = body.get("replyToken")
        seconds = self._channel.knobs.reply_seconds
        chat_id = self._channel.reply_tokens.use(token, seconds) if isinstance(token, str) else None
        if chat_id is None:
            return _refused(HTTPStatus.BAD_REQUEST, "Invalid reply token")
        return Answer(self._deliver([chat_id], body["messages"], "reply"))

    async def _push(self, request: Request, body: Json) -> Answer:
        recipient = body.get("to")
        if not isinstance(recipient, str) or not names.is_chat(recipient):
            return _invalid_property("to")
        return self._send(request, body, [recipient])

    async def _multicast(self, request: Request, body: Json) -> Answer:
        recipients = body.get("to")
        if not isinstance(recipients, list) or not 0 < len(recipients) <= _MOST_RECIPIENTS:
            return _invalid_property("to")
        if not all(isinstance(each, str) and names.is_person(each) for each in recipients):
            return _invalid_property("to")
        answer = self._send(request, body, recipients)
        return answer._replace(body={}) if answer.status == HTTPStatus.OK else answer

    def _send(self, request: Request, body: Json, recipients: list[str]) -> Answer:
        """Once for a retry key, while the month's messages last."""
        faults = faults_of_messages(body)
        if faults:
            return _invalid(faults)
        key = request.headers.get("x-line-retry-key")
        if key is not None and not _is_uuid(key):
            return _refused(HTTPStatus.BAD_REQUEST, "The retry key is invalid")
        accepted = self._channel.retry_keys.find(key)
        if accepted is not None:
            said = {"message": "The retry key is already accepted"}
            headers = {"x-line-accepted-request-id": accepted.request_id}
            return Answer(said | accepted.answer, HTTPStatus.CONFLICT, headers)
        if not self._channel.spend(len(recipients)):
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, MONTHLY)
        answer, request_id = self._deliver(recipients, body["messages"], "push"), names.token()
        self._channel.retry_keys.accept(key, request_id, answer)
        return Answer(answer, headers={"x-line-request-id": request_id})

    def _deliver(
        self, recipients: list[str], messages: list[Json], sent_by: Literal["reply", "push"]
    ) -> Json:
        sent = []
        for message in messages:
            identified = {"id": names.message_id(), "quoteToken": names.token()}
            sent.append(identified)
            for each in recipients:
                self._channel.chats.add_of_bot(each, message | {"id": identified["id"]}, sent_by)
        return {"sentMessages": sent}

    async def _validate(self, _: Request, body: Json) -> Answer:
        faults = faults_of_messages(body)
        return _invalid(faults) if faults else Answer({})

    async def _quota(self, _: Request, __: Json) -> Answer:
        limit = self._channel.knobs.monthly_limit
        return Answer({"type": "none"} if limit is None else {"type": "limited", "value": limit})

    async def _consumption(self, _: Request, __: Json) -> Answer:
        return Answer({"totalUsage": self._channel.used})

    async def _content(self, request: Request, _: Json) -> Answer | Response:
        found = self._channel.contents.find(request.path_params["message_id"])
        if found == HTTPStatus.ACCEPTED:
            return Response(status_code=found)
        if isinstance(found, HTTPStatus):
            return _refused(found, found.phrase)
        return Response(found.data, media_type=found.media_type)

    async def _transcoding(self, request: Request, _: Json) -> Answer:
        found = self._channel.contents.transcoding(request.path_params["message_id"])
        if isinstance(found, HTTPStatus):
            return _refused(found, found.phrase)
        return Answer({"status": found})

    async def _profile(self, request: Request, _: Json) -> Answer:
        user = request.path_params["user"]
        if user not in self._channel.chats or not names.is_person(user):
            return _refused(HTTPStatus.NOT_FOUND, "Not found")
        name = self._channel.chats[user].name
        return Answer({"displayName": name, "userId": user, "language": "zh-TW"})

    async def _info(self, _: Request, __: Json) -> Answer:
        return Answer(
            {
                "userId": self._channel.bot,
                "basicId": "@000sandbox",
                "displayName": BOT_NAME,
                "chatMode": "bot",
                "markAsReadMode": "auto",
            }
        )

    async def _show_loading(self, _: Request, body: Json) -> Answer:
        chat_id, seconds = body.get("chatId"), body.get("loadingSeconds", 20)
        if not isinstance(chat_id, str) or not names.is_person(chat_id):
            return _invalid_property("chatId")
        if seconds not in _LOADING_SECONDS:
            return _invalid_property("loadingSeconds")
        self._channel.chats[chat_id].loading_until = clock.monotonic() + seconds
        return Answer({}, HTTPStatus.ACCEPTED)


_VALIDATED: Final = ("reply", "push", "multicast", "narrowcast", "broadcast")


def refuse(refusal: Refusal) -> Response:
    """How LINE says no: to a key it does not know, or that asks too often."""
    if refusal.reason == "key":
        return _response(unauthorized())
    return _response(_refused(HTTPStatus.TOO_MANY_REQUESTS, RATE))


def unauthorized() -> Answer:
    """A token that is not the channel's."""
    return _refused(
        HTTPStatus.UNAUTHORIZED,
        "Authentication failed. Confirm that the access token in the authorization header "
        "is valid.",
    )


async def _json_body(request: Request) -> Json | Answer:
    """The JSON object of a POST; empty for a GET."""
    if request.method == "GET":
        return {}
    raw = await request.body()
    if len(raw) > _MOST_BYTES:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Request entity too large")
    try:
        return msgspec.json.decode(raw, type=Json)
    except msgspec.MsgspecError:
        return _refused(HTTPStatus.BAD_REQUEST, "The request body could not be parsed as JSON")


def _response(answer: Answer | Response) -> Response:
    if isinstance(answer, Response):
        return answer
    return JSONResponse(answer.body, status_code=answer.status, headers=answer.headers)


def _refused(status: int, message: str) -> Answer:
    return Answer({"message": message}, status)


def _invalid(faults: list[Fault]) -> Answer:
    details = [{"message": each.message, "property": each.property} for each in faults]
    message = f"The request body has {len(faults)} error(s)"
    return Answer({"message": message, "details": details}, HTTPStatus.BAD_REQUEST)


def _invalid_property(name: str) -> Answer:
    return _refused(
        HTTPStatus.BAD_REQUEST,
        f"The property, '{name}', in the request body is invalid (line: -, column: -)",
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
