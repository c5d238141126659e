"""Compares what was acknowledged with the ledger and with the paid vendor's book."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from paid_vendor import Entry, read_book

from forthwith.platform.db import Database

LOOK_SECONDS = 0.25
"""From a look at the ledger to the call that follows it: an answer that another worker records
in between was in flight when it was looked for."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the faults did to a load; only `in_flight_repeated` may be above zero."""

    acknowledged: int
    finished: int
    lost: int
    """Acknowledged, and not ended well."""
    calls: int
    paid_again: int
    """Calls that began after the answer of their step was recorded."""
    in_flight_repeated: int
    """Calls repeated although an earlier one began: its process was killed, frozen or cut off."""
    doubled: int
    """Effects that people saw more than once."""

    @property
    def is_sound(self) -> bool:
        """Whether every promise was kept."""
        return (self.lost, self.paid_again, self.doubled) == (0, 0, 0)

    def lines(self) -> list[tuple[str, int]]:
        """The rows of the table."""
        return [
            ("acknowledged", self.acknowledged),
            ("finished", self.finished),
            ("lost", self.lost),
            ("paid calls", self.calls),
            ("answers paid again after recording", self.paid_again),
            ("calls in flight at a fault repeated", self.in_flight_repeated),
            ("visible effects doubled", self.doubled),
        ]


async def check(db: Database, book: Path, acknowledged: Collection[UUID]) -> Report:
    """Read ledger and book once everything has settled."""
    ids = list(acknowledged)
    rows = await db.fetch("select id, state from platform.runs where id = any($1)", ids)
    finished = sum(row["state"] == "succeeded" for row in rows)
    starts = [entry for entry in read_book(book) if entry.word == "start"]
    effects = await db.fetch("select run, kind, count(*) from effects group by 1, 2")
    return Report(
        acknowledged=len(ids),
        finished=finished,
        lost=len(ids) - finished,
        calls=len(starts),
        paid_again=await _paid_again(db, starts),
        in_flight_repeated=_repeated(starts),
        doubled=sum(row["count"] - 1 for row in effects),
    )


async def _paid_again(db: Database, starts: Sequence[Entry]) -> int:
    """Whose look could have found the answer; both clocks are this machine's."""
    rows = await db.fetch(
        "select run, name, extract(epoch from created_at)::float8 as at from platform.steps"
    )
    recorded = {(str(row["run"]), row["name"]): row["at"] for row in rows}
    never = float("inf")
    return sum(
        start.at > recorded.get((start.run, start.step), never) + LOOK_SECONDS for start in starts
    )


def _repeated(starts: Sequence[Entry]) -> int:
    calls = Counter((start.run, start.step) for start in starts)
    return sum(count - 1 for count in calls.values())
