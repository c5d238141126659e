"""The seed's five performance tests: `python -m benchmarks.cards_model [--quick] [--json]`.

One photo, fifteen people, a batch of fifty, the same photos again, fifty people at once. A model
answers from store after exactly two seconds, fifty calls at a time, no two photos are alike: 1,500
cards a minute are the bound, on any machine. (The seed claims 300.) The fifty send more than that
in an open loop, so that the model has always more to do than it can; what counts as cards a minute
is the rate of answers from the first to the last. LINE, the model and Notion are the sandbox's;
API and workers are processes of their own over a PostgreSQL that flushes every commit. Notion
writes within its own budget, which is a row of its own.
"""

import asyncio
import hashlib
import io
import itertools
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import msgspec
from PIL import Image

from benchmarks import database, harness, load
from benchmarks.figures import COLUMNS, Latencies
from benchmarks.harness import Goal, Report, Table
from benchmarks.line_bot import Arrival, Bot, running_bot
from benchmarks.processes import REPOSITORY
from forthwith.platform import loop
from forthwith.sandbox.knobs import Knobs, Latency
from forthwith.sandbox.line.webhooks import Delivery
from forthwith.sandbox.models import models_sandbox, stored
from forthwith.sandbox.notion import NotionSandbox, notion_sandbox, values
from forthwith.sandbox.notion.workspace import Page

MODEL_SECONDS: Final = 2.0
CALLS_AT_ONCE: Final = 50
CARDS_A_MINUTE: Final = 60 * CALLS_AT_ONCE / MODEL_SECONDS
OF_THE_BOUND: Final = 0.95
FAIRNESS: Final = 1.5
WEBHOOK_P99_MS: Final = 50.0
NOTION_A_SECOND: Final = 2.5
WORKERS: Final = 2
FEW: Final = 15
BATCH: Final = 50
USERS: Final = 50
PHOTOS_A_SECOND: Final = 28.85
"""Of fifty people a photo each 1.7 s: 15 % more than the model can take."""
SINGLE: Final = "single: one photo after the other"
TOGETHER: Final = f"{FEW} people, a photo each"
AS_BATCH: Final = f"a batch of {BATCH}, to its summary"
AGAIN: Final = "cache: the same photos again"
STRESS: Final = f"stress: {USERS} people"
_SPECKLE: Final = (16, 16)

_SURNAMES: Final = "林陳黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐"
_GIVEN: Final = "怡君雅婷志明俊傑淑芬美玲建宏家豪佳蓉心宇子涵冠廷詩涵品妤"

