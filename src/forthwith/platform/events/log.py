"""Writing and reading streams."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import EVENTS_CHANNEL, Database, Session

_PAGE: Final = 500

_APPEND = text("""
with numbered as (
  update platform.streams set last_seq = last_seq + 1 where id = :stream returning last_seq
)
insert into platform.events (stream, seq, kind, data)
select :stream, last_seq, :kind, :data from numbered returning seq
""")

_READ: Final = """
select seq, kind, data, created_at from platform.events
where stream = $1 and seq > $2 order by seq limit $3
"""

_NEWEST: Final = """
select s.last_seq, e.kind from platform.streams s
left join platform.events e on e.stream = s.id and e.seq = s.last_seq
where s.id = $1
"""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as it is read back; `at` is ISO 8601 in UTC."""

    seq: int
    kind: str
    data: Any
    at: str


def event_place(stream: UUID) -> bytes:
    """Where event data is bound to; the number is not known before it is written."""
    return place("platform.events", "data", stream)


async def append(session: Session, codec: Codec, stream: UUID, kind: str, data: Any) -> int:
    """Add an event to an existing stream; its number. It is told after the commit."""
    values = {"stream": stream, "kind": kind, "data": codec.seal(data, event_place(stream))}
    seq: int = (await session.execute(_APPEND, values)).scalar_one()
    session.tell(EVENTS_CHANNEL, f"{stream}:{seq}")
    return seq


async def read_after(db: Database, codec: Codec, stream: UUID, seq: int) -> list[StoredEvent]:
    """Up to 500 events after the number `seq`, oldest first."""
    rows = await db.fetch(_READ, stream, seq, _PAGE)
    at = event_place(stream)
    return [
        StoredEvent(
            row["seq"], row["kind"], codec.open(row["data"], at), row["created_at"].isoformat()
        )
        for row in rows
    ]


async def has_ended(db: Database, stream: UUID, seq: int, endings: Collection[str]) -> bool:
    """Whether nothing comes after `seq`: the newest event is no later and of a kind in `endings`.

    True also for a stream that was erased.
    """
    row = await db.fetchrow(_NEWEST, stream)
    return row is None or (row["last_seq"] <= seq and row["kind"] in endings)
