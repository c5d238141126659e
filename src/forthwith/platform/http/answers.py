"""Success answers: the envelope, 202 with where to look, ETags for cheap polling."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import Request, Response
from fastapi.datastructures import Headers

from forthwith.platform import clock

POLL_SECONDS: Final = 2
"""What Retry-After tells a client that waits for a run."""

NOT_CHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Not changed since the ETag in If-None-Match."}
}
"""What a route that answers `tagged` declares beside its 200."""


def envelope(data: Any, message: str = "") -> dict[str, Any]:
    """The members every success answer has: success, data, message, timestamp."""
    return {
        "success": True,
        "data": data,
        "message": message,
        "timestamp": clock.now().isoformat(),
    }


class Answer(Response):
    """An enveloped JSON answer; `top` adds members beside the envelope's own."""

    media_type = "application/json"

    def __init__(
        self,
        data: Any,
        *,
        status: int = 200,
        message: str = "",
        top: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        body = msgspec.json.encode({**envelope(data, message), **(top or {})})
        super().__init__(body, status_code=status, headers=headers)


def plain(body: Mapping[str, Any], *, status: int = 200) -> Response:
    """JSON without the envelope, for answers whose shape a convention fixes."""
    content = msgspec.json.encode(body)
    return Response(content, status_code=status, media_type="application/json")


def accepted(data: Any, *, location: str, message: str) -> Answer:
    """202: taken and safe; `location` is where the outcome will stand."""
    headers = {"Location": location, "Retry-After": str(POLL_SECONDS)}
    return Answer(data, status=202, message=message, headers=headers)


def tagged(request: Request, data: Any, *, pending: bool = False) -> Response:
    """A 200 with an ETag over `data`, or 304 when the caller has it already.

    `pending` adds Retry-After, and keeps caches from answering in our place.
    """
    digest = hashlib.sha256(msgspec.json.encode(data)).hexdigest()[:32]
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
    if pending:
        headers["Retry-After"] = str(POLL_SECONDS)
    if _matches(request.headers, digest):
        return Response(status_code=304, headers=headers)
    return Answer(data, headers=headers)


def _matches(headers: Headers, digest: str) -> bool:
    wanted = headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    return digest in tags or wanted.strip() == "*"