WIDTH: Final = {
    "CARDS_READER": "model",
    # Nobody else answers where fifty calls are under way: a second model would move the bound.
    "OPENAI_API_KEY": "",
    "AI_WAIT_SECONDS": "60",
    "MAX_CONCURRENT_AI": str(CALLS_AT_ONCE),
    "MAX_CONCURRENT": "100",
    "CARDS_NOTION_PHOTOS": "0",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How many photos come one after the other, and how long fifty people send theirs."""

    single: int
    stress_seconds: float
    notion_seconds: float


QUICK: Final = Length(single=5, stress_seconds=20.0, notion_seconds=10.0)
FULL: Final = Length(single=20, stress_seconds=90.0, notion_seconds=60.0)


@dataclass(slots=True)
class Found:
    """Seconds from sending to the answer, by test; what LINE, database and Notion hold then."""

    answers: dict[str, Latencies] = field(default_factory=dict)
    cards_a_minute: float = math.nan
    unfair: float = math.nan
    webhooks: Latencies = field(default_factory=lambda: Latencies([], 0, 1.0))
    states: dict[str, int] = field(default_factory=dict)
    writes_a_second: float = math.nan
    pages: int = 0
    doubled: int = 0
    goes_first: bool = False


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All of it, on a database of its own."""
    length = QUICK if quick else FULL
    with database.disk_folder() as folder, database.database_server(folder) as server_dsn:
        dsn = database.make_database(server_dsn, "modelled")
        database.migrate(dsn)
        found = loop.run(_five_tests(folder, dsn, length))
        return _report(found, length, database.settings_of(server_dsn))


async def _five_tests(folder: Path, dsn: str, length: Length) -> Found:
    answers: dict[str, str] = {}
    photos, found = _photos(answers), Found()
    async with _slow_model(answers) as model, notion_sandbox() as notion:
        environment = {**model, **notion.environment(), **WIDTH}
        async with running_bot(folder, dsn, workers=WORKERS, environment=environment) as bot:
            found.goes_first = bot.goes_first
            await _together(bot, "warm", itertools.islice(photos, 2 * WORKERS))
            known = list(itertools.islice(photos, length.single))
            found.answers[SINGLE] = await _one_by_one(bot, known)
            few = itertools.islice(photos, FEW)
            found.answers[TOGETHER] = await _together(bot, "few", few)
            found.answers[AS_BATCH] = await _batch(bot, list(itertools.islice(photos, BATCH)))
            found.answers[AGAIN] = await _one_by_one(bot, known)
            before = len(await bot.phone.deliveries())
            await _stress(bot, photos, length.stress_seconds, found)
            found.webhooks = _deliveries((await bot.phone.deliveries())[before:])
            found.writes_a_second = await _writes_a_second(notion, length.notion_seconds)
        found.states = await _states(dsn)
    cards = Counter(_card_id(page) for page in notion.workspace.pages.values())
    found.pages, found.doubled = cards.total(), sum(count > 1 for count in cards.values())
    return found


def _photos(answers: dict[str, str]) -> Iterator[bytes]:
    """Cards without end, no two alike, neither the pictures nor the people; what is on each."""
    chance = random.Random(1)  # noqa: S311 - speckles
    paths = itertools.cycle(sorted((REPOSITORY / "examples/cards").glob("*.jpg")))
    for number, (path, name) in enumerate(zip(paths, _names(), strict=False)):
        with Image.open(path) as card:
            speckle = Image.frombytes("RGB", _SPECKLE, chance.randbytes(3 * math.prod(_SPECKLE)))
            card.paste(speckle, (0, 0))
            output = io.BytesIO()
            card.save(output, "JPEG", quality=85)
        photo = output.getvalue()
        answers[hashlib.sha256(photo).hexdigest()] = _answer(name, number)
        yield photo


def _names() -> Iterator[str]:
    return map("".join, itertools.product(_SURNAMES, _GIVEN, _GIVEN))


def _answer(name: str, number: int) -> str:
    """What a model says of a card."""
    card = {
        "name": name,
        "company": "青禾數位股份有限公司",
        "department": None,
        "title": "產品經理",
        "numbers": [{"printed": f"09{number:08}", "kind": "mobile"}],
        "emails": [f"n{number}@example.com"],
        "websites": [],
        "addresses": ["臺北市信義區信義路五段7號"],
        "tax_id": None,
        "line_id": None,
        "notes": None,
    }
    return msgspec.json.encode({"cards": [card]}).decode()


@asynccontextmanager
async def _slow_model(answers: dict[str, str]) -> AsyncIterator[dict[str, str]]:
    """The settings that lead to a model which takes its two seconds for every answer."""
    async with models_sandbox(stored(answers, "{}")) as models, httpx.AsyncClient() as http:
        knobs = Knobs(latency=Latency(p50=MODEL_SECONDS))
        answer = await http.put(
            f"{models.gemini_url}/_sandbox/knobs", content=msgspec.json.encode(knobs)
        )
        answer.raise_for_status()
        yield models.environment()


async def _one_by_one(bot: Bot, photos: Sequence[bytes]) -> Latencies:
    """One person's photos, each sent once the last one is answered."""
    began = time.perf_counter()
    seconds = [(await bot.answers("single", [photo]))[0] for photo in photos]
    return Latencies(seconds, 0, time.perf_counter() - began)


async def _together(bot: Bot, name: str, photos: Iterable[bytes]) -> Latencies:
    """Several people send one each at once."""
    began = time.perf_counter()
    waits = await asyncio.gather(
        *(bot.answers(f"{name} {number}", [photo]) for number, photo in enumerate(photos))
    )
    return Latencies(list(itertools.chain(*waits)), 0, time.perf_counter() - began)


async def _stress(bot: Bot, photos: Iterator[bytes], seconds: float, found: Found) -> None:
    """Fifty people in turns, at the moments of a Poisson process whether answered or not."""
    people = itertools.cycle([f"many {number}" for number in range(USERS)])
    moments = load.poisson(PHOTOS_A_SECOND, seconds, seed=1)
    arrivals = [Arrival(*each) for each in zip(moments, people, photos, strict=False)]
    answered = (await bot.answers_to(arrivals)).values()
    waits = [each.waits for each in answered]
    came = sorted(itertools.chain(*(each.came for each in answered)))
    began = min(each.due[0] for each in answered)
    found.answers[STRESS] = Latencies(list(itertools.chain(*waits)), 0, came[-1] - began)
    found.cards_a_minute = 60 * (len(came) - 1) / (came[-1] - came[0])
    means = [statistics.fmean(each) for each in waits]
    found.unfair = max(means) / min(means)


async def _batch(bot: Bot, photos: Sequence[bytes]) -> Latencies:
    """One person's photos between the two commands; until the summary is there."""
    await bot.says("batch", "批次")
    began = time.perf_counter()
    for photo in photos:
        await bot.phone.send_images("batch", [photo], image_set=False)
    await bot.says("batch", "結束批次")
    elapsed = time.perf_counter() - began
    return Latencies([elapsed] * len(photos), 0, elapsed)


def _deliveries(sent: Sequence[Delivery]) -> Latencies:
    """How soon webhooks were taken while photos were worked on."""
    taken = [each.milliseconds / 1000 for each in sent if each.outcome == "200"]
    return Latencies(taken, len(sent) - len(taken), max(sum(taken), 1e-9))


async def _writes_a_second(notion: NotionSandbox, seconds: float) -> float:
    """Requests that Notion took, while more wait than it may be sent."""
    before, began = await _requests(notion), time.perf_counter()
    await asyncio.sleep(seconds)
    return (await _requests(notion) - before) / (time.perf_counter() - began)


async def _requests(notion: NotionSandbox) -> int:
    async with httpx.AsyncClient() as http:
        log = await http.get(f"{notion.url}/_sandbox/log")
    return max((entry["number"] for entry in log.json()), default=0)


def _card_id(page: Page) -> str:
    return str(values.plain(page.properties()["Card ID"]))


async def _states(dsn: str) -> dict[str, int]:
    """What became of the photos."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("select state, count(*) from cards.line_photos group by 1")
    finally:
        await connection.close()
    return {row["state"]: row["count"] for row in rows}


def _report(found: Found, length: Length, postgres: dict[str, str]) -> Report:
    photos = sum(found.states.values())
    report = Report(
        name="cards: the seed's five tests, with a model",
        arrival=f"stress: open loop, {PHOTOS_A_SECOND} photos/s of {USERS} people for"
        f" {length.stress_seconds:g} s; a model of {MODEL_SECONDS:g} s, {CALLS_AT_ONCE} calls at"
        f" once, {WORKERS} workers",
        versions={**harness.versions("fastapi", "pydantic-ai-slim", "line-bot-sdk"), **postgres},
    )
    rows = [[name, *each.row()] for name, each in found.answers.items()]
    rows.append(["webhooks during the last test", *found.webhooks.row()])
    others = [
        [
            "cards a minute, fifty people",
            f"{found.cards_a_minute:.0f} of {CARDS_A_MINUTE:.0f}; the seed: 300",
        ],
        ["longest mean wait of a person to the shortest", f"{found.unfair:.2f}"],
        ["photos by outcome", ", ".join(f"{k} {v}" for k, v in sorted(found.states.items()))],
        ["requests a second to Notion", f"{found.writes_a_second:.2f} of {NOTION_A_SECOND:g}"],
        ["pages in Notion so far", f"{found.pages}, {found.doubled} cards with two"],
        ["load and vendors had the cores first", "yes" if found.goes_first else "no"],
    ]
    report.tables += [
        Table("From sending to the answer", ["", *COLUMNS], rows),
        Table("Together", ["", ""], others),
    ]
    report.goals += [
        Goal("photos that became contacts", found.states.get("done", 0) / photos, 1, at_most=False),
        Goal(
            "share of the bound, fifty people",
            found.cards_a_minute / CARDS_A_MINUTE,
            OF_THE_BOUND,
            at_most=False,
        ),
        Goal("longest to shortest mean wait", found.unfair, FAIRNESS),
        Goal("webhook p99", found.webhooks.percentile(99), WEBHOOK_P99_MS, "ms"),
        Goal("cards with two pages", found.doubled, 0),
    ]
    return report


if __name__ == "__main__":
    sys.exit(harness.main(measure))
