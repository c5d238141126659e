"""asyncpg's connection, for a process that opens many."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import asyncpg

_LAST_FIXED_OID: Final = 9_999
"""Types up to here are PostgreSQL's own, with the same number in every database."""


@dataclass(frozen=True, slots=True)
class _NotAsked:
    """Stands for the statement that asked; by its name asyncpg sees what was prepared over it."""

    name: str = "none"


class Connection(asyncpg.Connection):
    """A connection that knows the types which an earlier one of its process has asked for.

    asyncpg knows uuid but not uuid[]: each connection asks the server about every such type when
    it first sends one, with a query of 10 ms. A burst that opens thirty connections would spend
    a second of a core on the same five answers.
    """

    __slots__ = ()
    _types: ClassVar[dict[int, Any]] = {}

    async def _introspect_types(
        self,
        typeoids: Iterable[int],
        timeout: float | None,  # noqa: ASYNC109 - as it is called
    ) -> Any:
        """Rows about types, those that others are made of first; there is no public name."""
        wanted = set(typeoids)
        if max(wanted) > _LAST_FIXED_OID:
            return await self._ask_about(wanted, timeout)
        if wanted <= self._types.keys():
            return list(self._types.values()), _NotAsked()
        rows, statement = await self._ask_about(wanted, timeout)
        self._types.update((row["oid"], row) for row in rows)
        return rows, statement

    async def _ask_about(self, wanted: AbstractSet[int], seconds: float | None) -> Any:
        return await super()._introspect_types(wanted, seconds)  # type: ignore[misc] # not in stubs
