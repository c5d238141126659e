"""Compares what people wrote in LINE with what was taken in, done, and seen in their chats."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from forthwith.platform.db import Database
from forthwith.sandbox.line import LinePhone


@dataclass(frozen=True, slots=True)
class LineReport:
    """What the faults did to the chats; contract.md, section 3."""

    deliveries: int
    events: int
    taken_twice: int
    """Events that more than one run was made of."""
    unfinished: int
    """Runs that neither succeeded nor failed."""
    expected: int
    seen: int
    presumed: int
    """Replies of unknown outcome, made at most once: LINE no longer tells whether they came."""
    lost: int
    """Answers that nobody saw, beyond those."""
    doubled: int
    """Answers that were seen more than once."""
    fetched_again: int
    """Photos fetched once more, beyond one for each kill, after they were fetched."""

    @property
    def is_sound(self) -> bool:
        """Whether every promise was kept."""
        broken = (self.taken_twice, self.unfinished, self.lost, self.doubled, self.fetched_again)
        return not any(broken)

    def lines(self) -> list[tuple[str, int]]:
        """The rows of the table."""
        return [
            ("webhooks delivered", self.deliveries),
            ("events", self.events),
            ("events taken in twice", self.taken_twice),
            ("runs without an end", self.unfinished),
            ("answers expected", self.expected),
            ("answers seen", self.seen),
            ("replies of unknown outcome", self.presumed),
            ("answers lost beyond those", self.lost),
            ("answers seen twice", self.doubled),
            ("photos fetched again", self.fetched_again),
        ]


async def check(
    db: Database,
    phone: LinePhone,
    expected: dict[str, int],
    log: Sequence[dict[str, Any]],
    kills: int,
) -> LineReport:
    """Read database, chats and LINE's own log once everything has settled.

    `expected` is how many answers each person should see.
    """
    seen = {person: await _seen(phone, person) for person in expected}
    deliveries = await phone.deliveries()
    presumed = len(await db.fetch("select from cards.outgoing where state = 'presumed'"))
    events = {event for each in deliveries for event in each.event_ids}
    return LineReport(
        deliveries=len(deliveries),
        events=len(events),
        taken_twice=await _taken_twice(db, len(events)),
        unfinished=await _count(db, "state in ('queued', 'running') and run_at <= now()"),
        expected=sum(expected.values()),
        seen=sum(seen.values()),
        presumed=presumed,
        lost=max(0, sum(max(0, expected[each] - seen[each]) for each in expected) - presumed),
        doubled=sum(max(0, seen[each] - expected[each]) for each in expected),
        fetched_again=max(0, _fetched_again(log) - kills),
    )


async def _seen(phone: LinePhone, person: str) -> int:
    entries = (await phone.messages_of(person)).entries
    return sum(each.author == "bot" for each in entries)


async def _taken_twice(db: Database, events: int) -> int:
    made = await _count(db, "name in ('cards.line.event', 'cards.line.photo')")
    return max(0, made - events)


async def _count(db: Database, condition: str) -> int:
    row = await db.fetchrow(f"select count(*) as n from platform.runs where {condition}")  # noqa: S608
    assert row is not None
    return int(row["n"])


def _fetched_again(log: Sequence[dict[str, Any]]) -> int:
    """Contents that LINE handed out more than once."""
    handed_out = Counter(
        each["path"] for each in log if "/content" in each["path"] and each["outcome"] == "200"
    )
    return sum(count - 1 for count in handed_out.values())
