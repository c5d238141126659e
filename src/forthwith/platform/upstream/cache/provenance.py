"""Where a kept value came from, told to the caller who asked for it, for the cost ledger."""

from contextvars import ContextVar, Token
from types import TracebackType
from typing import Final, Self

MEMORY: Final = "memory"
COALESCED: Final = "coalesced"


class Traced:
    """A block whose `source` is memory, a tier's name, or `coalesced` when a load was shared.

    It says nothing of use where the block's own load was called.
    """

    __slots__ = ("_token", "source")

    def __init__(self) -> None:
        self.source = MEMORY

    def __enter__(self) -> Self:
        self._token: Token[Traced | None] = _asking.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _asking.reset(self._token)


_asking: ContextVar[Traced | None] = ContextVar("asking", default=None)


def found_in(source: str) -> None:
    """Tell the present caller; a load's task tells the one who began it."""
    asking = _asking.get()
    if asking is not None:
        asking.source = source
