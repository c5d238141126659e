"""Counting what each key asked, as vendors do: sliding minute, day, requests at once."""

from collections import Counter, defaultdict, deque
from typing import Final

from forthwith.platform import clock
from forthwith.sandbox.knobs import Quota

_DAY: Final = 86_400.0


class Refusal(Exception):
    """Why a key is not served: `reason` is `key`, `minute`, `day` or `concurrent`."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Usage:
    """What every key has asked lately."""

    def __init__(self) -> None:
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)
        self._running: Counter[str] = Counter()

    def enter(self, key: str, quota: Quota) -> None:
        """Count one request in. Raises `Refusal` when the key may not ask now."""
        if key in quota.refused_keys:
            raise Refusal("key", 0.0)
        if key in quota.spent_keys:
            raise Refusal("day", _DAY / 2)
        asked = self._forget_old(key)
        self._check_window(asked, quota.per_day, _DAY, "day")
        self._check_window(asked, quota.per_minute, quota.minute_seconds, "minute")
        if quota.concurrent is not None and self._running[key] >= quota.concurrent:
            raise Refusal("concurrent", 1.0)
        asked.append(clock.monotonic())
        self._running[key] += 1

    def leave(self, key: str) -> None:
        """The request has ended."""
        self._running[key] -= 1

    def clear(self) -> None:
        """Forget what was asked, not what is running."""
        self._asked.clear()

    def _forget_old(self, key: str) -> deque[float]:
        asked = self._asked[key]
        while asked and asked[0] <= clock.monotonic() - _DAY:
            asked.popleft()
        return asked

    def _check_window(
        self, asked: deque[float], most: int | None, window: float, reason: str
    ) -> None:
        """A sliding window: the oldest counted request says when the next one fits."""
        if most is None:
            return
        begin = clock.monotonic() - window
        counted = [moment for moment in asked if moment > begin]
        if len(counted) >= most:
            wait = counted[-most] - begin if most else window
            raise Refusal(reason, wait)
