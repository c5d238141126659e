"""Limits as people write them: requests and tokens a minute, requests and money a day, slots."""

from collections.abc import Iterator
from dataclasses import dataclass

from forthwith.platform.upstream.budgets.parts import (
    Dimension,
    Part,
    Quota,
    Rate,
    Slots,
    Window,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a vendor allows a key, or what we allow ourselves; None: not limited.

    Minutes are sliding windows. `per_second` smooths them, with `burst` calls at once. A day
    ends at midnight in `zone` (Google: America/Los_Angeles). Money is in micro-units a day.
    `lease_seconds`, longer than any call, is when a killed process's slots are free again.
    """

    rpm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    money_per_day: int | None = None
    concurrency: int | None = None
    per_second: float | None = None
    burst: float = 1.0
    zone: str = "UTC"
    lease_seconds: float = 120.0

    def parts(self) -> tuple[Part, ...]:
        """The rules to keep. Raises ValueError for a limit that is not above zero."""
        parts = tuple(self._parts())
        for part in parts:
            if part.wire(0.0)[2] <= 0:
                raise ValueError(f"{part} allows nothing; leave a limit out to lift it")
        return parts

    def _parts(self) -> Iterator[Part]:
        if self.concurrency is not None:
            yield Slots(self.concurrency, self.lease_seconds)
        if self.per_second is not None:
            yield Rate(Dimension.REQUESTS, self.per_second, self.burst)
        if self.rpm is not None:
            yield Window(Dimension.REQUESTS, self.rpm)
        if self.tpm is not None:
            yield Window(Dimension.TOKENS, self.tpm)
        if self.rpd is not None:
            yield Quota(Dimension.REQUESTS, self.rpd, self.zone)
        if self.money_per_day is not None:
            yield Quota(Dimension.MONEY, self.money_per_day, self.zone)
