"""The outermost ASGI layer: request id, access log, metrics, header limit, last resort."""

import re
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forthwith.platform import clock, context, ids, logging, metrics
from forthwith.platform.errors import BadRequest, Fault
from forthwith.platform.http.problems import Problem, from_error, logged_path, unexpected

log = logging.get(__name__)

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_MAX_HEADER_BYTES: Final = 32 * 1024
_CLIENT_LEFT: Final = 499
"""nginx's status for a client that went away; nobody reads it but the log."""
_QUIET_ROUTES: Final = frozenset({"/health/live", "/health/ready", "/metrics"})


class Gateway:
    """Names each request, measures it and writes one line about it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only HTTP is measured."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, _request_id(scope))
        token = context.request_id.set(answer.request_id)
        started = clock.monotonic()
        try:
            await self._serve(scope, receive, answer)
        finally:
            _record(scope, answer.status, clock.monotonic() - started)
            context.request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            answer.status = _CLIENT_LEFT
        except Exception as error:  # noqa: BLE001 - whatever it was, the caller gets an answer
            problem = unexpected(error, scope)
            if not answer.started:  # what has begun can only be cut off, which the server does
                await problem(scope, receive, answer)


def _refusal(scope: Scope) -> Problem | None:
    """What the request line and headers alone already forbid."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _MAX_HEADER_BYTES:
        return Problem(
            status=431,
            code="HEADERS_TOO_LARGE",
            title="Request Header Fields Too Large",
            detail=f"The headers have more than {_MAX_HEADER_BYTES} bytes.",
            instance=scope["path"],
        )
    if b"%00" in scope["query_string"]:  # PostgreSQL holds no NUL in text
        wrong = Fault("query", "has a NUL byte (%00)")
        return from_error(BadRequest("Remove the NUL byte.", faults=[wrong]), scope["path"])
    return None


class _Answer:
    """Watches the answer go out and puts the request id on it."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 500
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.started = True
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self.request_id.encode()),
            ]
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The caller's X-Request-Id when it is a plain short token, a new one otherwise."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return str(ids.new())


def _record(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"]
    metrics.http_requests.labels(method, route, str(status)).inc()
    metrics.http_seconds.labels(method, route).observe(seconds)
    if route not in _QUIET_ROUTES:
        log.info(
            "request_answered",
            method=method,
            path=logged_path(scope),
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )
