"""Reply tokens, good once and for a minute, and retry keys, good for a day."""

from dataclasses import dataclass
from typing import Any, Final

from forthwith.platform import clock
from forthwith.sandbox.line import names

_EVENT_SECONDS: Final = 20 * 60.0
"""A token that is delivered again lives no longer than this after its event."""
_RETRY_SECONDS: Final = 24 * 3_600.0


@dataclass(slots=True)
class _ReplyToken:
    chat_id: str
    made_at: float
    delivered_at: float | None = None


class ReplyTokens:
    """The tokens that were not used yet."""

    def __init__(self) -> None:
        self._tokens: dict[str, _ReplyToken] = {}

    def make(self, chat_id: str) -> str:
        """A token that answers in this chat."""
        self._forget_old()
        token = names.token()
        self._tokens[token] = _ReplyToken(chat_id, clock.monotonic())
        return token

    def deliver(self, token: str | None) -> None:
        """A webhook carries it now: its minute begins (again)."""
        if token in self._tokens:
            self._tokens[token].delivered_at = clock.monotonic()

    def use(self, token: str, seconds: float) -> str | None:
        """The chat to answer in; None for a token that was used, is too old or unknown."""
        found = self._tokens.pop(token, None)
        if found is None or found.delivered_at is None:
            return None
        is_young = clock.monotonic() - found.delivered_at <= seconds
        return found.chat_id if is_young else None

    def _forget_old(self) -> None:
        """They are kept in the order of their making."""
        while self._tokens:
            oldest = next(iter(self._tokens))
            if self._tokens[oldest].made_at > clock.monotonic() - _EVENT_SECONDS:
                return
            del self._tokens[oldest]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that was carried out: its id, and its answer."""

    request_id: str
    answer: dict[str, Any]
    at: float


class RetryKeys:
    """What was accepted under each key in the last day."""

    def __init__(self) -> None:
        self._accepted: dict[str, Accepted] = {}

    def find(self, key: str | None) -> Accepted | None:
        """The earlier request with this key."""
        accepted = self._accepted.get(key or "")
        if accepted is None or accepted.at < clock.monotonic() - _RETRY_SECONDS:
            return None
        return accepted

    def accept(self, key: str | None, request_id: str, answer: dict[str, Any]) -> None:
        """Remember a request that was carried out."""
        if key is not None:
            self._accepted[key] = Accepted(request_id, answer, clock.monotonic())
