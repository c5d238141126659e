"""Pages of newest-first lists, keyed by the UUIDv7 of their rows; no offsets, no drift."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import Query

from forthwith.platform.errors import Fault, Unprocessable

T = TypeVar("T")

MAX_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows, and before which id."""

    limit: int
    before: UUID | None

    def answer(
        self, rows: Sequence[T], render: Callable[[T], Any], key: Callable[[T], UUID]
    ) -> dict[str, Any]:
        """`{items, next}` of `limit + 1` fetched rows; `next` is null on the last page."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return {
            "items": [render(row) for row in shown],
            "next": _encode(key(shown[-1])) if more else None,
        }


async def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Rows on a page.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=64, description="`next` of the page before.")
    ] = None,
) -> PageRequest:
    """A FastAPI dependency: the page that a list request asks for."""
    return PageRequest(limit, _decode(cursor) if cursor is not None else None)


def _encode(identifier: UUID) -> str:
    return base64.urlsafe_b64encode(identifier.bytes).decode().rstrip("=")


def _decode(cursor: str) -> UUID:
    try:  # 16 bytes or nothing: UUID refuses any other length
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise Unprocessable(
            "The cursor is not one that this list gave out.",
            faults=[Fault("query/cursor", "use the value of `next`, unchanged")],
        ) from None
