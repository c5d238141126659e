"""What Notion's refusals mean to us.

https://developers.notion.com/reference/status-codes. The SDK (3.1) knows neither 529 nor its
Retry-After, and would try a 409 never again: all are read here from status, headers and body.
"""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from forthwith.platform.errors import Refused, Transient, UpstreamError
from forthwith.platform.upstream import classified
from forthwith.platform.upstream.classify import error_of

CONFLICT_SECONDS: Final = 1.0
"""When to try again after a collision; nothing was written."""
_OF_THE_SDK: Final = "HTTPResponseError"
_WORDS_LENGTH: Final = 200  # characters
_IN_TRASH: Final = "archived"
"""Of "Can't edit block that is archived. You must unarchive the block before editing." """


class NotThere(Refused):
    """The page or database is in the trash, gone, or not shared with the connection."""


class SchemaMismatch(Refused):
    """The data source lacks properties that are to be written, or has them of another type."""


class Refusal(msgspec.Struct, frozen=True):
    """The body of an error."""

    code: str = ""
    message: str = ""

    def __str__(self) -> str:
        return " ".join(f"{self.code}: {self.message}".split())[:_WORDS_LENGTH]


def read_refusal(body: str | bytes | None) -> Refusal:
    """The body of an error; empty where it is none of Notion's."""
    try:
        return msgspec.json.decode(body or b"", type=Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Refusal()


def refused(vendor: str, status: int, headers: Any, body: str | bytes | None) -> UpstreamError:
    """The error that an answer of 400 and above means; the words of Notion for a refusal."""
    said = read_refusal(body)
    lower = {str(name).lower(): str(value) for name, value in (headers or {}).items()}
    if status == HTTPStatus.CONFLICT:
        return Transient(f"{vendor} answered 409.", retry_after=CONFLICT_SECONDS)
    is_put_away = status == HTTPStatus.BAD_REQUEST and _IN_TRASH in said.message.lower()
    if status == HTTPStatus.NOT_FOUND or is_put_away:
        return NotThere(f"{vendor} answered {status}: {said}")
    if status == HTTPStatus.FORBIDDEN:
        # Of one operation that the connection may not do; its secret is good for the others.
        return Refused(f"{vendor} answered 403: {said}")
    told = error_of(vendor, status, lower, str(said))
    return told or Refused(f"{vendor} answered {status}.")


def classify(vendor: str, error: Exception) -> UpstreamError | None:
    """What an exception under the SDK means; None when it is none of Notion's."""
    if any(base.__name__ == _OF_THE_SDK for base in type(error).__mro__):
        status: int = getattr(error, "status", 0)
        return refused(
            vendor, status, getattr(error, "headers", None), getattr(error, "body", None)
        )
    return classified(vendor, error)
