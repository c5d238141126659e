"""Compares the cards that there are with the pages that Notion holds, and how they came there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forthwith.platform.db import Database

Pages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class NotionReport:
    """What the faults did to the pages; contract.md, section 3."""

    requests: int
    ill: int
    """Requests that were not answered well."""
    unanswered: int
    """Pages that were made while nobody heard of it."""
    snoozes: int
    kills: int
    expected: int
    pages: int
    lost: int
    doubled: int
    """Pages of a Card ID beyond the first, those in the trash counted too."""
    outdated: int
    """Pages that do not say what their card says now."""
    not_put_away: int
    """Pages of cards that are deleted."""
    without_photo: int
    tries_used: int
    unfinished: int

    @property
    def is_sound(self) -> bool:
        """Whether every promise was kept."""
        broken = (self.lost, self.doubled, self.outdated, self.not_put_away, self.without_photo)
        return not any((*broken, self.tries_used, self.unfinished))

    def lines(self) -> list[tuple[str, int]]:
        """The rows of the table."""
        return [
            ("requests to Notion", self.requests),
            ("of them answered ill", self.ill),
            ("pages made without answer", self.unanswered),
            ("workers killed", self.kills),
            ("runs snoozed", self.snoozes),
            ("pages expected", self.expected),
            ("pages there", self.pages),
            ("pages lost", self.lost),
            ("pages doubled", self.doubled),
            ("pages outdated", self.outdated),
            ("pages of deleted cards", self.not_put_away),
            ("pages without photo", self.without_photo),
            ("tries used up", self.tries_used),
            ("cards without an end", self.unfinished),
        ]


async def check(
    db: Database,
    held: Pages,
    expected: Mapping[str, str],
    gone: set[str],
    log: Sequence[Mapping[str, Any]],
    kills: int,
) -> NotionReport:
    """Compare once everything has settled.

    `expected` are the names on the pages by Card ID, `gone` the Card IDs of deleted cards.
    """
    live = {page["values"]["Card ID"]: page["values"] for page in held if not page["in_trash"]}
    made = Counter(page["values"]["Card ID"] for page in held)
    return NotionReport(
        requests=len(log),
        ill=sum(each["outcome"] != "200" for each in log),
        unanswered=made_without_answer(log),
        snoozes=await _count(db, "platform.events where kind = 'snoozed'"),
        kills=kills,
        expected=len(expected),
        pages=len(live),
        lost=len(expected.keys() - live.keys()),
        doubled=sum(count - 1 for count in made.values()),
        outdated=sum(key in live and live[key]["Name"] != name for key, name in expected.items()),
        not_put_away=len(live.keys() & gone),
        without_photo=sum(not page["Card"] for page in live.values()),
        tries_used=await _count(
            db, "platform.runs where name like 'cards.notion.%' and attempt > 0"
        ),
        unfinished=await _count(db, "cards.notion_cards where state <> 'done'"),
    )


def made_without_answer(log: Sequence[Mapping[str, Any]]) -> int:
    """Pages that Notion has made, and nobody heard of it."""
    makings = (each for each in log if (each["method"], each["path"]) == ("POST", "/v1/pages"))
    return sum(each["worked"] and each["outcome"] != "200" for each in makings)


async def _count(db: Database, rows: str) -> int:
    row = await db.fetchrow(f"select count(*) as n from {rows}")  # noqa: S608
    assert row is not None
    return int(row["n"])
