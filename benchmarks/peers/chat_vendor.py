"""A chat vendor for those who rotate keys: so many calls a minute and key, and one key that cools.

It speaks as much of OpenAI's chat completions over HTTP/1.1 as the SDK needs, with the standard
library alone, in the process of whoever asks.
"""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

COOLING: Final = "cooling"
"""The secret that is always told to come back in seven seconds."""
_RETRY_AFTER: Final = "7"
_ANSWER: Final = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "yes"},
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()
_REFUSAL: Final = json.dumps({"error": {"message": "too many requests"}}).encode()


class ChatVendor:
    """Counts what it was asked, and what it refused, by secret."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._asked: defaultdict[str, list[float]] = defaultdict(list)
        self.answered: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its base URL, while the block lasts."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:]
                headers = {
                    name.lower(): text for name, _, text in (x.partition(": ") for x in lines)
                }
                await reader.readexactly(int(headers.get("content-length", "0")))
                writer.write(self._reply(headers["authorization"].removeprefix("Bearer ")))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _reply(self, secret: str) -> bytes:
        asked, now = self._asked[secret], time.monotonic()
        is_full = sum(moment > now - 60 for moment in asked) >= self._per_minute
        if secret == COOLING or is_full:
            self.refused[secret] += 1
            return _http("429 Too Many Requests", _REFUSAL, f"retry-after: {_RETRY_AFTER}\r\n")
        asked.append(now)
        self.answered[secret] += 1
        return _http("200 OK", _ANSWER)


def _http(status: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
