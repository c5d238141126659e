"""Limits on request bodies: how many bytes, also after gzip, and how they may be packed."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forthwith.platform.http.problems import Problem

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class BodyLimit:
    """Refuses bodies over `max_bytes`; unpacks gzip without ever holding more than that."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        packed = headers.get(b"content-encoding", b"identity").strip().lower() == b"gzip"
        if packed:  # in place: the layers outside read from this scope which route was taken
            scope["headers"] = _without_packing(scope["headers"])
        body = _Body(receive, self._max_bytes, packed=packed)
        await self._app(scope, body, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> Problem | None:
        """What the headers alone already forbid."""
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in {b"identity", b"gzip"}:
            return Problem(
                status=415,
                code="UNSUPPORTED_MEDIA_TYPE",
                title="Unsupported Media Type",
                detail="Content-Encoding may be gzip or absent.",
                instance=scope["path"],
                headers={"Accept-Encoding": "gzip"},
            )
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._max_bytes:
            return Problem(
                status=413,
                code="TOO_LARGE",
                title="Content Too Large",
                detail=_too_large(self._max_bytes),
                instance=scope["path"],
            )
        return None


def _too_large(max_bytes: int) -> str:
    return f"The request body is larger than {max_bytes // 1024} KiB."


def _without_packing(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    packing = {b"content-encoding", b"content-length"}
    return [(name, value) for name, value in headers if name not in packing]


class _Body:
    """Counts, and unpacks, what the application receives."""

    def __init__(self, receive: Receive, max_bytes: int, *, packed: bool) -> None:
        self._receive = receive
        self._left = max_bytes
        self._packed_left = max_bytes
        self._max_bytes = max_bytes
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW) if packed else None

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        body = message.get("body", b"")
        self._packed_left -= len(body)  # packed bytes may unpack to none, without an end
        if self._unpacker is not None:
            body = self._unpack(body, last=not message.get("more_body", False))
            message = {**message, "body": body}
        self._left -= len(body)
        if min(self._left, self._packed_left) < 0:
            raise HTTPException(413, _too_large(self._max_bytes))
        return message

    def _unpack(self, body: bytes, *, last: bool) -> bytes:
        assert self._unpacker is not None  # noqa: S101 - only called for packed bodies
        try:
            unpacked = self._unpacker.decompress(body, self._left + 1)
        except zlib.error:
            raise HTTPException(400, "The body is not valid gzip.") from None
        if self._unpacker.unused_data:
            raise HTTPException(400, "The gzip body goes on after its end.")
        if last and not self._unpacker.eof and len(unpacked) <= self._left:
            raise HTTPException(400, "The gzip body ends too early.")
        return unpacked


async def whole_body(receive: Receive) -> bytes:
    """All of a request's body. Raises `ClientDisconnect` when its client leaves before the end."""
    pieces = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


@dataclass(slots=True)
class Replay:
    """Gives an application a body that was read; afterwards what the server says."""

    body: bytes | None
    receive: Receive

    async def __call__(self) -> Message:
        """The whole body as one message, then the server's."""
        if self.body is None:
            return await self.receive()
        message: dict[str, Any] = {"type": "http.request", "body": self.body, "more_body": False}
        self.body = None
        return message
