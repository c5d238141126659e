"""Server-sent events (WHATWG HTML, section 9.2), with comments that keep proxies awake."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.responses import StreamingResponse

from forthwith.platform import metrics

HEARTBEAT_SECONDS: Final = 15.0
_MAX_EVENT_ID: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its number in the stream, its kind, and data that JSON can hold."""

    id: int
    event: str
    data: Any

    def encode(self) -> bytes:
        """As it goes over the wire."""
        data = msgspec.json.encode(self.data).decode()
        return f"id: {self.id}\nevent: {self.event}\ndata: {data}\n\n".encode()


def last_event_id(header: str | None) -> int:
    """The number after which a reconnecting client wants to go on; 0 for anything else."""
    if header is None or not header.isascii() or not header.isdigit():
        return 0
    return min(int(header[:10]), _MAX_EVENT_ID)


class EventStream(StreamingResponse):
    """Streams events until they end; None in the stream becomes a keep-alive comment."""

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncIterator[ServerSentEvent | None], status_code: int = 200
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_encoded(events), status_code=status_code, headers=headers)


async def _encoded(events: AsyncIterator[ServerSentEvent | None]) -> AsyncIterator[bytes]:
    metrics.sse_streams.inc()
    try:
        yield b"retry: 2000\n\n"
        async for event in events:
            yield b": waiting\n\n" if event is None else event.encode()
    finally:
        metrics.sse_streams.dec()
