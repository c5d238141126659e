"""The card bot in LINE: `python -m benchmarks.cards [--quick] [--json]`.

How soon a webhook is taken, how near local reading comes to what the two cores can do, how soon
a photo that came before is answered, and whether people wait alike. LINE is the sandbox's; API
and worker are processes of their own over a PostgreSQL that flushes every commit.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import database, harness, load
from benchmarks.figures import COLUMNS, Latencies, pooled, spread
from benchmarks.harness import Goal, Report, Table
from benchmarks.line_bot import Bot, distinct, running_bot
from benchmarks.processes import REPOSITORY
from forthwith.apps.cards import service
from forthwith.apps.cards.reading.local import warm_up
from forthwith.platform import loop
from forthwith.platform.config import PlatformSettings
from forthwith.platform.pool import ProcessPool

USERS: Final = 50
EVENTS_PER_SECOND: Final = 50.0
WEBHOOK_P99_MS: Final = 50.0
OF_THE_BOUND: Final = 0.9
REPEATED_MS: Final = 50.0
FAIRNESS: Final = 1.5
READERS: Final = 5
PHOTOS_EACH: Final = 4


@dataclass(frozen=True, slots=True)
class Length:
    """How long webhooks come, how often photos are read, and how many are sent again."""

    seconds: float
    rounds: int
    repeated: int


QUICK: Final = Length(seconds=8.0, rounds=2, repeated=20)
FULL: Final = Length(seconds=30.0, rounds=5, repeated=100)


@dataclass(slots=True)
class Found:
    """What was measured, a value a round."""

    photos_per_second: list[float] = field(default_factory=list)
    bound_per_second: list[float] = field(default_factory=list)
    unfair: list[float] = field(default_factory=list)
    repeated: list[float] = field(default_factory=list)


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All of it, on a database of its own."""
    length = QUICK if quick else FULL
    with database.disk_folder() as folder, database.database_server(folder) as server_dsn:
        webhooks = {
            "worker stopped": _webhooks(folder, _migrated(server_dsn, "alone"), length, workers=0),
            "worker beside it": _webhooks(
                folder, _migrated(server_dsn, "worked"), length, workers=1
            ),
        }
        found = loop.run(_photos(folder, _migrated(server_dsn, "photos"), length))
        postgres = database.settings_of(server_dsn)
    return _report(webhooks, found, postgres)


def _migrated(server_dsn: str, name: str) -> str:
    dsn = database.make_database(server_dsn, name)
    database.migrate(dsn)
    return dsn


def _webhooks(folder: Path, dsn: str, length: Length, *, workers: int) -> Latencies:
    """Texts of many people, in an open loop."""

    async def ask() -> Latencies:
        async with running_bot(folder, dsn, workers=workers) as bot:
            target = load.Target(bot.port, bot.webhooks(USERS), status=200)
            await load.closed_loop(target, 5, 1.0)
            return await load.open_loop(target, EVENTS_PER_SECOND, length.seconds)

    return load.run(ask())


async def _photos(folder: Path, dsn: str, length: Length) -> Found:
    """Reading by the bot and by the processes alone in turns, then the same photo again."""
    settings, found = PlatformSettings(), Found()
    cards = [path.read_bytes() for path in sorted(_examples().glob("*.jpg"))]
    async with (
        ProcessPool(settings.worker.cpu_processes) as pool,
        running_bot(folder, dsn, workers=1) as bot,
    ):
        await warm_up(pool)
        await bot.answers("first", [distinct(each) for each in cards[:2]])
        for _ in range(length.rounds):
            photos = [distinct(cards[at % len(cards)]) for at in range(READERS * PHOTOS_EACH)]
            found.bound_per_second.append(await _alone(pool, photos))
            await _together(bot, photos, found)
        known = distinct(cards[0])
        await bot.answers("again", [known])
        for _ in range(length.repeated):
            found.repeated += await bot.answers("again", [known])
    return found


def _examples() -> Path:
    return REPOSITORY / "examples" / "cards"


async def _alone(pool: ProcessPool, photos: Sequence[bytes]) -> float:
    """Photos a second that the processes read when nothing else is done."""
    began = time.perf_counter()
    await asyncio.gather(*(service.read_photo(pool, photo) for photo in photos))
    return len(photos) / (time.perf_counter() - began)


async def _together(bot: Bot, photos: Sequence[bytes], found: Found) -> None:
    """Several people send theirs at once, mixed, so that each has photos of every kind."""
    began = time.perf_counter()
    waits = await asyncio.gather(
        *(bot.answers(f"reader {number}", photos[number::READERS]) for number in range(READERS))
    )
    found.photos_per_second.append(len(photos) / (time.perf_counter() - began))
    means = [statistics.fmean(each) for each in waits]
    found.unfair.append(max(means) / min(means))


def _report(webhooks: dict[str, Latencies], found: Found, postgres: dict[str, str]) -> Report:
    share = [
        ours / bound
        for ours, bound in zip(found.photos_per_second, found.bound_per_second, strict=True)
    ]
    repeated = Latencies(found.repeated, 0, max(sum(found.repeated), 1e-9))
    report = Report(
        name="cards: the bot in LINE",
        arrival=f"webhooks: Poisson, {EVENTS_PER_SECOND:g} a second of {USERS} people;"
        f" photos: {READERS} people with {PHOTOS_EACH} each at once",
        versions={**harness.versions("fastapi", "rapidocr", "line-bot-sdk"), **postgres},
    )
    rows = [[f"webhook, {name}", *pooled([each]).row()] for name, each in webhooks.items()]
    rows.append(["a photo that came before, to its answer", *repeated.row()])
    reading = [
        ["read by the bot, photos a second", spread(found.photos_per_second)],
        ["read by the processes alone, photos a second", spread(found.bound_per_second)],
        ["share of the bound", spread(share)],
        ["longest mean wait of a person to the shortest", spread(found.unfair)],
    ]
    report.tables += [
        Table("Answers", ["", *COLUMNS], rows),
        Table("Reading, median (range) of the rounds", ["", ""], reading),
    ]
    stopped = webhooks["worker stopped"]
    report.goals += [
        Goal("webhook p99, 50 people", stopped.percentile(99), WEBHOOK_P99_MS, "ms"),
        Goal("webhooks without an answer", float(stopped.failed), 0),
        Goal("share of the bound", statistics.median(share), OF_THE_BOUND, at_most=False),
        Goal("a photo that came before, p50", repeated.percentile(50), REPEATED_MS, "ms"),
        Goal("longest to shortest mean wait", statistics.median(found.unfair), FAIRNESS),
    ]
    return report


if __name__ == "__main__":
    sys.exit(harness.main(measure))
