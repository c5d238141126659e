"""The frame of every sandbox vendor: its routes, wrapped in the behaviour that was set."""

import asyncio
import random
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forthwith.platform import clock
from forthwith.platform.serving import served
from forthwith.sandbox.knobs import Fault, Knobs, parse_header
from forthwith.sandbox.log import Recorded, RequestLog
from forthwith.sandbox.quotas import Refusal, Usage

CONTROL: Final = "/_sandbox"
_BODY_KEPT: Final = 2_000  # bytes of a request body in the log
_GRACE_SECONDS: Final = 1  # nobody waits longer for a slow answer when the sandbox ends

RefusalAnswer = Callable[[Refusal], Response]
"""How this vendor says no: 401, or 429 with its own body and headers."""
FaultBody = Callable[[int], dict[str, Any]]
"""What this vendor says with the status of a fault."""


def _plain_fault(status: int) -> dict[str, Any]:
    return {"error": {"code": status, "message": "sandbox fault"}}


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor: its name, its routes, where its key stands, how it refuses."""

    name: str
    routes: Sequence[BaseRoute]
    refuse: RefusalAnswer
    key_header: str = "authorization"
    control: Sequence[BaseRoute] = ()
    """Routes below `/_sandbox` that are this vendor's own; they behave always."""
    fault_body: FaultBody = _plain_fault

    def app(self) -> ASGIApp:
        """The server, well behaved until it is told otherwise."""
        return _Behaving(self)


class _Behaving:
    """Applies latency, quotas and faults around the vendor's own routes, and keeps the log."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._log = RequestLog()
        self._usage = Usage()
        self._set(Knobs())
        self._control = Starlette(
            routes=[
                Route(f"{CONTROL}/knobs", self._put_knobs, methods=["PUT"]),
                Route(f"{CONTROL}/log", self._get_log, methods=["GET"]),
                Route(f"{CONTROL}/reset", self._reset, methods=["POST"]),
                Mount(CONTROL, routes=vendor.control),
            ]
        )
        self._routes = Starlette(routes=list(vendor.routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._routes(scope, receive, send)
        elif scope["path"].startswith(CONTROL):
            await self._control(scope, receive, send)
        else:
            await _Exchange(self._vendor, self, scope, receive, send).run()

    @property
    def log(self) -> RequestLog:
        return self._log

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def routes(self) -> ASGIApp:
        return self._routes

    @property
    def knobs(self) -> Knobs:
        return self._knobs

    def next_fault(self, header: str | None, request: str) -> Fault | None:
        """What goes wrong with the coming request (a method and a path), if anything."""
        if header is not None:
            return parse_header(header)
        for number, fault in enumerate(self._queued):
            if fault.strikes(request):
                return self._queued.pop(number)
        striking = [fault for fault in self._knobs.faults if fault.strikes(request)]
        if striking and self._chance.random() < self._knobs.fault_rate:
            return self._chance.choice(striking)
        return None

    def latency(self) -> float:
        """Seconds the coming request takes."""
        return self._knobs.latency.draw(self._chance)

    def _set(self, knobs: Knobs) -> None:
        self._knobs = knobs
        self._queued = list(knobs.next_faults)
        self._chance = random.Random(knobs.seed)  # noqa: S311 - behaviour, not a secret

    async def _put_knobs(self, request: Request) -> Response:
        try:
            self._set(msgspec.json.decode(await request.body(), type=Knobs))
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        return JSONResponse(msgspec.to_builtins(self._knobs))

    async def _get_log(self, _: Request) -> Response:
        content = msgspec.json.encode(self._log.entries())
        return Response(content, media_type="application/json")

    async def _reset(self, _: Request) -> Response:
        self._set(Knobs())
        self._log.clear()
        self._usage.clear()
        return Response(status_code=204)


class _Disconnected(Exception):
    """The connection is to be dropped without another byte."""


class _Exchange:
    """One request through the behaviour."""

    def __init__(
        self, vendor: Vendor, frame: _Behaving, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._vendor = vendor
        self._frame = frame
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body = b""
        self._outcome = "disconnect"
        self._worked = False

    async def run(self) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in self._scope["headers"]}
        number, began = self._frame.log.next_number(), clock.monotonic()
        key = headers.get(self._vendor.key_header, "").removeprefix("Bearer ") or None
        request = f"{self._scope['method']} {self._scope['path']}"
        fault = self._frame.next_fault(headers.get("x-sandbox-fault"), request)
        try:
            await self._serve(key or "", fault)
        except _Disconnected:
            await self._drop()
        finally:
            self._frame.log.add(
                Recorded(
                    number=number,
                    method=self._scope["method"],
                    path=self._scope["path"],
                    key=key,
                    body=self._body[:_BODY_KEPT].decode("utf-8", "replace"),
                    began=began,
                    ended=clock.monotonic(),
                    outcome=self._outcome,
                    worked=self._worked,
                )
            )

    async def _serve(self, key: str, fault: Fault | None) -> None:
        try:
            self._frame.usage.enter(key, self._frame.knobs.quota)
        except Refusal as refusal:
            await self._answer(self._vendor.refuse(refusal))
            return
        try:
            await asyncio.sleep(self._frame.latency())
            if fault is not None and not fault.after:
                await self._go_wrong(fault)
            await self._work(fault)
        finally:
            self._frame.usage.leave(key)

    async def _work(self, fault: Fault | None) -> None:
        """Let the vendor do its work; a late fault takes its answer away."""
        if fault is not None and fault.kind == "status" and not fault.after:
            return
        answer = _Collected()
        await self._frame.routes(self._scope, self._recording, answer)
        self._worked = True
        if fault is not None and fault.after:
            await self._go_wrong(fault)
            if fault.kind == "status":
                return
        await self._relay(answer, cut=fault is not None and fault.kind == "cut")

    async def _go_wrong(self, fault: Fault) -> None:
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "disconnect":
            raise _Disconnected
        elif fault.kind == "status":
            headers = {}
            if fault.retry_after is not None:
                headers["retry-after"] = f"{fault.retry_after:g}"
            body = self._vendor.fault_body(fault.status)
            await self._answer(JSONResponse(body, status_code=fault.status, headers=headers))

    async def _drop(self) -> None:
        """Cut the connection. ASGI has no word for it; uvicorn's `send` knows its transport."""
        self._send.__self__.transport.abort()  # type: ignore[attr-defined]
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _recording(self) -> Message:
        message = await self._receive()
        self._body += message.get("body", b"")
        return message

    async def _answer(self, response: Response) -> None:
        self._outcome = str(response.status_code)
        await response(self._scope, self._receive, self._send)

    async def _relay(self, answer: "_Collected", *, cut: bool) -> None:
        self._outcome = "cut" if cut else str(answer.status)
        for message in answer.messages:
            if cut and message["type"] == "http.response.body":
                body = message.get("body", b"")
                await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
                raise _Disconnected
            await self._send(message)


class _Collected:
    """An answer held back until it is decided what becomes of it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.messages.append(message)


def serving(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 0
) -> AbstractAsyncContextManager[str]:
    """Serve on loopback while the block lasts; the URL. Port 0 takes a free one."""
    listening = socket.create_server((host, port))
    return served(
        *(app, listening),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
