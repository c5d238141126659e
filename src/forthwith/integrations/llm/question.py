"""What a model is asked, and what it answers."""

import hashlib
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import BaseModel

from forthwith.platform.upstream import Usage

T = TypeVar("T", bound=BaseModel)

_TOKENS_OF_PICTURE: Final = 1_300
_TOKENS_OF_ANSWER: Final = 500
_LETTERS_OF_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture and its media type, such as `image/jpeg`."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """What is asked. `version` changes whenever prompt or schema do."""

    prompt: str
    """What the model is to do; what it looks at are the pictures and the text."""
    version: str
    schema: type[T]
    pictures: tuple[Picture, ...] = ()
    text: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on, but the model."""
        found = hashlib.sha256()
        texts = (each.encode() for each in (self.version, self.prompt, self.text))
        for part in (*texts, *(each.data for each in self.pictures)):
            found.update(len(part).to_bytes(8, "big") + part)
        return found.hexdigest()

    @property
    def estimate(self) -> Usage:
        """What it may use, before anybody has told."""
        letters = len(self.prompt) + len(self.text)
        tokens = letters // _LETTERS_OF_TOKEN + _TOKENS_OF_PICTURE * len(self.pictures)
        return Usage(tokens_in=tokens, tokens_out=_TOKENS_OF_ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """A model's answer, in the form that was asked for, and who gave it.

    `micros` are millionths of `currency`, of all calls that led to it; 0 where it was kept from
    before. `key` is an alias. `seconds` are of the call that was answered.
    """

    value: T
    provider: str
    model: str
    tokens_in: int
    tokens_out: int
    micros: int
    currency: str
    key: str | None
    seconds: float
    was_kept: bool
