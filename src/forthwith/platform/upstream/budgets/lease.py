"""What a caller holds while its call runs."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeAlias

import msgspec

from forthwith.platform import clock
from forthwith.platform.upstream.budgets.accounts import Grant
from forthwith.platform.upstream.budgets.parts import Cost

Settle: TypeAlias = Callable[[Grant, Cost, float], Awaitable[None]]
"""Takes the grant, what the call cost, and the seconds it took."""


class Lease(msgspec.Struct, eq=False):
    """A granted cost. Leaving it (`async with`, or `close`) settles it and frees its slots.

    `began` is the moment of `clock.monotonic()` at which the call could start.
    """

    send_settled: Settle
    grant: Grant
    spent: Cost
    began: float
    is_open: bool = True

    def settle(self, actual: Cost) -> None:
        """Say what the call really cost; without it, the estimate stands."""
        self.spent = actual

    async def close(self) -> None:
        """Settle and free, once."""
        if self.is_open:
            self.is_open = False
            await self.send_settled(self.grant, self.spent, clock.monotonic() - self.began)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
