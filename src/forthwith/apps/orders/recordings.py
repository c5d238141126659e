"""A voice over HTTP: whole, or the part that a player asks for (RFC 9110, section 14)."""

import re
from typing import Final

from fastapi import Request, Response

from forthwith.apps.orders import links, queries, views
from forthwith.apps.orders.errors import LinkExpired
from forthwith.apps.orders.voices import MEDIA_TYPE
from forthwith.platform.runtime import Runtime

_RANGE: Final = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")
_CACHED: Final = "private, max-age=86400, immutable"


async def answer(runtime: Runtime, request: Request, token: str) -> Response:
    """The voice that a token opens. Raises `LinkExpired`, `NotFound`."""
    linked = links.opened(runtime.codec, token)
    row = await queries.find(runtime.db, linked.order)
    outcome = views.outcome_of(runtime.codec, row)
    voice = outcome.voice(linked.rate) if outcome else None
    if voice is None:
        raise LinkExpired("There is no such voice.")
    headers = {
        "ETag": f'"{voice.blob[:32]}"',
        "Cache-Control": _CACHED,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="order-{linked.rate}.m4a"',
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _ranged(request, await runtime.blobs.get(row.owner, voice.blob), headers)


def _ranged(request: Request, audio: bytes, headers: dict[str, str]) -> Response:
    """One range of bytes; anything else that Range may say is answered by the whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked.groups() == ("", "") or not _is_current(request, headers["ETag"]):
        return Response(audio, media_type=MEDIA_TYPE, headers=headers)
    start, end = _bounds(asked[1], asked[2], len(audio))
    if start >= end:
        refused = {**headers, "Content-Range": f"bytes */{len(audio)}"}
        return Response(status_code=416, headers=refused)
    part = {**headers, "Content-Range": f"bytes {start}-{end - 1}/{len(audio)}"}
    return Response(audio[start:end], status_code=206, media_type=MEDIA_TYPE, headers=part)


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    """The range as Python counts: from the first byte to behind the last one."""
    if not first:  # the last so many bytes
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length


def _is_current(request: Request, tag: str) -> bool:
    """Whether the part that the player has is of this recording (If-Range)."""
    return request.headers.get("if-range", tag) == tag
