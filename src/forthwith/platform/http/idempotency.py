"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07).

The row is written by the statement that creates the thing, never afterwards: either both
exist or neither. A repeat is answered from the row for 24 hours, byte for byte.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from fastapi import Request, Response
from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform import clock
from forthwith.platform.crypto import Codec, place, sealed, unsealed
from forthwith.platform.db import Base, Database, Session
from forthwith.platform.errors import BadRequest, Conflict, Fault, TooMany, Unprocessable

KEPT: Final = timedelta(hours=24)
CONSTRAINT: Final = "pk_idempotency"
_FIND: Final = """
with expired as (
  delete from platform.idempotency
  where owner = $1 and route = $2 and key = $3 and expires_at <= now()
)
select fingerprint, answer from platform.idempotency
where owner = $1 and route = $2 and key = $3 and expires_at > now()
"""
KEY_RULE: Final = "1 to 255 visible ASCII characters, for example a UUID; kept for 24 hours."
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyRow(Base, kw_only=True):
    """The first answer to a key; `answer` goes through the codec."""

    __tablename__ = "idempotency"
    __table_args__ = (
        PrimaryKeyConstraint("owner", "route", "key", name=CONSTRAINT),
        {"schema": "platform"},
    )

    owner: Mapped[UUID]
    route: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(info=unsealed())
    answer: Mapped[bytes] = mapped_column(info=sealed("owner", "route", "key"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class _Kept(msgspec.Struct, frozen=True):
    """An answer as it is kept: status, headers that matter, body."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A request's key with what it stands for: whose, on which route, for which content."""

    owner: UUID
    route: str
    key: str
    fingerprint: bytes

    @property
    def place(self) -> bytes:
        """Where the kept answer is bound to."""
        return place("platform.idempotency", "answer", f"{self.owner}|{self.route}|{self.key}")

    def row(self, codec: Codec, answer: Response) -> dict[str, object]:
        """The row to write together with what the answer tells of."""
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name in {"content-type", "location", "retry-after"}
        }
        kept = _Kept(answer.status_code, headers, bytes(answer.body).decode())
        return {
            "owner": self.owner,
            "route": self.route,
            "key": self.key,
            "fingerprint": self.fingerprint,
            "answer": codec.seal(kept, self.place),
            "expires_at": clock.now() + KEPT,
        }


def idempotency_key(request: Request, owner: UUID, fingerprint: bytes) -> IdempotencyKey | None:
    """The key of a request, or None without the header; `fingerprint` hashes its content."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key must be 1 to 255 visible ASCII characters.",
            faults=[Fault("header/Idempotency-Key", "for example a UUID")],
        )
    return IdempotencyKey(owner, request.scope["route"].path, key, fingerprint)


class AlreadyAnswered(Exception):
    """The key was taken between looking and writing; raised by whoever writes the row."""


async def keep_answer(session: Session, row: dict[str, object] | None) -> None:
    """Write the row beside what the session creates; nothing without a key.

    Raises `AlreadyAnswered` when the key was taken meanwhile.
    """
    if row is None:
        return
    statement = insert(IdempotencyRow).values(row).on_conflict_do_nothing()
    taken = await session.scalar(statement.returning(IdempotencyRow.key))
    if taken is None:
        raise AlreadyAnswered


async def answer_once(
    db: Database,
    codec: Codec,
    key: IdempotencyKey | None,
    answer: Response,
    create: Callable[[dict[str, object] | None], Awaitable[None]],
) -> Response:
    """Create and answer, or give the first answer to the same key again.

    `create` gets the row to write in its own transaction (None without a key), and raises
    `AlreadyAnswered` when another request wrote it first.
    """
    if key is None:
        await create(None)
        return answer
    earlier = await _earlier(db, codec, key)
    if earlier is not None:
        return earlier
    try:
        await create(key.row(codec, answer))
    except AlreadyAnswered:
        earlier = await _earlier(db, codec, key)
        if earlier is None:
            raise Conflict(
                "This Idempotency-Key is in use by another request; repeat it."
            ) from None
        return earlier
    except TooMany:  # the same request a moment before may have taken the last of a quota
        earlier = await _earlier(db, codec, key)
        if earlier is None:
            raise
        return earlier
    return answer


async def _earlier(db: Database, codec: Codec, key: IdempotencyKey) -> Response | None:
    """The first answer to this key, or None. Raises `Unprocessable` for other content."""
    row = await db.fetchrow(_FIND, key.owner, key.route, key.key)
    if row is None:
        return None
    if row["fingerprint"] != key.fingerprint:
        raise Unprocessable(
            "This Idempotency-Key was used for another request; take a new one.",
            faults=[Fault("header/Idempotency-Key", "was used with other content")],
        )
    kept = codec.open(row["answer"], key.place, _Kept)
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return Response(kept.body.encode(), status_code=kept.status, headers=headers)
