"""What the function that makes a call is handed: a key, a time, and where to tell what it used."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias, TypeVar

from forthwith.platform.upstream.classify import error_of
from forthwith.platform.upstream.costs import Usage
from forthwith.platform.upstream.rate_headers import Left, left_of

T = TypeVar("T")

_DETAIL_LENGTH = 200  # characters


class Response(Protocol):
    """An answer of httpx, or of whatever looks like it; headers by lower-case name."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""

    @property
    def text(self) -> str:
        """The body."""


class Attempt:
    """One call to a vendor, with one key. SDKs under it have their own retries switched off."""

    def __init__(
        self, vendor: str, key: str | None, secret: str, *, seconds: float, connect_seconds: float
    ) -> None:
        self.vendor = vendor
        self.key = key
        """The alias of the key, for logs."""
        self.secret = secret
        self.seconds = seconds
        """How long the call may take; it is cut off then."""
        self.connect_seconds = connect_seconds
        """How long of that a connection may take."""
        self.usage: Usage | None = None
        self.model: str | None = None
        self.left: list[Left] = []

    def __repr__(self) -> str:
        return f"<Attempt {self.vendor} {self.key}>"

    def used(
        self, *, tokens_in: int = 0, tokens_out: int = 0, calls: int = 1, model: str | None = None
    ) -> None:
        """Tell what the vendor says it used; without it the estimate is charged."""
        self.usage = Usage(tokens_in=tokens_in, tokens_out=tokens_out, calls=calls)
        self.model = model or self.model

    def note(self, headers: Mapping[str, str]) -> None:
        """Note what RateLimit headers tell; `check` does it too."""
        self.left = list(left_of(headers))

    def check(self, response: Response) -> None:
        """Note the headers of an answer, and raise the `UpstreamError` that its status means."""
        self.note(response.headers)
        detail = " ".join(response.text.split()) if response.status_code >= 400 else ""  # noqa: PLR2004 - where HTTP's errors begin
        if self.secret:
            detail = detail.replace(self.secret, "...")
        error = error_of(
            self.vendor, response.status_code, response.headers, detail[:_DETAIL_LENGTH]
        )
        if error is not None:
            raise error


Send: TypeAlias = Callable[[Attempt], Awaitable[T]]
"""Makes the call, and gives what is to be kept of the answer."""
