"""What both vendors share: who answers, how long an answer is, and how it ends."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_LETTERS_OF_TOKEN: Final = 3
_TOKENS_OF_PICTURE: Final = 258
_TOKENS_OF_PROMPT: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model was asked: the pictures, and the form that the answer shall have."""

    model: str
    pictures: tuple[bytes, ...]
    schema: Mapping[str, Any]
    most_tokens: int | None


Reader: TypeAlias = Callable[[Asked], Awaitable[str]]
"""Answers with JSON; what it says is only as good as it is."""

Ending = Literal["whole", "cut", "blocked"]


class Endings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next answers end, used up one a request: cut off at half, or blocked for safety."""

    next: tuple[Ending, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, how it ends, and what it took."""

    text: str
    ending: Ending
    tokens_in: int
    tokens_out: int


def stored(answers: Mapping[str, str], otherwise: str) -> Reader:
    """Answers by the SHA-256 of the first picture: for benchmarks, where reading is no part."""

    async def read(asked: Asked) -> str:
        name = hashlib.sha256(asked.pictures[0]).hexdigest() if asked.pictures else ""
        return answers.get(name, otherwise)

    return read


def reading(read_photo: Callable[[bytes], Awaitable[str]]) -> Reader:
    """Answers by what is on the first picture, as the function reads it: for trying by hand."""

    async def read(asked: Asked) -> str:
        return await read_photo(asked.pictures[0]) if asked.pictures else "{}"

    return read


class Answering:
    """The model behind both protocols."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._endings: list[Ending] = []

    async def answer(self, asked: Asked) -> Answer:
        """The reader's answer; cut where it is longer than was asked for, as vendors do."""
        ending = self._endings.pop(0) if self._endings else "whole"
        tokens_in = _TOKENS_OF_PROMPT + _TOKENS_OF_PICTURE * len(asked.pictures)
        if ending == "blocked":
            return Answer("", ending, tokens_in, 0)
        text = await self._read(asked)
        whole = -(-len(text) // _LETTERS_OF_TOKEN)
        most = whole // 2 if ending == "cut" else asked.most_tokens
        if most is None or whole <= most:
            return Answer(text, "whole", tokens_in, whole)
        return Answer(text[: most * _LETTERS_OF_TOKEN], "cut", tokens_in, most)

    def routes(self) -> list[Route]:
        """The control of it, below `/_sandbox`."""
        return [Route("/endings", self._put_endings, methods=["PUT"])]

    async def _put_endings(self, request: Request) -> Response:
        try:
            endings = msgspec.json.decode(await request.body(), type=Endings)
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        self._endings = list(endings.next)
        return JSONResponse(msgspec.to_builtins(endings))


def decoded(text: str) -> bytes | None:
    """Bytes of base64 in either alphabet, as SDKs differ; None where it is none."""
    plain = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return None
