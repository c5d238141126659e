"""What a caller holds while its call runs."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeAlias

from forthwith.platform import clock
from forthwith.platform.upstream.budgets.accounts import Grant
from forthwith.platform.upstream.budgets.parts import Cost

Settle: TypeAlias = Callable[[Grant, Cost, float], Awaitable[None]]
"""Takes the grant, what the call cost, and the seconds it took."""


class Lease:
    """A granted cost. Leaving it (`async with`, or `close`) settles it and frees its slots."""

    __slots__ = ("_began", "_is_open", "_send", "_spent", "grant")

    def __init__(self, settle: Settle, grant: Grant, began: float) -> None:
        """`began` is the present moment of `clock.monotonic()`."""
        self.grant = grant
        self._send = settle
        self._spent = grant.cost
        self._began = began
        self._is_open = True

    def settle(self, actual: Cost) -> None:
        """Say what the call really cost; without it, the estimate stands."""
        self._spent = actual

    async def close(self) -> None:
        """Settle and free, once."""
        if self._is_open:
            self._is_open = False
            await self._send(self.grant, self._spent, clock.monotonic() - self._began)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
