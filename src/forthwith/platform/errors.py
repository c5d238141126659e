"""The one error tree.

    ForthwithError
      BadRequest            400  the request cannot be understood
      Unauthorized          401  no credentials, or wrong ones
      Forbidden             403  known, but not allowed
      NotFound              404  absent, or somebody else's
      Conflict              409  does not fit the present state
      TooLarge              413  more bytes than allowed
      UnsupportedMedia      415  a type of file or body that is not read here
      Unprocessable         422  understood, but wrong in a named place
      TooMany               429  a limit was met; `retry_after` says when to return
      Unavailable           503  cannot be served now; `retry_after` where known
      LeaseLost             503  another worker owns the run now; never shown to a person
    UpstreamError
      Transient             retry; `retry_after` where the vendor told it
      KeyRejected           take another key
      Exhausted             every key is out until `resets_at`
      Refused               never retry: the vendor will not do it

An error knows its HTTP status, its stable code, and what a person can do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place in a request: a JSON pointer (or name) and what is wrong there."""

    pointer: str
    detail: str


class ForthwithError(Exception):
    """Something the caller can be told."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        message: str,
        *,
        faults: Sequence[Fault] = (),
        retry_after: float | None = None,
    ) -> None:
        """Keep a sentence for people, the wrong places, and seconds until a retry helps."""
        super().__init__(message)
        self.message = message
        self.faults = tuple(faults)
        self.retry_after = retry_after


class BadRequest(ForthwithError):
    """The request cannot be understood."""

    status, code, title = 400, "BAD_REQUEST", "Bad request"


class Unauthorized(ForthwithError):
    """No credentials, or wrong ones."""

    status, code, title = 401, "UNAUTHORIZED", "Unauthorized"


class Forbidden(ForthwithError):
    """The caller is known, but not allowed to do this."""

    status, code, title = 403, "FORBIDDEN", "Forbidden"


class NotFound(ForthwithError):
    """Absent, or somebody else's: the answer does not tell which."""

    status, code, title = 404, "NOT_FOUND", "Not found"


class Conflict(ForthwithError):
    """Does not fit the present state of the resource."""

    status, code, title = 409, "CONFLICT", "Conflict"


class TooLarge(ForthwithError):
    """More bytes than allowed."""

    status, code, title = 413, "TOO_LARGE", "Too large"


class UnsupportedMedia(ForthwithError):
    """A type of file or body that is not read here."""

    status, code, title = 415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"


class Unprocessable(ForthwithError):
    """Understood, but wrong in a named place."""

    status, code, title = 422, "VALIDATION_FAILED", "Validation failed"


class TooMany(ForthwithError):
    """A limit was met."""

    status, code, title = 429, "RATE_LIMIT_EXCEEDED", "Too many requests"


class Unavailable(ForthwithError):
    """Cannot be served now."""

    status, code, title = 503, "UNAVAILABLE", "Service unavailable"


class LeaseLost(Unavailable):
    """Another worker owns the run now, or it was cancelled: this one must write nothing more."""

    code = "LEASE_LOST"


class UpstreamError(Exception):
    """A vendor did not do what it was asked."""


class Transient(UpstreamError):
    """A failure that passes; `retry_after` in seconds where the vendor told it."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keep the vendor's own waiting time, if it gave one."""
        super().__init__(message)
        self.retry_after = retry_after


class KeyRejected(UpstreamError):
    """The vendor refused the key, not the request."""


class Exhausted(UpstreamError):
    """Every key is out of quota until `resets_at`."""

    def __init__(self, message: str, *, resets_at: datetime) -> None:
        """Keep the moment from which a call can succeed again."""
        super().__init__(message)
        self.resets_at = resets_at


class Refused(UpstreamError):
    """The vendor will not do this, now or later."""
